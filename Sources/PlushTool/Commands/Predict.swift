import ArgumentParser
import Plush
import PlushZoo

/// `plush predict`
struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a trained network answer for the samples in files.",
    discussion: """
      Tables (.csv) hold a sample in each row, with the columns that the network was trained \
      with; IDX files hold pictures. Either may be packed with gzip.

      EXAMPLES
        plush predict mlp t10k-images-idx3-ubyte.gz
        plush predict models/titanic passengers.csv --json
      """)

  @Argument(
    help: "The folder of the model, or the network if it is in models/.", completion: .directory)
  var model: String

  @Argument(help: "Files with samples.", completion: .file())
  var files: [String]

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() throws {
    let trained = try TrainedNetwork(ModelFolder(named: model))
    for file in files {
      let answers = try trained.answers(to: file)
      for (row, answer) in answers.enumerated() {
        if json {
          var line = answer.json
          line["file"] = .string(file)
          line["sample"] = .int(row)
          printJSON(line)
        } else {
          let place = files.count > 1 ? "\(file) " : ""
          writeOutput("\(place)\(row)  \(answer.text)\n")
        }
      }
    }
  }
}
