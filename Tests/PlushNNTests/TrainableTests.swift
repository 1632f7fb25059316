import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// What `trainable = false` keeps.
@Suite struct TrainableTests {
  private func model() throws -> (Model, Model) {
    let base = Sequential(
      [Dense(4, inputShape: [3]), BatchNormalization(), Dense(2)], name: "base")
    let input = Input(shape: [3])
    return (try Model(inputs: input, outputs: Dense(1)(base(input))), base)
  }

  @Test func frozenModelsStay() throws {
    let (model, base) = try model()
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .meanSquaredError)
    let (x, y) = (Tensor.randomNormal([8, 3]), Tensor.randomNormal([8, 1]))
    base.trainable = false
    #expect(base.layers.allSatisfy { !$0.trainable })
    #expect(model.trainableWeights.count == 2)
    let before = base.weights.map { $0.value.dataSync() }
    let head = model.trainableWeights[0].value.dataSync()
    // Also the moving averages stay: a frozen batch normalization computes as in inference.
    try model.trainOnBatch(x, y)
    #expect(base.weights.map { $0.value.dataSync() } == before)
    #expect(model.trainableWeights[0].value.dataSync() != head)
    base.trainable = true
    try model.trainOnBatch(x, y)
    for (weight, old) in zip(base.weights, before) where weight.name != "dense/bias" {
      #expect(weight.value.dataSync() != old, "\(weight.name)")
    }
  }

  @Test func frozenBatchNormalizationUsesItsAverages() throws {
    let layer = BatchNormalization(trainable: false)
    let x = Tensor.randomNormal([8, 3], mean: 5, standardDeviation: 2)
    #expect(isClose(try layer(x, training: true), try layer(x, training: false)))
    let training = try BatchNormalization()(x, training: true)
    #expect(abs(training.mean().item()) < 1e-5)
  }

  @Test func summaryCounts() throws {
    let (model, base) = try model()
    // 16 + 16 + 10 + 3, of which 8 moving averages.
    let before = try model.summary(print: { _ in })
    #expect(before.contains("Total params: 45"))
    #expect(before.contains("Trainable params: 37"))
    #expect(before.contains("Non-trainable params: 8"))
    base.trainable = false
    let after = try model.summary(print: { _ in })
    #expect(after.contains("Trainable params: 3\n"))
    #expect(after.contains("Non-trainable params: 42"))
  }

  @Test func filesKeepIt() throws {
    let (model, base) = try model()
    base.trainable = false
    let folder = try TestFolder()
    try model.save(to: folder.path)
    let loaded = try loadModel(from: folder.path)
    #expect(loaded.trainableWeights.count == 2)
    #expect(loaded.layer(named: "base")?.trainable == false)
    #expect(loaded.trainable)
  }

  @Test func single() throws {
    let model = Sequential {
      Dense(2, inputShape: [2], trainable: false)
      Dense(1)
    }
    try model.compile(optimizer: .adam, loss: .meanSquaredError)
    let before = model.weights.map { $0.value.dataSync() }
    try model.trainOnBatch(Tensor.ones([2, 2]), Tensor.full([2, 1], 4.0))
    let after = model.weights.map { $0.value.dataSync() }
    #expect(zip(before, after).map { $0 == $1 } == [true, true, false, false])
  }
}
