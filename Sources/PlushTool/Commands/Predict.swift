import ArgumentParser
import Plush
import PlushMedia
import PlushZoo

/// `plush predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a trained network answer for the samples in files.",
    discussion: """
      Tables (.csv) hold a sample in each row, with the columns that the network was trained \
      with; IDX files hold pictures. Either may be packed with gzip. Networks that mark pictures \
      read PNG and JPEG of any size and write the mask and the marked picture as PNG.

      EXAMPLES
        plush predict mlp t10k-images-idx3-ubyte.gz
        plush predict models/titanic passengers.csv --json
        plush predict unet cells.png --out marked
      """)

  @Argument(
    help: "The folder of the model, or the network if it is in models/.", completion: .directory)
  var model: String

  @Argument(help: "Files with samples.", completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Where pictures are written, named after their files: cells-mask.png, cells-overlay.png.",
      valueName: "folder"),
    completion: .directory)
  var out = "."

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() throws {
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
    try FileSystem.createDirectory(out)
    let inputs = Set(files.map { FileSystem.resolved($0) ?? $0 })
    return try pictures.sorted { $0.key < $1.key }.map { name, picture in
      let path = out == "." ? "\(stem(file))-\(name).png" : "\(out)/\(stem(file))-\(name).png"
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
}
