import ArgumentParser
import Plush
import PlushONNX
import PlushZoo

/// The `plush` command.
@main
struct PlushCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plush",
    abstract: "Train and use neural networks.",
    discussion: """
      EXAMPLES
        plush train xor                       a first network, in a moment
        plush train mlp                       read handwritten digits
        plush evaluate models/mlp             its accuracy on the test digits
        plush predict models/mlp digits.idx   what it sees in pictures
        plush convert model.keras web         a model of Keras for the browser
        plush new my-network                  a project of your own
        plush doctor                          what this machine has to offer

      The networks are:
      \(Zoo.networks.map { "  \($0.name.padded(to: 12)) \($0.summary)" }.joined(separator: "\n"))
      """,
    version: "plush \(plushVersion)",
    subcommands: [
      Train.self, Evaluate.self, Predict.self, Generate.self, Format.self, TranslateCommand.self,
      Convert.self, Summary.self, Inspect.self, New.self, Bench.self, Conformance.self, Doctor.self,
    ])

  static func main() async {
    // Folders and files of Keras may hold models that were converted from ONNX.
    ONNXModel.register()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      fail(error)
    }
  }
}

/// The version of the tool.
let plushVersion = "0.1.0"
