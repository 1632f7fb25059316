import PlushEngine
import PlushNN
import PlushTensor
import Testing

@Suite struct TrainingTests {
  /// Points of two classes, and their labels.
  static func samples(_ count: Int) -> (x: Tensor, y: Tensor) {
    withRandomKey(seed: 11) {
      let x = Tensor.randomNormal([count, 2])
      let y = (x.sum(axis: -1, keepDims: true) .> 0).cast(to: .float32)
      realize([x, y])
      return (x, y)
    }
  }

  static func classifier(dropout: Double = 0) throws -> Sequential {
    let model = Sequential {
      Dense(8, activation: .relu, inputShape: [2])
      BatchNormalization()
      Dropout(dropout)
      Dense(1, activation: .sigmoid)
    }
    try withRandomKey(seed: 5) { try model.build() }
    realize(model.weights.map(\.value))
    try model.compile(
      optimizer: .adam(learningRate: 0.02), loss: .binaryCrossentropy, metrics: [.accuracy])
    return model
  }

  @Test func learnsAndRecords() async throws {
    let (x, y) = Self.samples(200)
    let model = try Self.classifier()
    let history = try await model.fit(
      x, y, epochs: 8, batchSize: 32, validationSplit: 0.2, verbose: .silent, seed: 1)
    #expect(history.names == ["loss", "accuracy", "val_loss", "val_accuracy"])
    #expect(history["accuracy"].count == 8)
    #expect(history["accuracy"].last! > 0.9)
    #expect(history["loss"].last! < history["loss"][0])
    #expect(history.end == .completed)
    let logs = try model.evaluate(x[160..<200], y[160..<200])
    #expect(abs(logs["loss"]! - history["val_loss"].last!) < 1e-5)
  }

  @Test func sameSeedSameBits() async throws {
    let (x, y) = Self.samples(100)
    var all: [[Float]] = []
    for _ in 0..<2 {
      let model = try Self.classifier(dropout: 0.3)
      try await model.fit(x, y, epochs: 2, verbose: .silent, seed: 9)
      all.append(model.weights.flatMap { $0.value.dataSync() })
    }
    #expect(all[0] == all[1])
  }

  @Test func lastBatchMayBeSmaller() async throws {
    let model = Sequential([Dense(1, kernelInitializer: .zeros, inputShape: [1])])
    try model.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    let x = Tensor.zeros([5, 1])
    let y = Tensor([[1.0], [1], [1], [1], [3]])
    let history = try await model.fit(x, y, batchSize: 2, verbose: .silent)
    #expect(abs(history["loss"][0] - 13.0 / 5) < 1e-6)
  }

  @MainActor @Test func cancellationKeepsWhatWasLearned() async throws {
    let (x, y) = Self.samples(64)
    let model = try Self.classifier()
    let before = model.weights.map { $0.value.dataSync() }
    let task = Task {
      try await model.fit(
        x, y, epochs: 1000, batchSize: 8,
        callbacks: [
          LambdaCallback(onBatchEnd: { progress in
            if progress.step == 3 { withUnsafeCurrentTask { $0?.cancel() } }
          })
        ], verbose: .silent)
    }
    let history = try await task.value
    #expect(history.end == .cancelled)
    #expect(history.epochs.isEmpty)
    #expect(model.weights.map { $0.value.dataSync() } != before)
  }

  @Test func stopsEarlyAndRestores() async throws {
    let (x, y) = Self.samples(64)
    let model = try Self.classifier()
    var seen: [[Float]] = []
    let watch = LambdaCallback(onEpochEnd: { progress in
      seen.append(progress.model.weights[0].value.dataSync())
      progress.model.learningRate = progress.epoch < 2 ? 0.02 : 3
    })
    let history = try await model.fit(
      x, y, epochs: 100, validationData: Self.samples(64),
      callbacks: [watch, EarlyStopping(patience: 3, restoreBestWeights: true)], verbose: .silent,
      seed: 2)
    #expect(history.end == .stopped)
    #expect(history.reason?.contains("val_loss") == true)
    let losses = history["val_loss"]
    #expect(losses.count < 100)
    let best = losses.indices.min { losses[$0] < losses[$1] }!
    #expect(model.weights[0].value.dataSync() == seen[best])
  }

  @Test func stopsAtNaN() async throws {
    let model = Sequential([Dense(1, inputShape: [1])])
    try model.compile(optimizer: .sgd(learningRate: 1e30), loss: .meanSquaredError)
    let history = try await model.fit(
      Tensor([[1.0], [2]]), Tensor([[3.0], [1]]), epochs: 100, callbacks: [TerminateOnNaN()],
      verbose: .silent)
    #expect(history.end == .stopped)
  }

  @Test func resumesWithTheSameBits() async throws {
    let (x, y) = Self.samples(100)
    let whole = try Self.classifier(dropout: 0.2)
    let expected = try await whole.fit(x, y, epochs: 4, batchSize: 16, verbose: .silent, seed: 3)

    let first = try Self.classifier(dropout: 0.2)
    var state: TrainingState?
    let capture = LambdaCallback(onBatchEnd: { progress in
      if progress.step == 10 {
        state = try progress.state()
        progress.stop("interrupted")
      }
    })
    try await first.fit(
      x, y, epochs: 4, batchSize: 16, callbacks: [capture], verbose: .silent, seed: 3)
    var saved = try #require(state)
    saved = try TrainingState(
      json: JSON(parsing: try saved.json.text()), tensors: saved.allTensors)

    let second = try Self.classifier(dropout: 0.2)
    let history = try await second.fit(
      x, y, epochs: 4, batchSize: 16, verbose: .silent, resumeFrom: saved)
    #expect(history.logs == expected.logs)
    let (left, right) = (whole.weights, second.weights)
    #expect(left.map { $0.value.dataSync() } == right.map { $0.value.dataSync() })
  }

  @Test func frozenLayersStay() async throws {
    let model = try Self.classifier()
    model.layers[0].trainable = false
    let (x, y) = Self.samples(32)
    let before = model.weights.map { $0.value.dataSync() }
    try await model.fit(x, y, verbose: .silent)
    let after = model.weights.map { $0.value.dataSync() }
    #expect(before[0] == after[0] && before[1] == after[1])
    #expect(before[2] != after[2])
  }

  @Test func ownOptimizerLossAndMetric() async throws {
    struct SignDescent: Optimizer {
      var learningRate = 0.01
      func update(
        _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor,
        step: Tensor
      ) -> Tensor {
        weight - gradient.sign() * learningRate
      }
    }
    let model = Sequential([Dense(1, kernelInitializer: .zeros, inputShape: [1])])
    try model.compile(
      optimizer: SignDescent(),
      loss: Loss("cubic") { ($0 - $1).abs().pow(3).mean(axis: -1) },
      metrics: [Metric("near") { ($0 - $1).abs() .< 0.5 }])
    let x = Tensor([[1.0], [2], [3]])
    let history = try await model.fit(x, x, epochs: 200, verbose: .silent)
    #expect(history["near"].last == 1)
    #expect(history["loss"].last! < 0.01)
  }

  @Test func penaltiesCount() throws {
    let model = Sequential([
      Dense(
        1, useBias: false, kernelInitializer: .constant(2),
        kernelRegularizer: .l1l2(l1: 1, l2: 0.5),
        activityRegularizer: .l2(0.1), inputShape: [1])
    ])
    try model.compile(optimizer: .sgd(learningRate: 0), loss: .meanSquaredError)
    let loss = try model.trainOnBatch(Tensor([[1.0], [1]]), Tensor([[2.0], [2]]))
    #expect(abs(loss - (2 + 2 + 0.1 * 8 / 2)) < 1e-5)
  }
}
