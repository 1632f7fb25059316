import PlushTensor

extension Model {
  /// Computes loss and metrics on data.
  ///
  /// - Parameters:
  ///   - x: the inputs.
  ///   - y: the truth.
  ///   - batchSize: how many samples are computed at once.
  ///   - sampleWeight: how much each sample counts, of shape [samples], or each place of it.
  /// - Returns: the values by name: `loss`, `accuracy`.
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit.
  public func evaluate(
    _ x: Tensor, _ y: Tensor, batchSize: Int = 32, sampleWeight: Tensor? = nil
  ) throws -> Logs {
    try evaluate([x], [y], batchSize: batchSize, sampleWeights: sampleWeight.map { [$0] })
  }

  /// Computes loss and metrics of a model with several inputs or outputs.
  ///
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit.
  public func evaluate(
    _ x: [Tensor], _ y: [Tensor], batchSize: Int = 32, sampleWeights: [Tensor?]? = nil
  ) throws -> Logs {
    let samples = try samples(x, y, sampleWeights: sampleWeights, classWeight: nil)
    try check(samples, try compiledTraining())
    try checkBatchSize(batchSize)
    return try evaluate(samples, batchSize: batchSize)
  }

  /// The same for samples that were checked.
  func evaluate(_ samples: Samples, batchSize: Int) throws -> Logs {
    let programs = try programs()
    programs.evaluationSums.reset()
    for range in Samples.batches(of: batchSize, count: samples.count) {
      _ = try programs.evaluation(samples.arrays + [picks(range)])
    }
    return try programs.evaluationSums.logs()
  }

  /// Computes loss and metrics on the batches of a data set.
  ///
  /// - Returns: the values by name: `loss`, `accuracy`.
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit, and
  ///   what the data set throws.
  nonisolated(nonsending) public func evaluate(_ data: Dataset) async throws -> Logs {
    try await buildFor(data)
    return try await evaluate(picked: data.map { $0.pickedWhole }, checks: true)
  }

  /// The same for batches that say which of their samples count.
  nonisolated(nonsending) func evaluate(picked data: Dataset, checks: Bool) async throws -> Logs {
    let (training, programs) = (try compiledTraining(), try programs())
    programs.evaluationSums.reset()
    for try await batch in data {
      if checks { try check(batch.withoutPicks, training) }
      _ = try programs.evaluation(batch.arrays)
    }
    return try programs.evaluationSums.logs()
  }

  /// Builds a model that waited for data.
  nonisolated(nonsending) func buildFor(_ data: Dataset) async throws {
    if graph != nil { return }
    var batches = data.iterator()
    if let batch = try await batches.next() { try buildFor(batch.inputs) }
  }

  func checkBatchSize(_ size: Int) throws {
    guard size > 0 else {
      throw DataError(.argument, expected: "a batchSize of at least 1", found: "\(size)")
    }
  }
}
