import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Training on data sets that is cancelled, goes on, is shown, or has nothing to learn from.
@Suite struct DatasetFitTests {
  private func model() throws -> Sequential {
    let model = Sequential {
      Dense(8, activation: .relu, inputShape: [4])
      Dropout(0.5)
      Dense(1)
    }
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    return model
  }

  private func copy(of other: Sequential) throws -> Sequential {
    let model = try model()
    for (weight, source) in zip(model.weights, other.weights) { weight.value = source.value }
    return model
  }

  /// Ten batches, as many as known or not.
  private func data(isCounted: Bool = true) -> Dataset {
    let samples = Dataset(count: 40) { index in
      Samples(.full([4], Float(index) / 40), .full([1], Float(index % 3)))
    }
    let data = isCounted ? samples : samples.filter { _ in true }
    return data.shuffle(bufferSize: 16, seed: 3).batch(4).prefetch(2)
  }

  private func weights(_ model: Sequential) -> [[Float]] {
    model.weights.map { $0.value.dataSync() }
  }

  private static func cancelTask() { withUnsafeCurrentTask { $0?.cancel() } }

  @MainActor @Test(arguments: [true, false])
  func cancelledInAnEpoch(isCounted: Bool) async throws {
    let model = try model()
    let (before, data) = (weights(model), data(isCounted: isCounted))
    var steps = 0
    let stop = LambdaCallback(onBatchEnd: { progress in
      steps = progress.step
      if steps == 13 { Self.cancelTask() }
    })
    let history = try await Task {
      try await model.fit(data, epochs: 3, callbacks: [stop], verbose: .silent)
    }.value
    #expect(history.end == .cancelled && history.epochs == [0])
    #expect(steps == 13)
    #expect(weights(model) != before)
  }

  @MainActor @Test func cancelledBeforeTheFirstStep() async throws {
    let model = try model()
    let before = weights(model)
    let history = try await Task {
      Self.cancelTask()
      return try await model.fit(data(), verbose: .silent)
    }.value
    #expect(history.end == .cancelled && history.epochs.isEmpty)
    #expect(weights(model) == before)
  }

  /// What goes on from there has the same bits as what was not interrupted.
  @MainActor @Test(arguments: [true, false])
  func cancelledInValidation(isCounted: Bool) async throws {
    let whole = try model()
    let model = try copy(of: whole)
    let data = data(isCounted: isCounted)
    let expected = try await whole.fit(
      data, epochs: 3, validation: data, verbose: .silent, seed: 1)
    var state: TrainingState?
    let stop = LambdaCallback(
      onTestBegin: { if $0.epoch == 1 { Self.cancelTask() } },
      onTrainEnd: { state = try $0.state() })
    let history = try await Task {
      try await model.fit(
        data, epochs: 3, validation: data, callbacks: [stop], verbose: .silent, seed: 1)
    }.value
    #expect(history.end == .cancelled && history.epochs == [0])
    #expect(state?.epoch == 1 && state?.batch == 10)
    let resumed = try self.model()
    let rest = try await resumed.fit(
      data, epochs: 3, validation: data, verbose: .silent, resumeFrom: state)
    #expect(rest == expected)
    #expect(weights(resumed) == weights(whole))
  }

  @MainActor @Test func cancelledEvaluationThrows() async throws {
    let model = try model()
    await #expect(throws: CancellationError.self) {
      try await Task {
        Self.cancelTask()
        _ = try await model.evaluate(
          Dataset(count: 2) { _ in Samples(.ones([1, 4]), .ones([1, 1])) })
      }.value
    }
  }

  @Test(arguments: [true, false], [7, 13])
  func goesOnWithTheSameBits(isCounted: Bool, steps: Int) async throws {
    let folder = try TestFolder()
    let whole = try model()
    let interrupted = try copy(of: whole)
    let data = data(isCounted: isCounted)
    let expected = try await whole.fit(data, epochs: 3, verbose: .silent, seed: 1)
    let stop = LambdaCallback(onBatchEnd: { if $0.step == steps { $0.cancel() } })
    let half = try await interrupted.fit(
      data, epochs: 3, callbacks: [stop, BackupAndRestore(folder("state"), everySteps: 3)],
      verbose: .silent, seed: 1)
    #expect(half.end == .cancelled)
    let state = try TrainingState(file: folder("state"))
    #expect(state.epoch * 10 + state.batch == steps / 3 * 3)
    let resumed = try model()
    let history = try await resumed.fit(
      data, epochs: 3, callbacks: [LambdaCallback(), BackupAndRestore(folder("state"))],
      verbose: .silent)
    #expect(history == expected)
    #expect(weights(resumed) == weights(whole))
    #expect(folder.names.isEmpty)
  }

  @Test func showsHowFarItIsWithoutACount() async throws {
    var text = ""
    var bar = ProgressBar(.progressBar) { text += $0 }
    let watch = LambdaCallback(
      onEpochBegin: { bar.beginEpoch($0) }, onBatchEnd: { try bar.endBatch($0) },
      onEpochEnd: { try bar.endEpoch($0) })
    // The second epoch is longer than the first.
    let data = Dataset { epoch in
      var left = 2 + epoch
      return {
        if left == 0 { return nil }
        left -= 1
        try await Task.sleep(for: .milliseconds(110))
        return Samples(.ones([1, 4]), .ones([1, 1]))
      }
    }
    try await model().fit(data, epochs: 2, callbacks: [watch], verbose: .silent)
    let lines = text.split(whereSeparator: \.isNewline)
    try #require(lines.count == 9)
    #expect(lines[0] == "Epoch 1/2" && lines[1].hasPrefix("1/? - "))
    #expect(lines[3].hasPrefix("2/2 [=====") && lines[5].hasPrefix("1/2 [====="))
    #expect(lines[7].hasPrefix("3/2 [=====") && lines[7].contains(" - 0s left"))
    #expect(lines[8].hasPrefix("3/3 [====="))
  }

  @Test func nothingToLearnFrom() async throws {
    let (some, none) = (data(), data().take(0))
    for model in [try model(), Sequential { Dense(1) }] {
      try model.compile(optimizer: .adam(), loss: .meanSquaredError)
      for empty in [none, none.filter { _ in true }, none.repeat()] {
        await isEmpty { _ = try await model.fit(empty, verbose: .silent) }
        await isEmpty { _ = try await model.evaluate(empty) }
        await isEmpty { _ = try await model.predict(empty) }
      }
    }
    let model = try model()
    await isEmpty { _ = try await model.fit(some, stepsPerEpoch: 0, verbose: .silent) }
    await isEmpty { _ = try await model.fit(some, validation: none, verbose: .silent) }
  }

  private func isEmpty(_ body: () async throws -> Void) async {
    let error = await #expect(throws: DataError.self) { try await body() }
    #expect(error?.message == "expected at least one batch, got none")
  }

  /// The time of a batch must not depend on how many there were: a call that wraps the one before
  /// would run out of stack.
  @Test func manyElementsPassOnTheSameWay() async throws {
    var elements = Dataset(count: 300_000) { _ in Samples(inputs: []) }.iterator()
    var count = 0
    while try await elements.next() != nil { count += 1 }
    #expect(count == 300_000)
  }
}
