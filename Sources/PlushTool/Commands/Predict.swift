import ArgumentParser
import Plush
import PlushMedia
import PlushZoo

/// `plush predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a trained network, or any model, answer for the samples in files.",
    discussion: """
      Tables (.csv) hold a sample in each row, with the columns that the network was trained \
      with; IDX files hold pictures. Either may be packed with gzip. Networks that mark pictures \
      read PNG and JPEG of any size and write the mask and the marked picture as PNG.

      Any other model (.keras, .h5, .onnx, a folder of TensorFlow.js) takes arrays of NumPy (.npy, .npz), \
      tables of its numbers, and, where its input has the shape of pictures, pictures, brought to \
      its size and to values from 0 to 1.

      EXAMPLES
        plush predict mlp t10k-images-idx3-ubyte.gz
        plush predict models/titanic passengers.csv --json
        plush predict unet cells.png --out marked
        plush predict model.keras samples.npy --out answers.npy
        plush predict classifier.h5 cat.jpg dog.jpg
        plush predict detector.onnx samples.npz --json
      """)

  @Argument(
    help: "The folder or file of the model, or its name if it is in models/.",
    completion: .file())
  var model: String

  @Argument(help: "Files with samples.", completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp(
      """
      The folder for pictures that a network of the zoo makes, named after their files \
      (cells-mask.png, cells-overlay.png); the current one unless another is named. Of any other \
      model the file that its outputs are written into, .npy, or .npz for several.
      """,
      valueName: "path"), completion: .file())
  var out: String?

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() throws {
    if try !isOfZoo { return try predict(with: try ModelFile(model).load()) }
    let trained = try TrainedNetwork(ModelFolder(named: model))
    var written: Set<String> = []
    for file in files {
      for (row, answer) in try trained.answers(to: file).enumerated() {
        let pictures = try write(answer.pictures, of: file, beside: &written)
        if json {
          var line = answer.json
          line["file"] = .string(file)
          line["sample"] = .int(row)
          for (name, path) in pictures { line[name] = .string(path) }
          printJSON(line)
        } else {
          let place = files.count > 1 ? "\(file) " : ""
          let paths = pictures.map { "  \($0.path)" }.joined()
          writeOutput("\(place)\(row)  \(answer.text)\(paths)\n")
        }
      }
    }
  }

  /// Writes what an answer shows, and tells the paths; no file of this run is written twice.
  private func write(
    _ pictures: [String: Picture], of file: String, beside written: inout Set<String>
  ) throws -> [(name: String, path: String)] {
    if pictures.isEmpty { return [] }
    let folder = out ?? "."
    try FileSystem.createDirectory(folder)
    let inputs = Set(files.map { FileSystem.resolved($0) ?? $0 })
    return try pictures.sorted { $0.key < $1.key }.map { name, picture in
      let place = folder == "." ? "" : "\(folder)/"
      let path = "\(place)\(stem(file))-\(name).png"
      guard written.insert(path).inserted else {
        throw ZooError(
          "\(path) would be written for two files of the same name",
          hint: "answer for them one after another, with a folder of its own each in --out")
      }
      if let existing = FileSystem.resolved(path), inputs.contains(existing) {
        throw ZooError(
          "\(path) is one of the files to answer for and would be overwritten",
          hint: "choose another folder with --out")
      }
      try picture.write(to: path)
      return (name, path)
    }
  }

  /// Whether the model was trained here; what is not there at all counts as such.
  private var isOfZoo: Bool {
    get throws {
      if try PathStatus(model).isFile { return false }
      let folder = ModelFolder(named: model)
      let isModel = try PathStatus("\(folder.path)/model.json").isFile
      return try !isModel || folder.record() != nil
    }
  }

  /// Answers of a model that is not of the zoo: its numbers.
  private func predict(with model: Model) throws {
    // A graph of ONNX knows its inputs only then.
    try model.build()
    var all: [[Tensor]] = []
    for (file, inputs) in try ModelInput(model: model).batches(files) {
      let outputs = try model.predict(inputs)
      if out == nil { show(outputs, file, model) }
      all.append(outputs)
    }
    guard let out else { return }
    let joined = model.outputNames.indices.map { place in
      concatenate(all.map { $0[place] }, axis: 0)
    }
    if joined.count == 1 {
      try NPY(joined[0]).write(to: out)
    } else {
      try NPZ(zip(model.outputNames, joined).map { NamedArray($0, $1) }).write(to: out)
    }
    if !json { writeOutput("\(out) is written\n") }
  }

  private func show(_ outputs: [Tensor], _ file: String, _ model: Model) {
    let values = outputs.map { $0.cast(to: .float32).dataSync() }
    let count = outputs.first?.shape.first ?? 0
    for sample in 0..<count {
      let rows = values.map { all in
        let size = all.count / count
        return Array(all[sample * size..<(sample + 1) * size])
      }
      if json {
        printJSON([
          "file": .string(file), "sample": .int(sample),
          "outputs": .object(
            Dictionary(
              uniqueKeysWithValues: zip(
                model.outputNames, rows.map { .array($0.map { .double(Double($0)) }) }))),
        ])
      } else {
        let place = files.count > 1 ? "\(file) " : ""
        let text = rows.map { row in
          let shown = row.prefix(12).map { "\($0)" }.joined(separator: " ")
          return row.count > 12 ? "\(shown) … (\(row.count))" : shown
        }
        writeOutput("\(place)\(sample)  \(text.joined(separator: "  "))\n")
      }
    }
  }
}

extension PathStatus {
  fileprivate var isFile: Bool { if case .file = self { true } else { false } }
}
