import PlushNN
import PlushTensor
import Testing

@Suite struct LossTests {
  let truth = Tensor([[1.0, 0, 0], [0, 0, 1]])
  let prediction = Tensor([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])

  @Test func values() {
    func value(_ loss: Loss) -> Float { loss(truth, prediction).item() }
    #expect(abs(value(.meanSquaredError) - (0.14 / 3 + 0.54 / 3) / 2) < 1e-6)
    #expect(abs(value(.meanAbsoluteError) - (0.6 / 3 + 1.2 / 3) / 2) < 1e-6)
    #expect(abs(value(.categoricalCrossentropy) - 0.636483) < 1e-5)
    let classes = Tensor([0, 2])
    #expect(
      abs(Loss.sparseCategoricalCrossentropy(classes, prediction).item() - 0.636483) < 1e-5)
    #expect(abs(Loss.huber()(Tensor([[0.0]]), Tensor([[3.0]])).item() - 2.5) < 1e-6)
  }

  @Test func logitsGiveTheSame() {
    let logits = prediction.log() + 1
    let loss = Loss.categoricalCrossentropy(fromLogits: true)(truth, logits).item()
    #expect(abs(loss - Loss.categoricalCrossentropy(truth, prediction).item()) < 1e-6)
    let p = prediction
    let binary = Loss.binaryCrossentropy(fromLogits: true)(truth, (p / (1 - p)).log()).item()
    #expect(abs(binary - Loss.binaryCrossentropy(truth, p).item()) < 1e-6)
  }

  /// A model's loss is computed from what comes before its softmax; `callAsFunction` is not.
  @Test func modelsUseLogits() throws {
    let model = Sequential([Dense(3, activation: .softmax, inputShape: [4])])
    try model.compile(optimizer: .sgd, loss: .categoricalCrossentropy)
    let x = Tensor.randomNormal([2, 4])
    let direct = Loss.categoricalCrossentropy(truth, try model.predict(x)).item()
    #expect(abs(try model.evaluate(x, truth)["loss"]! - Double(direct)) < 1e-6)
  }

  @Test func names() {
    #expect(Loss(name: "categoricalCrossentropy")?.name == "categorical_crossentropy")
    #expect(Loss(name: "categorical_crossentropy")?.name == "categorical_crossentropy")
    #expect(Loss(name: "mse")?.name == "mean_squared_error")
    #expect(Loss(name: "cross") == nil)
    #expect(Metric(name: "acc")?.name == "accuracy")
  }
}

/// Values and gradients that Keras computed.
@Suite struct LossGoldenTests {
  @Test func valuesAndGradients() throws {
    let cases = try #require(golden("keras_losses").array)
    #expect(cases.count == 58)
    for test in cases {
      let loss = try #require(Loss(config: test), "\(test.caseName)")
      let (truth, weight) = (try #require(test["truth"]).tensor, test["weight"]?.tensor)
      let prediction = try #require(test["prediction"]).tensor
      let value = { loss(truth, $0, sampleWeight: weight) }
      expectClose(value(prediction), try #require(test["value"]).tensor, test.caseName)
      let found = gradient(at: prediction) { value($0).sum() }
      expectClose(found, try #require(test["gradient"]).tensor, "gradient of \(test.caseName)")
    }
  }

  /// The cases that came with other operators; they name reductions and arguments together.
  @Test func conformance() throws {
    let cases = try golden("losses").get("cases", \.array)
    #expect(cases.count > 30)
    for test in cases {
      let inputs = (test["inputs"]?.object ?? [:]).mapValues(\.tensor)
      let name = try test.get("op", \.string)
      let output = try #require(test["outputs"]?[0]).tensor
      let cotangent = try #require(test["cotangents"]?[0]).tensor
      let (found, place) = try value(name, test["attrs"] ?? [:], inputs)
      let point = try #require(inputs[place])
      expectClose(found(point), output, test.caseName)
      let gradient = gradient(at: point) { (found($0) * cotangent).sum() }
      expectClose(
        gradient, try #require(test["grads"]?[place]).tensor, "gradient, \(test.caseName)")
    }
  }

  private func value(
    _ name: String, _ attributes: JSON, _ inputs: [String: Tensor]
  ) throws -> ((Tensor) -> Tensor, String) {
    let axis = attributes["axis"]?.int ?? -1
    switch name {
    case "softmax": return ({ $0.softmax(axis: axis) }, "x")
    case "logSoftmax": return ({ $0.logSoftmax(axis: axis) }, "x")
    default:
      let loss = try #require(Loss(name: name, arguments: attributes), "\(name)")
      let truth = try #require(inputs["y_true"])
      return ({ loss(truth, $0, sampleWeight: inputs["sample_weight"]) }, "y_pred")
    }
  }

  static let names = [
    "BinaryCrossentropy", "BinaryFocalCrossentropy", "CTC", "CategoricalCrossentropy",
    "CategoricalFocalCrossentropy", "CategoricalGeneralizedCrossEntropy", "CategoricalHinge",
    "Circle", "CosineSimilarity", "Dice", "Hinge", "Huber", "KLDivergence", "LogCosh",
    "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanSquaredError",
    "MeanSquaredLogarithmicError", "Poisson", "SparseCategoricalCrossentropy", "SquaredHinge",
    "Tversky",
  ]

  /// Gradients against differences of values, in float64.
  @Test(arguments: names) func gradients(_ name: String) throws {
    let loss = try #require(Loss(name: name))
    let (truth, shape): (Tensor, [Int]) =
      switch name {
      case "CTC": (Tensor([[1, 2], [2, 0]]), [2, 4, 3])
      case "Circle", "SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy":
        (Tensor([0, 2, 0, 1]), [4, 3])
      case "MeanAbsolutePercentageError": (Tensor([0, 2, 0, 1]).oneHot(3) + 1.0, [4, 3])
      default: (Tensor([0, 2, 0, 1]).oneHot(3), [4, 3])
      }
    let count = shape.reduce(1, *)
    let values = (0..<count).map { 0.2 + 0.6 * Double($0 * 7 % count) / Double(count) }
    func value(_ values: [Double]) -> Double {
      loss(truth, Tensor(values, shape: shape, dtype: .float64)).dataSync(as: Double.self)[0]
    }
    let point = Tensor(values, shape: shape, dtype: .float64)
    let found = gradient(at: point) { loss(truth, $0) }.dataSync(as: Double.self)
    for place in values.indices {
      var (up, down) = (values, values)
      up[place] += 1e-6
      down[place] -= 1e-6
      let expected = (value(up) - value(down)) / 2e-6
      #expect(abs(found[place] - expected) < 1e-5 * (1 + abs(expected)), "\(place)")
    }
  }

  @Test(arguments: names) func configurations(_ name: String) throws {
    let loss = try #require(Loss(name: name, arguments: ["reduction": "sum", "gamma": 3]))
    let config = try #require(loss.config)
    #expect(config["class_name"]?.string == name)
    #expect(try Loss(config: JSON(parsing: config.text()))?.config == config)
    #expect(Loss(name: name, arguments: ["reduction": "most"]) == nil)
  }

  @Test func ignoredLabelsMayBeOutOfRange() async throws {
    let model = Sequential([Dense(3, activation: .softmax, inputShape: [2])])
    let x = Tensor.randomNormal([4, 2])
    try model.compile(optimizer: .sgd, loss: .sparseCategoricalCrossentropy(ignoreClass: 255))
    let found = try model.evaluate(x, Tensor([0, 255, 2, 255]))["loss"]
    let kept = try model.evaluate(concatenate([x[0..<1], x[2..<3]]), Tensor([0, 2]))["loss"]
    #expect(abs(try #require(found) - #require(kept)) < 1e-6)
    #expect(throws: DataError.self) { try model.evaluate(x, Tensor([0, 254, 2, 255])) }
  }
}

@Suite struct DataCheckTests {
  let model: Sequential

  init() throws {
    model = Sequential([Dense(3, activation: .softmax, inputShape: [2])])
  }

  private func error(_ x: Tensor, _ y: Tensor, _ loss: Loss) async throws -> DataError? {
    try model.compile(optimizer: .sgd, loss: loss)
    do {
      try await model.fit(x, y, verbose: .silent)
      return nil
    } catch let error as DataError {
      return error
    }
  }

  @Test func counts() async throws {
    let found = try await error(.zeros([4, 2]), .zeros([3, 3]), .meanSquaredError)
    #expect(found?.kind == .count)
    #expect(found?.found == "4 and 3 samples")
  }

  @Test func shapes() async throws {
    let found = try await error(.zeros([4, 5]), .zeros([4, 3]), .meanSquaredError)
    #expect(found?.message == "expected an input of shape [null,2], got [4,5]")
    let labels = try await error(.zeros([4, 2]), .zeros([4]), .categoricalCrossentropy)
    #expect(labels?.hint?.contains("sparseCategoricalCrossentropy") == true)
    let oneHot = try await error(.zeros([4, 2]), .zeros([4, 3]), .sparseCategoricalCrossentropy)
    #expect(oneHot?.hint?.contains("categoricalCrossentropy") == true)
  }

  @Test func labels() async throws {
    let found = try await error(
      .zeros([4, 2]), Tensor([0, 1, 3, 2]), .sparseCategoricalCrossentropy)
    #expect(found?.row == 2)
    #expect(
      found?.message
        == "expected labels from 0 to 2, since the last layer has 3 units, got 3 in row 2")
  }

  @Test func missingValues() async throws {
    let x = Tensor([[0.0, 1], [2, .nan], [3, 4]] as [[Double]])
    let found = try await error(x, .zeros([3, 3]), .meanSquaredError)
    #expect(found?.kind == .notANumber)
    #expect(found?.row == 1 && found?.column == 1)
  }

  @Test func notCompiled() async throws {
    await #expect(throws: ModelError.self) {
      try await model.fit(.zeros([1, 2]), .zeros([1, 3]))
    }
  }
}
