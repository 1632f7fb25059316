import Plush
import PlushFormats

/// Reads folders with a model of which one file is damaged.
struct ModelReader {
  private let folder: String
  /// Sound descriptions.
  let samples: [[UInt8]]
  /// The weights of the first.
  let weights: [UInt8]

  init(_ folder: String) throws {
    self.folder = folder + "/model"
    var samples: [[UInt8]] = []
    let models = try SoundModels.all()
    let kinds: [WeightQuantization?] = [nil, nil, nil, .uint8]
    for (model, kind) in zip(models + [models[0]], kinds) {
      try model.save(to: self.folder, SaveOptions(quantization: kind))
      var json = try JSON(file: self.folder + "/model.json")
      json["weightsManifest"] = try Self.renamed(json, in: self.folder, to: "w\(samples.count).bin")
      samples.append(Array(try json.text().utf8))
    }
    self.samples = samples
    weights = try readFile(self.folder + "/w0.bin")
  }

  /// The manifest with its file under another name, which the next model leaves there.
  private static func renamed(_ json: JSON, in folder: String, to name: String) throws -> JSON {
    var group = json["weightsManifest"]?[0] ?? .null
    let old = try group.get("paths") { $0[0]?.string }
    let bytes = try readFile(folder + "/" + old)
    try replaceFile(folder + "/" + name, bytes)
    group["paths"] = [.string(name)]
    return [group]
  }

  func read(json: [UInt8]) throws {
    try replaceFile(folder + "/model.json", json)
    _ = try loadModel(from: folder)
  }

  func read(weights: [UInt8]) throws {
    try replaceFile(folder + "/w0.bin", weights)
    try read(json: samples[0])
  }
}
