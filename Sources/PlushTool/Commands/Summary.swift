import ArgumentParser
import Plush
import PlushZoo

/// `plush summary`
struct Summary: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the layers of a model or network, or the arrays in a file of weights.",
    discussion: """
      EXAMPLES
        plush summary mlp
        plush summary models/mlp
        plush summary model.keras
        plush summary weights.safetensors
        plush summary resnet.onnx
      """)

  @Argument(help: "A network, or the folder or file of a model.", completion: .file())
  var model: String

  func run() throws {
    if let network = Zoo.networks.first(where: { $0.name == model }) {
      try network.model().summary()
    } else if case .file = try PathStatus(model) {
      try summarizeFile()
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

  private func summarizeFile() throws {
    let file = ModelFile(model)
    guard try !file.isONNX && ModelFormat(contentOf: model).holdsOnlyWeights else {
      try file.load().summary()
      return
    }
    let arrays = try NamedArray.all(in: model)
    let rows = arrays.map { [$0.name, "\($0.shape)", $0.dtype.name] }
    let widths = (0..<2).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0.padded(to: $1) }
      writeOutput("\(cells.joined(separator: "  "))  \(row[2])\n")
    }
    let count = arrays.reduce(0) { $0 + $1.shape.reduce(1, *) }
    writeOutput("\(arrays.count) arrays, \(count) numbers\n")
  }
}
