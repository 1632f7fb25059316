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
