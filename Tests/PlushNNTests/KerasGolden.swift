import Foundation
import PlushEngine
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// A file of values that Keras computed; `Golden/golden.py` made those that came from nowhere else.
func golden(_ name: String) throws -> JSON {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  let file = folder.appending(path: "Golden/\(name).json")
  return try JSON(parsing: Data(contentsOf: file))
}

extension JSON {
  /// The array that golden files write as type, shape and numbers.
  var tensor: Tensor {
    let shape = (self["shape"]?.array ?? []).compactMap(\.int)
    let numbers = (self["data"]?.array ?? []).map { $0.double ?? .nan }
    return Tensor(numbers, shape: shape, dtype: .float64)
      .cast(to: DType(name: self["dtype"]?.string ?? "") ?? .float32)
  }

  /// The golden case's name, or what names it best.
  var caseName: String {
    self["name"]?.string
      ?? (try? JSON.array([self["class_name"] ?? "", self["config"] ?? ""]).text())
      ?? ""
  }
}

/// The array in a NumPy file.
func readNPY(_ path: String) throws -> Tensor {
  try NPY(file: path).tensor
}

/// Whether two arrays agree within a part of each value and an absolute difference.
func expectClose(
  _ found: Tensor, _ expected: Tensor, relative: Double = 1e-5, absolute: Double = 1e-6,
  _ comment: String, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(found.shape == expected.shape, "\(comment)", sourceLocation: sourceLocation)
  guard found.shape == expected.shape else { return }
  let pairs = zip(found.dataSync(as: Double.self), expected.dataSync(as: Double.self))
  let isClose = pairs.allSatisfy { abs($0 - $1) <= absolute + relative * abs($1) }
  #expect(
    isClose, "\(comment): \(found.dataSync()) is not \(expected.dataSync())",
    sourceLocation: sourceLocation)
}
