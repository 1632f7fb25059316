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
      _ = try programs.pickedEvaluation(samples.arrays + [picks(range)])
    }
    return try programs.evaluationSums.logs()
  }

  /// Computes loss and metrics on the batches of a data set.
  ///
  /// - Returns: the values by name: `loss`, `accuracy`.
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit or are
  ///   none, what the data set throws, and `CancellationError` if the task is cancelled.
  nonisolated(nonsending) public func evaluate(_ data: Dataset) async throws -> Logs {
    try await buildFor(data)
    return try await evaluate(data, isPicked: false)
  }

  /// The same for batches that perhaps were checked before and say which samples to pick.
  nonisolated(nonsending) func evaluate(_ data: Dataset, isPicked: Bool) async throws -> Logs {
    let (training, programs) = (try compiledTraining(), try programs())
    let program = isPicked ? programs.pickedEvaluation : programs.evaluation
    programs.evaluationSums.reset()
    var isEmpty = true
    for try await batch in data {
      try Task.checkCancellation()
      if !isPicked { try check(batch, training) }
      _ = try program(batch.arrays)
      isEmpty = false
    }
    if isEmpty { throw DataError.noBatch }
    return try programs.evaluationSums.logs()
  }

  /// Builds a model that waited for data.
  nonisolated(nonsending) func buildFor(_ data: Dataset) async throws {
    if graph != nil { return }
    var batches = data.iterator()
    guard let batch = try await batches.next() else { throw DataError.noBatch }
    try buildFor(batch.inputs)
  }

  func checkBatchSize(_ size: Int) throws {
    guard size > 0 else {
      throw DataError(.argument, expected: "a batchSize of at least 1", found: "\(size)")
    }
  }
}
