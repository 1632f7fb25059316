import ArgumentParser
import Plush
import PlushONNX
import PlushZoo

extension Conformance {
  /// `plush conformance export-onnx`
  struct ExportONNX: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "export-onnx",
      abstract: "Write models as ONNX with inputs and outputs, for other programs to compare.",
      discussion: """
        Writes a folder for each network of the zoo and for each model among those given: \
        model.onnx, input_N.npy and output_N.npy. Arrays of these names beside a model given are \
        used, so that outputs recorded elsewhere are what the file must give. \
        scripts/interchange_onnx lets ONNX Runtime compute them.

        EXAMPLES
          plush conformance export-onnx cases
          plush conformance export-onnx cases models/cnn
        """)

    @Argument(help: "The folder to write to.", completion: .directory)
    var folder: String

    @Argument(
      help: "Folders of models, or with a model.keras, input_N.npy and output_N.npy beside it.")
    var models: [String] = []

    func run() throws {
      for network in Zoo.networks { try export(network.name) { try network.model() } }
      for path in models { try export(path.split(separator: "/").joined(separator: "-"), path) }
    }

    private func export(_ name: String, _ path: String) throws {
      let names = FileSystem.names(in: path).sorted()
      func arrays(_ kind: String) throws -> [Tensor] {
        try names.filter { $0.hasPrefix(kind) && $0.hasSuffix(".npy") }
          .map { try NPY(file: "\(path)/\($0)").tensor }
      }
      let file = ["model.keras", "tfjs"].first(where: names.contains).map { "\(path)/\($0)" }
      try export(name, inputs: try arrays("input_"), outputs: try arrays("output_")) {
        try loadModel(from: file ?? path)
      }
    }

    private func export(
      _ name: String, inputs: [Tensor] = [], outputs: [Tensor] = [], _ make: () throws -> Model
    ) throws {
      do {
        let model = try make()
        try model.build()
        seed(1)
        let inputs = inputs.isEmpty ? drawn(for: model) : inputs
        let given = inputs.map { tensor -> Shape in [nil] + tensor.shape.dropFirst().map { $0 } }
        let bytes = try ONNX.bytes(of: model, inputShapes: given)
        let outputs = outputs.isEmpty ? try model.predict(inputs) : outputs
        let target = "\(folder)/\(name)"
        try FileSystem.createDirectory(target)
        try writeFile("\(target)/model.onnx", bytes)
        for (place, tensor) in inputs.enumerated() {
          try NPY(tensor).write(to: "\(target)/input_\(place).npy")
        }
        for (place, tensor) in outputs.enumerated() {
          try NPY(tensor).write(to: "\(target)/output_\(place).npy")
        }
        writeOutput("exported \(name)\n")
      } catch let error as any PlushError {
        writeOutput("failed: \(name): \(error)\n")
      }
    }

    /// Three samples; tokens are 0 and 1, which every table knows.
    private func drawn(for model: Model) -> [Tensor] {
      let readsTokens = model.layers.first { !($0 is InputLayer) } is Embedding
      return zip(model.inputShapes, model.inputTypes).map { shape, dtype in
        let sizes = [3] + shape.dropFirst().map { $0 ?? 32 }
        let dtype = readsTokens ? .int32 : dtype
        if dtype.isFloating { return .randomNormal(sizes) }
        return .randomUniform(sizes, low: 0, high: 2, dtype: dtype)
      }
    }
  }
}
