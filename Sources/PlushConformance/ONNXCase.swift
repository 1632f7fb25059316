import PlushData
import PlushEngine
import PlushONNX
import PlushTensor

/// A case of ONNX's backend tests: a model, inputs and expected outputs.
///
/// Its folder holds `model.onnx` and folders `test_data_set_N` with `input_M.pb` and `output_M.pb`.
package struct ONNXCase: ConformanceCase {
  package let name: String
  private let folder: String

  /// The cases of a folder of KIND/NAME cases, in the order of their names.
  ///
  /// - Throws: `FileError` if there are none.
  package static func all(in folder: String) throws -> [ONNXCase] {
    let cases = FileSystem.names(in: folder).sorted().flatMap { kind in
      FileSystem.names(in: "\(folder)/\(kind)").sorted()
        .filter { FileSystem.names(in: "\(folder)/\(kind)/\($0)").contains("model.onnx") }
        .map { ONNXCase(name: "\(kind)/\($0)", folder: "\(folder)/\(kind)/\($0)") }
    }
    guard !cases.isEmpty else {
      throw FileError(
        .missing, folder, expected: "folders KIND/NAME with a model.onnx", found: "none")
    }
    return cases
  }

  package func run() -> ConformanceOutcome {
    do {
      let model = try ONNX.load("\(folder)/model.onnx")
      let sets = FileSystem.names(in: folder).filter { $0.hasPrefix("test_data_set_") }.sorted()
      for set in sets {
        let inputs = try tensors("\(folder)/\(set)", "input_")
        let expected = try tensors("\(folder)/\(set)", "output_")
        let results = try model.run(inputs)
        guard results.count == expected.count else {
          return .failed("\(results.count) outputs instead of \(expected.count)")
        }
        for (number, (result, expected)) in zip(results, expected).enumerated() {
          if let difference = difference(result, expected) {
            return .failed("output \(number): \(difference)")
          }
        }
      }
      return sets.isEmpty ? .skipped("the case expects nothing") : .passed
    } catch {
      return .failed("\(error)")
    }
  }

  private func tensors(_ folder: String, _ prefix: String) throws -> [Tensor] {
    let count = FileSystem.names(in: folder).filter { $0.hasPrefix(prefix) }.count
    return try (0..<count).map {
      try ONNX.tensor(bytes: try readFile("\(folder)/\(prefix)\($0).pb"))
    }
  }

  /// What differs by more than ONNX's own runner allows.
  private func difference(_ result: Tensor, _ expected: Tensor) -> String? {
    if result.dtype != expected.dtype {
      return "type \(result.dtype) instead of \(expected.dtype)"
    }
    if result.shape != expected.shape {
      return "shape \(result.shape) instead of \(expected.shape)"
    }
    let pairs = zip(result.dataSync(as: Double.self), expected.dataSync(as: Double.self))
    for (index, (a, e)) in pairs.enumerated() {
      let isClose = a == e || abs(a - e) <= 1e-7 + 1e-3 * abs(e) || (a.isNaN && e.isNaN)
      if !isClose { return "element \(index) is \(a) instead of \(e)" }
    }
    return nil
  }
}
