import ArgumentParser
import Plush
import PlushONNX
import PlushZoo

/// `plush summary`
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the layers of a model or network and how many weights they have.",
    discussion: """
      EXAMPLES
        plush summary mlp
        plush summary models/mlp
        plush summary resnet.onnx
      """)

  @Argument(help: "A network, the folder of a model, or an ONNX file.", completion: .file())
  var model: String

  func run() throws {
    if let network = Zoo.networks.first(where: { $0.name == model }) {
      try network.model().summary()
    } else if model.lowercased().hasSuffix(".onnx") {
      try ONNX.load(model).summary()
    } else if model.contains("/") {
      try ModelFolder(model).load().summary()
    } else {
      do {
        try ModelFolder(model).load().summary()
      } catch is ZooError {
        _ = try Zoo.network(named: model)
      }
    }
  }
}
