import PlushNN
import PlushTensor
import Testing

/// Three epochs of two outputs with weights, as Keras trained them.
@Suite struct SampleWeightTests {
  let file: JSON

  init() throws { file = try golden("training") }

  private func data(_ name: String) throws -> Tensor { try #require(file["data"]?[name]).tensor }

  private func model(outputs: Int) throws -> Model {
    let inputs = [Input(shape: [4], name: "a"), Input(shape: [3], name: "b")]
    let hidden = Dense(5, activation: .tanh, name: "h")(Concatenate(name: "c")(inputs))
    let both = [
      Dense(3, activation: .softmax, name: "p")(hidden), Dense(2, name: "q")(hidden),
    ]
    let model = try Model(inputs: inputs, outputs: Array(both.prefix(outputs)))
    try model.build()
    for weight in model.namedWeights {
      weight.variable.value = try #require(file["start"]?[weight.name]).tensor
    }
    return model
  }

  private func compare(_ model: Model, _ history: History, _ expected: JSON?) throws {
    let expected = try #require(expected)
    let names = try expected.get("history", \.object)
    #expect(Set(history.names) == Set(names.keys))
    for (name, values) in names {
      for (found, value) in zip(history[name], values.array ?? []) {
        #expect(abs(found - value.number) < 1e-5 * (1 + abs(value.number)), "\(name)")
      }
      #expect(history[name].count == 3)
    }
    for weight in model.namedWeights {
      expectClose(
        weight.variable.value, try #require(expected["final"]?[weight.name]).tensor, relative: 0,
        absolute: 5e-5, weight.name)
    }
  }

  @Test(arguments: [true, false]) func twoOutputs(isWeighted: Bool) async throws {
    let model = try model(outputs: 2)
    let (right, error) = (Metric.sparseCategoricalAccuracy.named("right"), Metric.mae)
    try model.compile(
      optimizer: .sgd(learningRate: 0.1),
      losses: [.sparseCategoricalCrossentropy, .meanSquaredError], lossWeights: [0.7, 2],
      metrics: [[right, right.weighted()], [error, error.weighted()]])
    let weights = isWeighted ? [try data("pw"), try data("qw")] : nil
    let history = try await model.fit(
      [try data("a"), try data("b")], [try data("p"), try data("q")], epochs: 3, batchSize: 4,
      sampleWeights: weights, shuffle: false, verbose: .silent)
    try compare(model, history, file[isWeighted ? "weighted" : "plain"])
  }

  @Test func classWeights() async throws {
    let model = try model(outputs: 1)
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .sparseCategoricalCrossentropy)
    let history = try await model.fit(
      [try data("a"), try data("b")], [try data("p")], epochs: 3, batchSize: 4,
      classWeight: [0: 0.5, 2: 3], shuffle: false, verbose: .silent)
    try compare(model, history, file["classes"])
  }

  /// One step on a batch is the first step of `fit`; one-hot labels weigh as numbers do.
  @Test func batches() async throws {
    let (x, numbers) = ([try data("a")[0..<4], try data("b")[0..<4]], try data("p")[0..<4])
    var weights: [[Float]] = []
    for loss in [Loss.sparseCategoricalCrossentropy, .categoricalCrossentropy] {
      let model = try model(outputs: 1)
      try model.compile(optimizer: .sgd(learningRate: 0.1), loss: loss)
      let truth = loss.name.hasPrefix("sparse") ? numbers : numbers.oneHot(3)
      try model.trainOnBatch(
        x, [truth], sampleWeights: [Tensor([1.0, 2, 0, 1])], classWeight: [1: 4])
      weights.append(model.weights.flatMap { $0.value.dataSync() })
    }
    #expect(zip(weights[0], weights[1]).allSatisfy { abs($0 - $1) < 1e-6 })
    let model = try model(outputs: 1)
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .sparseCategoricalCrossentropy)
    let ones = numbers .== 1
    let weight = ones.select(Tensor([4.0, 8, 0, 4]), Tensor([1.0, 2, 0, 1]))
    try model.trainOnBatch(x, [numbers], sampleWeights: [weight])
    let found = model.weights.flatMap { $0.value.dataSync() }
    #expect(zip(weights[0], found).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func evaluationAndFaults() throws {
    let model = try model(outputs: 1)
    try model.compile(
      optimizer: .sgd, loss: .sparseCategoricalCrossentropy.reducing(.meanWithSampleWeight))
    let (x, y) = ([try data("a"), try data("b")], [try data("p")])
    let some = Tensor((0..<10).map { $0 < 4 ? Float(2) : 0 })
    let weighted = try model.evaluate(x, y, sampleWeights: [some])["loss"]
    let few = try model.evaluate(x.map { $0[0..<4] }, y.map { $0[0..<4] })["loss"]
    #expect(abs(try #require(weighted) - #require(few)) < 1e-6)
    #expect(throws: DataError.self) { try model.evaluate(x, y, sampleWeights: [some[0..<3]]) }
    #expect(throws: DataError.self) { try model.evaluate(x, y, sampleWeights: [some, some]) }
    #expect(throws: ModelError.self) {
      try model.compile(optimizer: .sgd, loss: .meanSquaredError.reducing(.none))
    }
  }
}
