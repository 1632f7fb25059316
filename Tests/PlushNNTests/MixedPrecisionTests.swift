import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Samples of three classes around different middles.
private func samples(_ count: Int) -> (x: Tensor, y: Tensor) {
  withRandomKey(seed: 3) {
    let labels = Tensor.randomUniform([count], low: 0, high: 3).floor().cast(to: .int32)
    let x = Tensor.randomNormal([count, 20]) + labels.oneHot(20) * 3
    realize([x, labels])
    return (x, labels)
  }
}

private func classifier(_ policy: DTypePolicy) throws -> Sequential {
  let model = Sequential {
    Dense(32, activation: .relu, inputShape: [20])
    BatchNormalization()
    Dense(3, activation: .softmax)
  }
  try withRandomKey(seed: 5) { try model.build() }
  realize(model.weights.map(\.value))
  model.dtypePolicy = policy
  return model
}

private func accuracy(
  _ policy: DTypePolicy, _ optimizer: some Optimizer = .adam(learningRate: 0.01)
) async throws -> Double {
  let (x, y) = samples(600)
  let model = try classifier(policy)
  try model.compile(
    optimizer: optimizer, loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  try await model.fit(x, y, epochs: 10, verbose: .silent, seed: 1)
  #expect(model.weights.allSatisfy { $0.dtype == .float32 })
  return try model.evaluate(x, y)["accuracy"]!
}

@Suite struct MixedPrecisionTests {
  @Test func trainsAsWellAsFloat32() async throws {
    let whole = try await accuracy(.float32)
    #expect(whole > 0.9)
    #expect(abs(try await accuracy(.mixedBFloat16) - whole) <= 0.01)
    #expect(
      abs(try await accuracy(.mixedFloat16, .lossScale(.adam(learningRate: 0.01))) - whole) <= 0.01)
  }

  @Test func layersComputeInThePolicysType() throws {
    let layer = Dense(4)
    layer.dtypePolicy = .mixedBFloat16
    let output = try layer(Tensor.ones([2, 3]))
    #expect(output.dtype == .bfloat16)
    #expect(layer.weights.allSatisfy { $0.dtype == .float32 && $0.value.dtype == .float32 })
    let normalization = LayerNormalization()
    normalization.dtypePolicy = .mixedBFloat16
    #expect(try normalization(output).dtype == .float32)
    // A layer of float32 takes what comes in float32.
    #expect(try Dense(2)(output).dtype == .float32)
  }

  @Test func predictionsAreFloat32AndFollowThePolicy() throws {
    let model = try classifier(.float32)
    let x = samples(8).x
    let whole = try model.predict(x)
    model.dtypePolicy = .mixedBFloat16
    let mixed = try model.predict(x)
    #expect(mixed.dtype == .float32)
    let difference = (whole - mixed).abs().max().item()
    #expect(difference > 0 && difference < 0.02)
  }

  @Test func gradientsAreThoseOfFloat32ButForRounding() throws {
    let x = samples(16).x
    func gradient(_ policy: DTypePolicy) throws -> [Tensor] {
      let model = try classifier(policy)
      let loss = try model(x, training: true).cast(to: .float32).square().sum()
      return gradients(of: loss, withRespectTo: model.trainableWeights.map(\.value))
    }
    for (whole, mixed) in zip(try gradient(.float32), try gradient(.mixedBFloat16)) {
      #expect(mixed.dtype == .float32)
      let scale = whole.abs().max().item()
      #expect((whole - mixed).abs().max().item() <= 0.05 * scale + 0.02)
    }
  }

  @Test func savedAndLoaded() throws {
    let folder = try TestFolder()
    let model = try classifier(.mixedBFloat16)
    model.layers[2].dtypePolicy = .float32
    try model.save(to: folder.path)
    let loaded = try loadModel(from: folder.path)
    #expect(loaded.layers.map(\.dtypePolicy) == model.layers.map(\.dtypePolicy))
    let x = samples(8).x
    #expect(try loaded.predict(x).dataSync() == model.predict(x).dataSync())
  }

  @Test func readsThePoliciesOfKeras() throws {
    let config: JSON = ["units": 2, "dtype": "mixed_bfloat16"]
    #expect(try Dense(config: config).dtypePolicy == .mixedBFloat16)
    let written = try Dense(config: config).config["dtype"]
    #expect(written?["config"]?["name"] == "mixed_bfloat16")
    #expect(written?["class_name"] == "DTypePolicy")
    #expect(try Dense(config: Dense(config: config).config).dtypePolicy == .mixedBFloat16)
    #expect(Dense(2).config["dtype"] == "float32")
  }
}

@Suite struct LossScaleTests {
  private func model(_ optimizer: LossScaleOptimizer) throws -> Sequential {
    let model = Sequential {
      Dense(1, useBias: false, kernelInitializer: .ones, inputShape: [1])
    }
    try model.compile(optimizer: optimizer, loss: .meanSquaredError)
    return model
  }

  @Test func leavesOutStepsThatOverflow() throws {
    let model = try model(
      .lossScale(.sgd(learningRate: 0.1), initialScale: 8, dynamicGrowthSteps: 2))
    let (x, y) = ([[1.0]] as Tensor, [[0.0]] as Tensor)
    func weight() -> Float { model.weights[0].value.item() }
    try model.trainOnBatch(Tensor.full([1, 1], Float.infinity), y)
    #expect(weight() == 1)
    #expect(scale(model) == 4)
    try model.trainOnBatch(x, y)
    #expect(abs(weight() - 0.8) < 1e-6)
    #expect(scale(model) == 4)
    try model.trainOnBatch(x, y)
    #expect(abs(weight() - 0.64) < 1e-6)
    #expect(scale(model) == 8)
  }

  private func scale(_ model: Model) -> Float? {
    model.optimizerState.first { $0.name == "dynamic_scale" }?.value.item()
  }

  @Test func namesItsOptimizerInFiles() throws {
    let optimizer = LossScaleOptimizer(.adam(learningRate: 0.02), dynamicGrowthSteps: 7)
    let read = try Optimizers.make("LossScaleOptimizer", config: optimizer.config)
    let scaled = try #require(read as? LossScaleOptimizer)
    #expect(scaled.inner is Adam)
    #expect(scaled.learningRate == 0.02)
    #expect(scaled.initialScale == 32768)
    #expect(scaled.dynamicGrowthSteps == 7)
  }
}
