import PlushNN
import PlushTensor
import Testing

@Suite struct CallbackTests {
  private func line(_ options: OptimizerOptions = OptimizerOptions()) throws -> Sequential {
    let model = Sequential([Dense(1, useBias: false, kernelInitializer: .zeros, inputShape: [1])])
    try model.compile(
      optimizer: .sgd(learningRate: 0.1, options: options), loss: .meanSquaredError)
    return model
  }

  private let x = Tensor([[1.0], [2], [1], [2]])

  @Test func order() async throws {
    var calls: [String] = []
    let watch = LambdaCallback(
      onTrainBegin: { _ in calls.append("train") }, onEpochBegin: { _ in calls.append("epoch") },
      onBatchBegin: { calls.append("batch\($0.batch)") },
      onBatchEnd: { calls.append("end\($0.batch)") }, onTestBegin: { _ in calls.append("test") },
      onTestEnd: { _ in calls.append("tested") }, onEpochEnd: { _ in calls.append("done") },
      onTrainEnd: { _ in calls.append("over") })
    try await line().fit(
      x, x, epochs: 1, batchSize: 2, validationData: (x, x), callbacks: [watch],
      verbose: .silent)
    #expect(
      calls == [
        "train", "epoch", "batch0", "end1", "batch1", "end2", "test", "tested", "done", "over",
      ])
  }

  @Test func predictions() async throws {
    var calls: [String] = []
    let watch = LambdaCallback(
      onPredictBegin: { calls.append("begin of \($0.batches ?? -1)") },
      onPredictBatchBegin: { calls.append("batch\($0.batch)") },
      onPredictBatchEnd: { calls.append("end\($0.batch) of \($0.outputs[0].shape)") },
      onPredictEnd: { calls.append("over\($0.batch)") })
    let model = try line()
    let expected = try model.predict(x)
    #expect(try model.predict(x[0..<3], batchSize: 2, callbacks: [watch]).shape == [3, 1])
    let batches = [
      "begin of 2", "batch0", "end1 of [2, 1]", "batch1", "end2 of [1, 1]", "over2",
    ]
    #expect(calls == batches)
    calls = []
    let outputs = try await model.predict(Dataset(x[0..<3], x[0..<3]).batch(2), callbacks: [watch])
    #expect(outputs[0].dataSync() == expected[0..<3].dataSync())
    #expect(calls == batches)
  }

  /// A loss that never improves: rates fall after `patience` epochs, then rest for the cooldown.
  @Test func reducesOnPlateau() async throws {
    let model = try line()
    let plateau = ReduceLROnPlateau(
      monitor: "loss", factor: 0.5, patience: 2, cooldown: 2, minLearningRate: 0.03)
    let flat = Loss("flat") { _, prediction in prediction * 0 + 1 }
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: flat)
    let history = try await model.fit(
      x, x, epochs: 10, callbacks: [plateau], verbose: .silent)
    let expected = [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.03, 0.03, 0.03, 0.03]
    #expect(zip(history["learning_rate"], expected).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(history["learning_rate"].count == 10)
  }

  @Test func followsASchedule() async throws {
    let model = try line()
    let history = try await model.fit(
      x, x, epochs: 3,
      callbacks: [LearningRateScheduler { epoch, rate in rate / Double(epoch + 1) }],
      verbose: .silent)
    let expected = [0.1, 0.05, 0.05 / 3]
    #expect(zip(history["learning_rate"], expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// The mean of weights is what `fit` leaves, and what validation sees while it runs.
  @Test func averages() async throws {
    let model = try line(OptimizerOptions(useEMA: true, emaMomentum: 0.5))
    var weights: [Float] = []
    let watch = LambdaCallback(onBatchEnd: {
      weights.append($0.model.weights[0].value.item())
    })
    let history = try await model.fit(
      x, x, epochs: 3, validationData: (x, x), callbacks: [watch, SwapEMAWeights()],
      verbose: .silent)
    let means = weights.dropFirst().reduce(into: [weights[0]]) { means, weight in
      means.append(means[means.count - 1] * 0.5 + weight * 0.5)
    }
    #expect(abs(model.weights[0].value.item() - means[2]) < 1e-6)
    for (found, mean) in zip(history["val_loss"], means) {
      let expected = Double((mean - 1) * (mean - 1) * 2.5)
      #expect(abs(found - expected) < 1e-5)
    }
    await #expect(throws: ModelError.self) {
      try await line().fit(x, x, callbacks: [SwapEMAWeights()], verbose: .silent)
    }
  }

  /// A plateau that was interrupted goes on waiting where it was.
  @Test func plateauSurvivesInterruption() throws {
    let first = ReduceLROnPlateau(monitor: "loss")
    first.memory = CallbackMemory(["best": 0.5, "waited": 3, "cooling": 1])
    let second = ReduceLROnPlateau(monitor: "loss")
    second.memory = first.memory
    #expect(second.memory.json == ["best": 0.5, "waited": 3, "cooling": 1])
  }
}
