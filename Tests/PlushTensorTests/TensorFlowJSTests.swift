import Foundation
import PlushConformance
import PlushEngine
import PlushNN
import PlushTensor
import Testing

/// Cases recorded from TensorFlow.js's own tests, where the environment tells their folder.
@Suite struct TensorFlowJSTests {
  static let folder = ProcessInfo.processInfo.environment["PLUSH_CONFORMANCE"]

  @Test(.enabled(if: folder != nil), arguments: [("core", 1600), ("layers", 500)])
  func agreesWithTensorFlowJS(_ file: String, atLeast count: Int) throws {
    let json = try JSON(parsing: try bytes(of: "\(Self.folder!)/tfjs/\(file).json"))
    let cases = try TensorFlowJSCase.all(in: json)
    for device in devices {
      let outcomes = withDevice(device) { cases.map { $0.run() } }
      for (test, outcome) in zip(cases, outcomes) {
        if case .failed(let reason) = outcome {
          Issue.record("\(device.name) \(test.name): \(reason)")
        }
      }
      let passed = outcomes.count { $0 == .passed }
      #expect(passed > count, "\(passed) cases")
    }
  }
}
