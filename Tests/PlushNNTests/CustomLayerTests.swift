import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// A layer with a weight, as a user writes it.
private final class Scaled: Layer {
  let start: Double
  private var factor: Variable?

  init(start: Double = 1, name: String? = nil) {
    self.start = start
    super.init(name: name)
  }

  required init(config: JSON) throws {
    start = try config.get("start", \.double)
    try super.init(config: config)
  }

  override var config: JSON {
    var config = super.config
    config["start"] = .double(start)
    return config
  }

  override func build(inputShape: Shape) throws {
    guard let size = inputShape.last ?? nil else {
      throw shapeError(expected: "a known last axis", found: inputShape.text)
    }
    factor = addWeight("factor", shape: [size], initializer: .constant(start))
  }

  override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input * factor!.value
  }
}

/// A layer of layers.
private final class Residual: Layer {
  private let inner = Dense(4, activation: .tanh)
  private let more: [Layer]
  private lazy var late = Scaled(start: 0.5)

  init(depth: Int = 2, name: String? = nil) {
    more = (0..<depth).map { _ in Dense(4) }
    super.init(name: name)
  }

  required init(config: JSON) throws {
    more = (0..<(config["depth"]?.int ?? 2)).map { _ in Dense(4) }
    try super.init(config: config)
  }

  override var config: JSON {
    var config = super.config
    config["depth"] = .int(more.count)
    return config
  }

  override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let hidden = try more.reduce(inner(input)) { try $1($0, training: training) }
    return input + (try late(hidden))
  }
}

/// A model that calls its layers itself, one of them twice.
private final class Tied: Model {
  let encoder = Dense(3, activation: .tanh)
  let block = Residual(depth: 1)
  let head: Dense

  init(outputs: Int, name: String? = nil) {
    head = Dense(outputs)
    super.init(name: name)
  }

  required init(config: JSON) throws {
    head = Dense(try config.get("outputs", \.int))
    try super.init(config: config)
  }

  override var config: JSON {
    var config = super.config
    config["outputs"] = .int(head.units)
    return config
  }

  override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    let (left, right) = (try encoder(inputs[0]), try encoder(inputs[1]))
    let joined = concatenate([left, right, left[0..., 0..<1] * right[0..., 0..<1]], axis: 1)
    let wide = joined[0..., 0..<4]
    return [try head(block(wide, training: training))]
  }
}

private final class Forgetful: Model {}

/// Calls layers without a word about training.
private final class Noisy: Layer {
  private let parts = [Identity(), Dropout(0.5)]

  override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try parts.reduce(input) { try $1($0) }
  }
}

/// A model whose layer may be exchanged.
private final class Exchanging: Model {
  var inner: Layer = Scaled(start: 2)

  override func call(_ input: Tensor, training: Bool) throws -> Tensor { try inner(input) }
}

@Suite struct CustomLayerTests {
  @Test func exchangedLayersAreHeededByCompile() throws {
    let (x, y) = (Tensor([[1.0, 1]]), Tensor([[0.0, 0]]))
    let model = Exchanging()
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    #expect(try model.predict(x).dataSync() == [2, 2])
    #expect(try model.trainOnBatch(x, y) == 4)
    let other = Scaled(start: 6)
    _ = try other(x)
    model.inner = other
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    #expect(try model.predict(x).dataSync() == [6, 6])
    #expect(try model.trainOnBatch(x, y) == 36)
    #expect(other.weights[0].value.dataSync() == [3, 3])
  }

  @Test func layers() throws {
    Layer.register(Scaled.self)
    Layer.register(Residual.self)
    try checkLayer({ Scaled(start: 0.5) }, [[2, 3]], gives: [2, 3], parameters: 3)
    try checkLayer({ Residual() }, [[2, 4]], gives: [2, 4], parameters: 64)
  }

  @Test func partsAreNamedAsTheProperties() throws {
    let model = Sequential {
      Residual(depth: 2, name: "block")
    }
    #expect(throws: ModelError.self) { try model.build() }
    try model.compile(optimizer: .sgd, loss: .meanSquaredError)
    _ = try model.evaluate(Tensor.ones([2, 4]), Tensor.ones([2, 4]))
    #expect(
      model.namedWeights.map(\.name) == [
        "block/inner/kernel", "block/inner/bias", "block/more_0/kernel", "block/more_0/bias",
        "block/more_1/kernel", "block/more_1/bias", "block/late/factor",
      ])
  }

  @Test func models() async throws {
    Layer.register(Tied.self)
    Layer.register(Residual.self)
    let model = Tied(outputs: 2)
    #expect(throws: ModelError.self) { try model.build() }
    try model.compile(optimizer: .adam(learningRate: 0.02), loss: .meanSquaredError)
    let x = [Tensor.randomNormal([16, 5]), Tensor.randomNormal([16, 5])]
    let y = Tensor.randomNormal([16, 2])
    let history = try await model.fit(x, [y], epochs: 80, verbose: .silent)
    #expect(history["loss"].last! < 0.5 * history["loss"][0])
    #expect(model.inputShapes == [[nil, 5], [nil, 5]])
    #expect(model.outputShapes == [[nil, 2]])
    // encoder 18, block 20 + 20 + 4, head 10
    #expect(model.parameterCount == 72)
    #expect(model.layers.map(\.name) == ["encoder", "block", "head"])
    #expect(model.namedWeights[0].name == "encoder/kernel")
    let summary = try model.summary(print: { _ in })
    #expect(summary.contains("block (Residual)"))
    #expect(summary.contains("Total params: 72"))

    let folder = try TestFolder()
    try model.save(to: folder.path)
    let loaded = try loadModel(from: folder.path)
    #expect(loaded is Tied)
    #expect(isClose(try loaded.predict(x)[0], try model.predict(x)[0]))
  }

  @Test func modelsArePartsOfModels() throws {
    let (a, b) = (Input(shape: [5]), Input(shape: [5]))
    let tied = Tied(outputs: 3, name: "tied")
    let output = Dense(1)(tied([a, b]))
    let model = try Model(inputs: [a, b], outputs: [output])
    #expect(model.outputShapes == [[nil, 1]])
    #expect(model.namedWeights[0].name == "tied/encoder/kernel")
    #expect(try model.predict([Tensor.ones([2, 5]), Tensor.ones([2, 5])])[0].shape == [2, 1])
  }

  @Test func partsKnowWhetherTheyTrain() throws {
    let x = Tensor.ones([10, 10])
    let layer = Noisy()
    #expect(try layer(x).dataSync().allSatisfy { $0 == 1 })
    #expect(Set(try layer(x, training: true).dataSync()) == [0, 2])
    let model = Sequential {
      Noisy(inputShape: [10])
    }
    try model.compile(optimizer: .sgd, loss: .meanSquaredError)
    // Zeros and twos for ones: each misses by 1.
    #expect(try model.trainOnBatch(x, x) == 1)
    #expect(try model.evaluate(x, x)["loss"] == 0)
  }

  @Test func errorsTellWhatIsMissing() throws {
    let error = #expect(throws: ModelError.self) {
      try Forgetful(inputShape: [3]).build()
    }
    #expect(error?.expected == "a layer that overrides call(_:training:)")
    let other = #expect(throws: ModelError.self) { try Forgetful().build() }
    #expect(other?.hint?.contains("inputShape") == true)
  }

  @Test func modelsSeveralLevelsDeep() throws {
    let inner = Sequential([Dense(3, inputShape: [2], name: "d")], name: "inner")
    let middleInput = Input(shape: [2])
    let middle = try Model(
      inputs: middleInput, outputs: LeakyReLU()(inner(middleInput)), name: "middle")
    let input = Input(shape: [2])
    let model = try Model(inputs: input, outputs: Dense(1, name: "last")(middle(input)))
    #expect(
      model.namedWeights.map(\.name) == [
        "middle/inner/d/kernel", "middle/inner/d/bias", "last/kernel", "last/bias",
      ])
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
    let before = inner.weights[0].value.dataSync()
    try model.trainOnBatch(Tensor.ones([4, 2]), Tensor.full([4, 1], 3.0))
    #expect(inner.weights[0].value.dataSync() != before)
    let folder = try TestFolder()
    try model.save(to: folder.path)
    let loaded = try loadModel(from: folder.path)
    let x = Tensor.ones([4, 2])
    #expect(isClose(try loaded.predict(x), try model.predict(x)))
  }

  /// A layer in two sub-models counts, learns and is regularized once.
  @Test func sharedLayersCountOnce() throws {
    let shared = Dense(2, useBias: false, kernelRegularizer: .l2(1), name: "shared")
    func tower(_ name: String) throws -> Model {
      let input = Input(shape: [2])
      return try Model(inputs: input, outputs: shared(input), name: name)
    }
    let input = Input(shape: [2])
    let output = Add()([try tower("left")(input), try tower("right")(input), shared(input)])
    let model = try Model(inputs: input, outputs: output)
    #expect(model.parameterCount == 4)
    #expect(model.weights.count == 1)
    model.weights[0].value = Tensor([[1.0, 0], [0, 1]])
    #expect(try model.predict(Tensor([[1.0, 2]])).dataSync() == [3, 6])
    try model.compile(optimizer: .sgd(learningRate: 1), loss: .meanSquaredError)
    // No error, so only the penalty moves the weights: by 2 w.
    let loss = try model.trainOnBatch(Tensor([[0.0, 0]]), Tensor([[0.0, 0]]))
    #expect(loss == 2)
    #expect(model.weights[0].value.dataSync() == [-1, 0, 0, -1])
  }
}
