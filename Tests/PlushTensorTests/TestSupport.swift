import Foundation
import PlushEngine
import PlushTensor
import Testing

/// The devices that every test runs on.
let devices: [any Device] = [ReferenceDevice(), CPUDevice.shared]

func bytes(of path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

/// Whether two arrays agree: NaN with NaN, infinities exactly, others within the tolerance.
func expectClose(
  _ actual: Tensor, _ expected: Tensor, relative: Double = 1e-5, absolute: Double = 1e-6,
  _ comment: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(actual.shape == expected.shape, "\(comment)", sourceLocation: sourceLocation)
  guard actual.shape == expected.shape else { return }
  let actual = actual.dataSync(as: Double.self)
  let expected = expected.dataSync(as: Double.self)
  let isClose = zip(actual, expected).allSatisfy { a, e in
    if e.isNaN || a.isNaN { return e.isNaN && a.isNaN }
    return a == e || abs(a - e) <= absolute + relative * abs(e)
  }
  #expect(isClose, "\(comment): \(actual) is not \(expected)", sourceLocation: sourceLocation)
}

extension Sequence<Double> {
  var mean: Double {
    let values = Array(self)
    return values.reduce(0, +) / Double(values.count)
  }
}
