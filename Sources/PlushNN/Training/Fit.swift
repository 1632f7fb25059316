import PlushTensor

extension Model {
  /// Trains the model.
  ///
  /// ```swift
  /// let history = try await model.fit(x, y, epochs: 5, batchSize: 32)
  /// print(history["accuracy"])
  /// ```
  ///
  /// If its task is cancelled training ends after the running step, or the running batch of the
  /// validation; the model keeps what it had learned and `history.end` tells.
  ///
  /// - Parameters:
  ///   - x: the inputs; the first axis counts samples.
  ///   - y: the truth.
  ///   - epochs: how many times all samples are gone through.
  ///   - batchSize: how many samples make one step.
  ///   - sampleWeight: how much each sample counts, of shape [samples], or each place of it.
  ///   - classWeight: how much samples of a class count; classes that are missing count 1.
  ///   - validationSplit: the part of the samples, their last before shuffling, to be kept apart
  ///     and evaluated after each epoch.
  ///   - validationData: other samples to evaluate after each epoch.
  ///   - shuffle: whether the order of samples changes with each epoch.
  ///   - callbacks: take part in training.
  ///   - verbose: what is printed.
  ///   - seed: decides shuffling and dropout; by default the global generator draws it.
  ///   - resumeFrom: where an interrupted training stood, to go on with the same bits.
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit, and
  ///   what callbacks throw.
  @discardableResult
  nonisolated(nonsending) public func fit(
    _ x: Tensor, _ y: Tensor, epochs: Int = 1, batchSize: Int = 32,
    sampleWeight: Tensor? = nil, classWeight: [Int: Double]? = nil, validationSplit: Double = 0,
    validationData: (Tensor, Tensor)? = nil, shuffle: Bool = true,
    callbacks: [any Callback] = [], verbose: Verbosity = .automatic, seed: Int? = nil,
    resumeFrom: TrainingState? = nil
  ) async throws -> History {
    try await fit(
      [x], [y], epochs: epochs, batchSize: batchSize, sampleWeights: sampleWeight.map { [$0] },
      classWeight: classWeight, validationSplit: validationSplit,
      validationData: validationData.map { ([$0.0], [$0.1]) }, shuffle: shuffle,
      callbacks: callbacks, verbose: verbose, seed: seed, resumeFrom: resumeFrom)
  }

  /// Trains a model with several inputs or outputs; see the form with one of each.
  ///
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit, and
  ///   what callbacks throw.
  @discardableResult
  nonisolated(nonsending) public func fit(
    _ x: [Tensor], _ y: [Tensor], epochs: Int = 1, batchSize: Int = 32,
    sampleWeights: [Tensor?]? = nil, classWeight: [Int: Double]? = nil,
    validationSplit: Double = 0, validationData: ([Tensor], [Tensor])? = nil,
    shuffle: Bool = true, callbacks: [any Callback] = [], verbose: Verbosity = .automatic,
    seed: Int? = nil, resumeFrom: TrainingState? = nil
  ) async throws -> History {
    let training = try compiledTraining()
    var samples = try samples(x, y, sampleWeights: sampleWeights, classWeight: classWeight)
    try check(samples, training)
    try checkBatchSize(batchSize)
    var validation = validationData.map { Samples(inputs: $0.0, truths: $0.1) }
    if let validation { try check(validation, training) }
    if validation == nil, validationSplit != 0 {
      let parts = try samples.split(last: validationSplit)
      samples = parts.0
      validation = parts.1
    }
    let state = try resumeFrom ?? callbacks.lazy.compactMap { try $0.stateToResume() }.first
    let seed = state?.seed ?? seed ?? drawSeed()
    let run = TrainingRun(
      self, training,
      .picked(samples, batchSize: batchSize, shuffle: shuffle, seed: seed),
      validation: validation.map { .picked($0, batchSize: batchSize) }, isPicked: true,
      epochs: epochs, callbacks: callbacks, verbose: verbose, seed: seed)
    return try await run.run(from: state)
  }
}

extension Model {
  /// Trains the model on the batches of a data set, of which only a few are in memory at a time.
  ///
  /// ```swift
  /// let data = Dataset(x, y).shuffle(bufferSize: 1000).batch(32)
  /// try await model.fit(data, epochs: 5)
  /// ```
  ///
  /// - Parameters:
  ///   - data: batches of inputs and truths; the last may be smaller.
  ///   - epochs: how many epochs of the data set are gone through.
  ///   - stepsPerEpoch: at most how many batches make an epoch; needed if the data have no end.
  ///   - validation: other batches to evaluate after each epoch.
  ///   - callbacks: take part in training.
  ///   - verbose: what is printed.
  ///   - seed: decides dropout; by default the global generator draws it.
  ///   - resumeFrom: where an interrupted training stood, to go on with the same bits.
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit, and
  ///   what the data set and callbacks throw.
  @discardableResult
  nonisolated(nonsending) public func fit(
    _ data: Dataset, epochs: Int = 1, stepsPerEpoch: Int? = nil, validation: Dataset? = nil,
    callbacks: [any Callback] = [], verbose: Verbosity = .automatic, seed: Int? = nil,
    resumeFrom: TrainingState? = nil
  ) async throws -> History {
    let training = try compiledTraining()
    try await buildFor(data)
    let state = try resumeFrom ?? callbacks.lazy.compactMap { try $0.stateToResume() }.first
    let run = TrainingRun(
      self, training, stepsPerEpoch.map { data.take($0) } ?? data, validation: validation,
      isPicked: false, epochs: epochs, callbacks: callbacks, verbose: verbose,
      seed: state?.seed ?? seed ?? drawSeed())
    return try await run.run(from: state)
  }
}

/// One call of `fit`.
private final class TrainingRun {
  private let model: Model
  private let training: Training
  private let data: Dataset
  private let validation: Dataset?
  /// Whether the samples were checked before, and batches say which of them to pick.
  private let isPicked: Bool
  /// In the order in which they are told.
  private let callbacks: [any Callback]
  private let givenCallbacks: [any Callback]
  private let seed: Int
  private let progress: TrainingProgress
  private var bar: ProgressBar
  private var lastYield = ContinuousClock.now

  init(
    _ model: Model, _ training: Training, _ data: Dataset, validation: Dataset?, isPicked: Bool,
    epochs: Int, callbacks: [any Callback], verbose: Verbosity, seed: Int
  ) {
    self.model = model
    self.training = training
    self.data = data
    self.validation = validation
    self.isPicked = isPicked
    self.callbacks = callbacks.filter { !$0.runsLast } + callbacks.filter(\.runsLast)
    givenCallbacks = callbacks
    self.seed = seed
    progress = TrainingProgress(
      model, epochs: epochs, batches: data.count ?? 0, seed: seed, callbacks)
    bar = ProgressBar(verbose)
  }

  nonisolated(nonsending) func run(from state: TrainingState?) async throws -> History {
    training.seed = seed
    let programs = try model.programs()
    programs.trainingSums.reset()
    if let state { try resume(state) }
    try callbacks.forEach { try $0.onTrainBegin(progress) }
    var firstBatch = state?.batch ?? 0
    let first = state?.epoch ?? 0
    for epoch in first..<max(progress.epochs, first) where !isOver {
      try beginEpoch(epoch, firstBatch, programs)
      let isWhole = try await runBatches(from: firstBatch, programs)
      firstBatch = 0
      if isWhole { try await endEpoch() }
    }
    // What was cancelled goes on from the weights themselves.
    if progress.history.end != .cancelled { training.adoptAverages(programs.trainable) }
    try callbacks.forEach { try $0.onTrainEnd(progress) }
    bar.end(progress.history)
    return progress.history
  }

  private func resume(_ state: TrainingState) throws {
    // All batches are done if validation was interrupted.
    guard data.count.map({ state.batch <= $0 }) ?? true else {
      throw DataError(
        .count, expected: "the samples and batchSize that training was interrupted with",
        found: "\(progress.batches) batches, of which \(state.batch) are done")
    }
    try model.restore(state)
    progress.history = state.history
    progress.epoch = state.epoch
    progress.batch = state.batch
    for (callback, memory) in zip(givenCallbacks, state.callbacks) { callback.memory = memory }
  }

  private func beginEpoch(_ epoch: Int, _ batch: Int, _ programs: TrainingPrograms) throws {
    progress.epoch = epoch
    progress.batch = batch
    progress.setLogs(nil)
    if batch == 0 { programs.trainingSums.reset() }
    bar.beginEpoch(progress)
    try callbacks.forEach { try $0.onEpochBegin(progress) }
  }

  /// Runs the batches of an epoch; false if it was left early.
  private nonisolated(nonsending) func runBatches(
    from first: Int, _ programs: TrainingPrograms
  ) async throws -> Bool {
    let step = isPicked ? programs.pickedStep : programs.countedStep
    var batches = data.skip(first).iterator(epoch: progress.epoch)
    while let batch = try await next(of: &batches) {
      try callbacks.forEach { try $0.onBatchBegin(progress) }
      if !isPicked { try model.check(batch, training) }
      try model.runStep(step, batch.arrays, of: programs)
      progress.batch += 1
      try bar.endBatch(progress)
      try callbacks.forEach { try $0.onBatchEnd(progress) }
      if checkStop() { return false }
      await letOthersRun()
    }
    if isOver { return false }
    if progress.batch == 0 { throw DataError.noBatch }
    progress.batches = progress.batch
    return true
  }

  /// The next batch; none at the end, or if the task was cancelled.
  private nonisolated(nonsending) func next(
    of batches: inout Dataset.Iterator
  ) async throws -> Samples? {
    // An epoch that is done is not cancelled: what resumes it begins with the next.
    if progress.batch == data.count { return nil }
    do {
      try Task.checkCancellation()
      return try await batches.next()
    } catch is CancellationError {
      progress.history.end = .cancelled
      return nil
    }
  }

  /// Lets other work of this actor run, such as the page that shows the progress, now and then.
  private nonisolated(nonsending) func letOthersRun() async {
    let now = ContinuousClock.now
    guard now - lastYield > .milliseconds(5) else { return }
    await Task.yield()
    lastYield = .now
  }

  private nonisolated(nonsending) func endEpoch() async throws {
    var logs = try progress.logs
    if let validation {
      try callbacks.forEach { try $0.onTestBegin(progress) }
      guard let values = try await evaluate(validation) else { return }
      logs.add(values, prefix: "val_")
      try callbacks.forEach { try $0.onTestEnd(progress) }
    }
    progress.setLogs(logs)
    progress.history.append(progress.epoch, logs)
    try bar.endEpoch(progress)
    try callbacks.forEach { try $0.onEpochEnd(progress) }
    _ = checkStop()
  }

  /// Loss and metrics on other batches; none if the task was cancelled.
  private nonisolated(nonsending) func evaluate(_ data: Dataset) async throws -> Logs? {
    do {
      return try await model.evaluate(data, isPicked: isPicked)
    } catch is CancellationError {
      progress.history.end = .cancelled
      return nil
    }
  }

  private func checkStop() -> Bool {
    if progress.isCancelled {
      progress.history.end = .cancelled
      return true
    }
    guard let reason = progress.stopReason else { return false }
    progress.history.end = .stopped
    progress.history.reason = reason
    return true
  }

  private var isOver: Bool { progress.history.end != .completed }
}
