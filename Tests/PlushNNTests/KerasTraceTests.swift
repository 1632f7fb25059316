import PlushData
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Twenty steps that Keras recorded, step by step.
@Suite(.enabled(if: conformance != nil)) struct KerasTraceTests {
  static let traces = [
    "adadelta", "adagrad", "adam", "adam_amsgrad", "adam_cosine_warmup", "adam_ema", "adamax",
    "adamw", "ftrl", "lamb", "lion", "nadam", "rmsprop", "rmsprop_centered_momentum", "sgd",
    "sgd_clipnorm", "sgd_clipvalue", "sgd_expdecay", "sgd_global_clipnorm", "sgd_momentum",
    "sgd_nesterov",
  ]

  @Test(arguments: traces) func mlp(_ trace: String) throws {
    let model = Sequential {
      Dense(16, activation: .relu, inputShape: [5], name: "d1")
      Dense(8, activation: .tanh, name: "d2")
      Dense(3, activation: .softmax, name: "d3")
    }
    try replay("train_\(trace)", model, .categoricalCrossentropy)
  }

  @Test func regularizersAndConstraints() throws {
    let model = Sequential {
      Dense(
        8, activation: .relu, kernelRegularizer: .l1l2(l1: 0.01, l2: 0.02),
        biasRegularizer: .l2(0.01), kernelConstraint: .maxNorm(0.8), inputShape: [5], name: "d1")
      Dense(2, kernelRegularizer: .l2(0.01), kernelConstraint: .nonNegative, name: "d2")
    }
    try replay("train_regularized_constrained", model, .meanSquaredError)
  }

  private func replay(_ trace: String, _ model: Model, _ loss: Loss) throws {
    let folder = "\(conformance ?? "")/keras/mlp/\(trace)"
    let record = try JSON(file: "\(folder)/trace.json")
    try model.loadWeights(from: "\(folder)/init.safetensors")
    let optimizer = try Optimizers.make(
      try record["optimizer"]!.get("class_name", \.string),
      config: try record["optimizer"]!.get("config") { $0 })
    try model.compile(optimizer: optimizer, losses: [loss])
    let (x, y) = (try readNPY("\(folder)/x_0.npy"), try readNPY("\(folder)/y_0.npy"))
    let losses = try record.get("losses", \.array).compactMap(\.double)
    for (step, loss) in losses.enumerated() {
      let found = try model.trainOnBatch(x[step], y[step])
      #expect(abs(Double(found) - loss) < 1e-5, "step \(step)")
    }
    for array in try Safetensors(file: "\(folder)/final.safetensors").arrays {
      let weight = model.namedWeights.first { $0.name == array.name }
      #expect(isClose(try #require(weight).variable.value, array.tensor, tolerance: 5e-5))
    }
    try checkState(model, "\(folder)/optimizer_state.safetensors")
  }

  /// What the optimizer keeps is what Keras keeps, under its names.
  private func checkState(_ model: Model, _ file: String) throws {
    let arrays = try Safetensors(file: file).arrays
    var compared = 0
    for (name, value) in model.optimizerState where name.contains("/") {
      let parts = name.split(separator: "/").map(String.init)
      let names = ["m": "momentum", "v": "velocity", "vhat": "velocity_hat", "ema": "average"]
      let slot = names[parts[2]] ?? parts[2]
      if slot == "u_product" { continue }
      let key = "mlp_\(parts[0])_\(parts[1])_\(slot)"
      let array = arrays.first { $0.name.hasSuffix(key) || $0.name.hasSuffix(key + "_gradient") }
      #expect(isClose(value, try #require(array, "\(name)").tensor, tolerance: 5e-5), "\(name)")
      compared += 1
    }
    #expect(compared == arrays.count { $0.name.contains("/mlp_") })
  }
}
