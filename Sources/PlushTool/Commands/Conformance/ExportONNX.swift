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
        model.onnx, input_N.npy and output_N.npy. scripts/interchange_onnx lets ONNX Runtime \
        compute them.

        EXAMPLES
          plush conformance export-onnx cases
          plush conformance export-onnx cases models/cnn
        """)

    @Argument(help: "The folder to write to.", completion: .directory)
    var folder: String

    @Argument(help: "Folders of models, with their input_N.npy beside them if they have such.")
    var models: [String] = []

    func run() throws {
      for network in Zoo.networks { try export(network.name) { try network.model() } }
      for path in models { try export(path.split(separator: "/").joined(separator: "-"), path) }
    }

    private func export(_ name: String, _ path: String) throws {
      let inputs = FileSystem.names(in: path).filter { $0.hasPrefix("input_") }.sorted()
      try export(name, inputs: inputs.map { try NPY(file: "\(path)/\($0)").tensor }) {
        let isNested = FileSystem.names(in: path).contains("tfjs")
        return try loadModel(from: isNested ? "\(path)/tfjs" : path)
      }
    }

    private func export(_ name: String, inputs: [Tensor] = [], _ make: () throws -> Model) throws {
      do {
        let model = try make()
        try model.build()
        seed(1)
        let inputs = inputs.isEmpty ? model.inputShapes.map(draw) : inputs
        let given = inputs.map { tensor -> Shape in [nil] + tensor.shape.dropFirst().map { $0 } }
        let bytes = try ONNX.bytes(of: model, inputShapes: given)
        let outputs = try model.predict(inputs)
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

    /// Three samples.
    private func draw(_ shape: Shape) -> Tensor {
      Tensor.randomNormal([3] + shape.dropFirst().map { $0 ?? 32 })
    }
  }
}
