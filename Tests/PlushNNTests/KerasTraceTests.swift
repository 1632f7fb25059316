import PlushData
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Twenty steps that Keras recorded, step by step.
@Suite(.enabled(if: conformance != nil)) struct KerasTraceTests {
  static let traces = [
    "train_sgd", "train_sgd_momentum", "train_sgd_nesterov", "train_adam", "train_adam_amsgrad",
    "train_rmsprop", "train_rmsprop_centered_momentum",
  ]

  @Test(arguments: traces) func mlp(_ trace: String) throws {
    let folder = "\(conformance ?? "")/keras/mlp/\(trace)"
    let record = try JSON(file: "\(folder)/trace.json")
    let model = Sequential {
      Dense(16, activation: .relu, inputShape: [5], name: "d1")
      Dense(8, activation: .tanh, name: "d2")
      Dense(3, activation: .softmax, name: "d3")
    }
    try model.loadWeights(from: "\(folder)/init.safetensors")
    let optimizer = try Optimizers.make(
      try record["optimizer"]!.get("class_name", \.string),
      config: try record["optimizer"]!.get("config") { $0 })
    try model.compile(optimizer: optimizer, loss: .categoricalCrossentropy)
    let (x, y) = (try NPY("\(folder)/x_0.npy"), try NPY("\(folder)/y_0.npy"))
    let losses = try record.get("losses", \.array).compactMap(\.double)
    for (step, loss) in losses.enumerated() {
      let found = try model.trainOnBatch(
        Tensor(Array(x.values[40 * step..<40 * step + 40]), shape: [8, 5]),
        Tensor(Array(y.values[24 * step..<24 * step + 24]), shape: [8, 3]))
      #expect(abs(Double(found) - loss) < 1e-5, "step \(step)")
    }
    for array in try Safetensors(file: "\(folder)/final.safetensors").arrays {
      let weight = model.namedWeights.first { $0.name == array.name }
      #expect(isClose(try #require(weight).variable.value, array.tensor, tolerance: 5e-5))
    }
  }
}
