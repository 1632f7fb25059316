import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Networks that Keras saved, and twenty steps of training of some of them.
@Suite(.enabled(if: conformance != nil)) struct KerasNetworkTests {
  static let names = [
    "cnn", "unet", "autoencoder", "separable", "odd_padding", "conv1d3d", "transformer",
  ]

  @Test(arguments: names) func network(_ name: String) throws {
    let folder = "\(conformance ?? "")/keras/\(name)"
    let model = try KerasNetworkTests.model(name)
    try model.build()
    try model.loadWeights(from: "\(folder)/weights.safetensors")
    let inputs = try model.inputShapes.indices.map { try readNPY("\(folder)/input_\($0).npy") }
    for (place, found) in try model.predict(inputs).enumerated() {
      #expect(isClose(found, try readNPY("\(folder)/output_\(place).npy")), "\(name) \(place)")
    }
  }

  static let traces = [
    ("cnn", "adam"), ("unet", "rmsprop"), ("autoencoder", "adadelta"), ("transformer", "adamw"),
  ]

  @Test(arguments: traces) func trace(_ name: String, _ trace: String) throws {
    let folder = "\(conformance ?? "")/keras/\(name)/train_\(trace)"
    let record = try JSON(file: "\(folder)/trace.json")
    let model = try KerasNetworkTests.model(name)
    try model.build()
    try model.loadWeights(from: "\(folder)/init.safetensors")
    let optimizer = try Optimizers.make(
      try record["optimizer"]!.get("class_name", \.string),
      config: try record["optimizer"]!.get("config") { $0 })
    let losses: [String: Loss] = [
      "CategoricalCrossentropy": .categoricalCrossentropy,
      "BinaryCrossentropy": .binaryCrossentropy, "MeanAbsoluteError": .meanAbsoluteError,
      "SparseCategoricalCrossentropy": .sparseCategoricalCrossentropy(fromLogits: true),
      "MeanSquaredError": .meanSquaredError, "Huber": .huber(),
    ]
    let loss = try record["loss"]!.get("class_name", \.string)
    try model.compile(optimizer: optimizer, loss: try #require(losses[loss]))
    let (x, y) = (try readNPY("\(folder)/x_0.npy"), try readNPY("\(folder)/y_0.npy"))
    let expected = try record.get("losses", \.array).compactMap(\.double)
    for (step, loss) in expected.enumerated() {
      let found = try model.trainOnBatch(x[step], y[step])
      #expect(abs(Double(found) - loss) < 1e-5 * max(1, loss), "\(name) step \(step)")
    }
    let skipped = (record["zero_gradient_weights_do_not_compare"]?.array ?? []).map(\.string)
    for array in try Safetensors(file: "\(folder)/final.safetensors").arrays
    where !skipped.contains(array.name) {
      let weight = try #require(model.namedWeights.first { $0.name == array.name }, "\(array.name)")
      // What Adam makes of a weight whose gradient is rounding alone shows in the means after it.
      let follows = !skipped.isEmpty && array.name.hasSuffix("moving_mean")
      #expect(
        isClose(weight.variable.value, array.tensor, tolerance: follows ? 1e-3 : 5e-5),
        "\(array.name)")
    }
  }

  /// The model that Keras saved; where it drops, nothing is dropped.
  private static func model(_ name: String) throws -> Model {
    let json = try golden("keras_\(name)")
    var config = try #require(json["config"])
    config["layers"] = .array(
      try config.get("layers", \.array).map { layer in
        var layer = layer
        if layer["class_name"] == "Dropout" { layer["config"]?["rate"] = 0 }
        return layer
      })
    let className = try json.get("class_name", \.string)
    return try #require(try Layer.make(className: className, config: config) as? Model)
  }
}
