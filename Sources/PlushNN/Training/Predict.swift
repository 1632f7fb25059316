import PlushTensor

extension Model {
  /// Computes the outputs for any number of samples.
  ///
  /// - Parameters:
  ///   - x: the inputs; the first axis counts samples.
  ///   - batchSize: how many samples are computed at once.
  /// - Throws: `DataError` if the inputs do not fit the model.
  public func predict(_ x: Tensor, batchSize: Int = 32) throws -> Tensor {
    try predict([x], batchSize: batchSize)[0]
  }

  /// Computes the outputs of a model with several inputs or outputs.
  ///
  /// - Throws: `DataError` if the inputs do not fit the model.
  public func predict(_ x: [Tensor], batchSize: Int = 32) throws -> [Tensor] {
    try checkInputs(x)
    try checkBatchSize(batchSize)
    let program = predictionProgram()
    let samples = Samples(inputs: x, truths: [])
    let parts = try Samples.batches(of: batchSize, count: samples.count).map {
      try program(samples.range($0).inputs)
    }
    if parts.count == 1 { return parts[0] }
    return parts[0].indices.map { output in
      concatenate(parts.map { $0[output] }, axis: 0)
    }
  }

  /// Computes the outputs for one batch, without checks.
  public func predictOnBatch(_ x: [Tensor]) throws -> [Tensor] {
    try buildFor(x)
    return try predictionProgram()(x)
  }

  private func predictionProgram() -> Compiled {
    if let program = prediction { return program }
    nonisolated(unsafe) unowned let model = self
    let program = Compiled { try model.call($0, training: false) }
    prediction = program
    return program
  }
}
