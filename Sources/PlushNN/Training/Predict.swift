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
    let count = x[0].shape[0]
    if count <= batchSize { return try prediction.whole(x) }
    let parts = try Samples.batches(of: batchSize, count: count).map {
      try prediction.picked(x + [picks($0)])
    }
    return parts[0].indices.map { output in
      concatenate(parts.map { $0[output] }, axis: 0)
    }
  }

  /// Computes the outputs for one batch, without checks.
  public func predictOnBatch(_ x: [Tensor]) throws -> [Tensor] {
    try buildFor(x)
    return try prediction.whole(x)
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
