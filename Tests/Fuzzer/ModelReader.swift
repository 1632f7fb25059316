import Foundation
import Plush

/// Reads folders with a model of which one file is damaged.
struct ModelReader {
  private let folder: String
  /// Sound descriptions.
  let samples: [[UInt8]]
  /// The weights of the first.
  let weights: [UInt8]

  init(_ folder: String) throws {
    self.folder = folder + "/model"
    let models = try Self.models()
    var samples: [[UInt8]] = []
    for model in models {
      try model.save(to: self.folder)
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
    _ = FileManager.default.createFile(atPath: folder + "/" + name, contents: Data(bytes))
    group["paths"] = [.string(name)]
    return [group]
  }

  private static func models() throws -> [Model] {
    let row = Sequential {
      Dense(3, activation: .relu, kernelRegularizer: .l2(0.1), inputShape: [2])
      BatchNormalization()
      Dropout(0.5)
      Dense(2, activation: .softmax)
    }
    try row.compile(optimizer: .adam, loss: .categoricalCrossentropy, metrics: [.accuracy])
    let picture = Sequential {
      Conv2D(2, kernelSize: 3, padding: .same, inputShape: [6, 6, 1])
      MaxPooling2D(poolSize: 2)
      DepthwiseConv2D(kernelSize: 2)
      UpSampling2D((2, 2))
      Flatten()
      Reshape([4, 8])
      Permute([2, 1])
      LayerNormalization()
    }
    let tokens = Input(shape: [4])
    let x = TokenAndPositionEmbedding(
      vocabularySize: 5, sequenceLength: 4, embeddingDimension: 4, maskZero: true)(tokens)
    let attended = MultiHeadAttention(heads: 2, keyDimension: 2, useCausalMask: true)(
      query: x, value: x)
    let pooled = GlobalAveragePooling1D()(Add()([x, TimeDistributed(Dense(4))(attended)]))
    let graph = try Model(
      inputs: tokens, outputs: EinsumDense("ab,bc->ac", outputShape: [2])(pooled))
    return [row, picture, graph]
  }

  func read(json: [UInt8]) throws {
    _ = FileManager.default.createFile(atPath: folder + "/model.json", contents: Data(json))
    _ = try loadModel(from: folder)
  }

  func read(weights: [UInt8]) throws {
    _ = FileManager.default.createFile(atPath: folder + "/w0.bin", contents: Data(weights))
    try read(json: samples[0])
  }
}
