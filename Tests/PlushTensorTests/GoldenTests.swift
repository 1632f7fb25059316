import PlushEngine
import PlushTensor
import Testing

/// Values and gradients that JAX computed.
@Suite struct GoldenTests {
  static let groups = [
    "elementwise", "broadcast", "matmul", "reductions", "shape", "embedding", "norm", "attention",
    "signal", "conv", "pooling", "resize", "rnn",
  ]

  @Test(arguments: groups) func agreesWithGoldenValues(_ group: String) throws {
    let cases = try GoldenCase.read([group])
    #expect(!cases.isEmpty)
    for device in devices { withDevice(device) { cases.forEach(check) } }
  }

  func check(_ test: GoldenCase) {
    let inputs = test.inputs
    guard let outputs = GoldenRunner.run(test, inputs) else {
      Issue.record("\(test.name): the operator \(test.operation) is unknown")
      return
    }
    let expected = test.outputs
    #expect(outputs.map(\.type) == expected.map(\.type), "\(test.name)")
    for (output, expected) in zip(outputs, expected) {
      expectClose(
        output, expected, relative: test.relative, absolute: test.absolute, test.name)
    }
    checkGradients(test, inputs)
  }

  func checkGradients(_ test: GoldenCase, _ inputs: [String: Tensor]) {
    let names = test.gradients.keys.sorted()
    if names.isEmpty { return }
    let results = gradient(at: names.map { inputs[$0]! }) { arguments in
      let inputs = inputs.merging(zip(names, arguments)) { $1 }
      let outputs = GoldenRunner.run(test, inputs)!
      return zip(outputs.filter(\.dtype.isFloating), test.cotangents)
        .map { ($0 * $1).sum() }.reduce(Tensor.zeros([]), +)
    }
    for (name, gradient) in zip(names, results) {
      expectClose(
        gradient, test.gradients[name]!, relative: test.relative, absolute: test.absolute,
        "\(test.name), gradient at \(name)")
    }
  }
}
