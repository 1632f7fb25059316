import PlushNN
import PlushTensor
import Testing

@Suite struct InspectionTests {
  private func branching() throws -> Model {
    let input = Input(shape: [2])
    let shared = Dense(2, kernelInitializer: .ones, name: "shared")
    let once = shared(input)
    let twice = shared(once)
    return try Model(inputs: input, outputs: Add(name: "sum")([once, twice]))
  }

  @Test func activationsAreThoseOfEachCall() throws {
    let model = try branching()
    let found = try model.activations(for: Tensor([[1, 2], [0, 1]] as [[Float]]))
    #expect(found.names == ["shared", "shared[1]", "sum"])
    #expect(found["shared"]?.dataSync() == [3, 3, 1, 1])
    #expect(found["shared[1]"]?.dataSync() == [6, 6, 2, 2])
    #expect(found["sum"]?.dataSync() == [9, 9, 3, 3])
    let sum = try model.activations(of: ["sum"], for: Tensor([[1, 2]] as [[Float]]))
    #expect(sum.map(\.name) == ["sum"])
  }

  @Test func anUnknownLayerIsNamed() throws {
    let model = try branching()
    let error = #expect(throws: ModelError.self) {
      try model.activations(of: ["nowhere"], for: Tensor.zeros([1, 2]))
    }
    #expect(error?.message.contains("'shared'") == true)
    #expect(error?.message.contains("'nowhere'") == true)
  }

  @Test func activationsOfARowThatWaitsForData() throws {
    let model = Sequential {
      Dense(3); Dense(1)
    }
    let found = try model.activations(for: Tensor.ones([70, 2]))
    #expect(found.map(\.tensor.shape) == [[70, 3], [70, 1]])
  }

  @Test func gradientsAreThoseOfTheLoss() throws {
    let model = Sequential {
      Dense(1, kernelInitializer: .ones, inputShape: [2])
    }
    try model.compile(optimizer: .sgd(), loss: .meanSquaredError)
    let x = Tensor([[1, 2], [3, 4]] as [[Float]])
    let gradients = try model.gradients(x, Tensor([[1], [2]] as [[Float]]))
    #expect(gradients.names == ["dense/kernel", "dense/bias"])
    // The errors are 2 and 5; the loss is the mean of their squares.
    #expect(gradients["dense/kernel"]?.dataSync() == [17, 24])
    #expect(gradients["dense/bias"]?.dataSync() == [7])
  }

  @Test func gradientsChangeNothing() throws {
    let model = Sequential {
      Dense(4, inputShape: [3])
      BatchNormalization()
      Dropout(0.5)
      Dense(1)
    }
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    let before = model.weights.map { $0.value.dataSync() }
    let (x, y) = (Tensor.randomNormal([8, 3]), Tensor.ones([8, 1]))
    let first = try model.gradients(x, y)
    let second = try model.gradients(x, y)
    #expect(model.weights.map { $0.value.dataSync() } == before)
    #expect(first.names.count == 6)
    #expect(first.map { $0.tensor.dataSync() } == second.map { $0.tensor.dataSync() })
    #expect(throws: ModelError.self) { try self.branching().gradients(x, y) }
  }

  @Test func figuresLeaveOutWhatIsNoNumber() {
    let values: [Float] = [1, 2, 3, 0, .nan, .infinity, -.infinity, 4]
    let figures = TensorStatistics(Tensor(values), bins: 4)
    #expect(figures.count == 8)
    #expect(figures.mean == 2)
    #expect(figures.standardDeviation == 2.0.squareRoot())
    #expect((figures.min, figures.max) == (0, 4))
    #expect((figures.zeroCount, figures.nanCount, figures.infiniteCount) == (1, 1, 2))
    #expect(figures.zeroShare == 0.125)
    #expect(figures.histogram.counts == [1, 1, 1, 2])
    #expect(figures.histogram.text == "▅▅▅█")
    #expect(!figures.isFinite)
  }

  @Test func figuresOfNothingAndOfOneNumber() {
    let none = TensorStatistics(Tensor.zeros([0]))
    #expect(none.count == 0)
    #expect(none.mean.isNaN)
    #expect(!none.isAllZero)
    let zeros = TensorStatistics(Tensor.zeros([5]))
    #expect(zeros.isAllZero)
    #expect(zeros.histogram.range == -0.5...0.5)
    #expect(zeros.histogram.counts.reduce(0, +) == 5)
    let huge = TensorStatistics(Tensor([-1e308, 1e308, 0] as [Double], dtype: .float64))
    #expect(huge.histogram.counts.reduce(0, +) == 3)
  }

  @Test func warningsNameTheTensors() throws {
    let model = Sequential { Dense(2, inputShape: [2]) }
    try model.build()
    model.weights[0].value = Tensor([[.nan, 1], [.infinity, .nan]] as [[Float]])
    let table = NamedTensors(model.namedWeights).statistics()
    #expect(
      table.warnings() == [
        "dense/kernel: 2 of 4 are NaN", "dense/kernel: 1 of 4 are infinite",
        "dense/bias: all are zero",
      ])
    #expect(table.warnings { $0.name.hasSuffix("bias") }.count == 2)
    #expect(table.description.contains("dense/kernel  2×2    1.0000"))
  }
}
