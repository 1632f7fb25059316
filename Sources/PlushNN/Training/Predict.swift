import PlushTensor

extension Model {
  /// Computes the outputs for any number of samples.
  ///
  /// - Parameters:
  ///   - x: the inputs; the first axis counts samples.
  ///   - batchSize: how many samples are computed at once.
  ///   - callbacks: are told of every batch.
  /// - Throws: `DataError` if the inputs do not fit the model, and what callbacks throw.
  public func predict(
    _ x: Tensor, batchSize: Int = 32, callbacks: [any Callback] = []
  ) throws -> Tensor {
    try predict([x], batchSize: batchSize, callbacks: callbacks)[0]
  }

  /// Computes the outputs of a model with several inputs or outputs.
  ///
  /// - Throws: `DataError` if the inputs do not fit the model, and what callbacks throw.
  public func predict(
    _ x: [Tensor], batchSize: Int = 32, callbacks: [any Callback] = []
  ) throws -> [Tensor] {
    try checkInputs(x)
    try checkBatchSize(batchSize)
    let count = x[0].shape[0]
    let ranges = Samples.batches(of: batchSize, count: count)
    var run = try PredictionRun(self, batches: max(1, ranges.count), callbacks)
    if count <= batchSize {
      try run.add { try prediction.whole(x) }
    } else {
      for range in ranges { try run.add { try prediction.picked(x + [picks(range)]) } }
    }
    return try run.end()
  }

  /// Computes the outputs for the batches of a data set.
  ///
  /// - Returns: the outputs of all samples, one array for each output.
  /// - Throws: `DataError` if the data do not fit the model, and what the data set and callbacks
  ///   throw.
  nonisolated(nonsending) public func predict(
    _ data: Dataset, callbacks: [any Callback] = []
  ) async throws -> [Tensor] {
    var run = try PredictionRun(self, batches: data.count, callbacks)
    for try await batch in data {
      try checkInputs(batch.inputs)
      try run.add { try predictOnBatch(batch.inputs) }
    }
    return try run.end()
  }

  /// Computes the outputs for one batch, without the checks of `predict`.
  ///
  /// - Throws: `ModelError` if the model cannot be built.
  public func predictOnBatch(_ x: [Tensor]) throws -> [Tensor] {
    try buildFor(x)
    return try prediction.whole(x)
  }
}

/// One call of `predict`.
private struct PredictionRun {
  private let callbacks: [any Callback]
  private var progress: PredictionProgress
  private var parts: [[Tensor]] = []

  init(_ model: Model, batches: Int?, _ callbacks: [any Callback]) throws {
    self.callbacks = callbacks
    progress = PredictionProgress(model: model, batches: batches)
    for callback in callbacks { try callback.onPredictBegin(progress) }
  }

  /// Computes a batch.
  mutating func add(_ compute: () throws -> [Tensor]) throws {
    for callback in callbacks { try callback.onPredictBatchBegin(progress) }
    progress.outputs = try compute()
    progress.batch += 1
    parts.append(progress.outputs)
    for callback in callbacks { try callback.onPredictBatchEnd(progress) }
  }

  /// The outputs of all batches.
  func end() throws -> [Tensor] {
    for callback in callbacks { try callback.onPredictEnd(progress) }
    guard let first = parts.first else { throw DataError.noBatch }
    if parts.count == 1 { return first }
    return first.indices.map { output in concatenate(parts.map { $0[output] }, axis: 0) }
  }
}

/// The programs of `predict`.
final class Prediction {
  /// For a batch.
  let whole: Compiled
  /// For samples picked by their numbers, the last argument.
  let picked: Compiled
  private var policies: PolicyList

  init(_ model: Model) {
    policies = PolicyList(model)
    // The programs run where the model is used, and belong to it.
    nonisolated(unsafe) unowned let model = model
    whole = Compiled { try model.call($0, training: false).map(\.withoutHalf) }
    picked = Compiled {
      try model.call(PlushNN.picked($0), training: false).map(\.withoutHalf)
    }
  }

  /// Whether these programs still serve the model.
  func serves(_ model: Model) -> Bool { policies.isThat(of: model) }
}
