/// A callback made of closures.
public final class LambdaCallback: Callback {
  /// What is done at a point of training.
  public typealias Action = (TrainingProgress) throws -> Void

  /// What is done at a point of a prediction.
  public typealias PredictionAction = (PredictionProgress) throws -> Void

  private let trainBegin: Action?
  private let epochBegin: Action?
  private let batchBegin: Action?
  private let batchEnd: Action?
  private let testBegin: Action?
  private let testEnd: Action?
  private let epochEnd: Action?
  private let trainEnd: Action?
  private let predictBegin: PredictionAction?
  private let predictBatchBegin: PredictionAction?
  private let predictBatchEnd: PredictionAction?
  private let predictEnd: PredictionAction?

  /// Creates the callback.
  public init(
    onTrainBegin: Action? = nil,
    onEpochBegin: Action? = nil,
    onBatchBegin: Action? = nil,
    onBatchEnd: Action? = nil,
    onTestBegin: Action? = nil,
    onTestEnd: Action? = nil,
    onEpochEnd: Action? = nil,
    onTrainEnd: Action? = nil,
    onPredictBegin: PredictionAction? = nil,
    onPredictBatchBegin: PredictionAction? = nil,
    onPredictBatchEnd: PredictionAction? = nil,
    onPredictEnd: PredictionAction? = nil
  ) {
    trainBegin = onTrainBegin
    epochBegin = onEpochBegin
    batchBegin = onBatchBegin
    batchEnd = onBatchEnd
    testBegin = onTestBegin
    testEnd = onTestEnd
    epochEnd = onEpochEnd
    trainEnd = onTrainEnd
    predictBegin = onPredictBegin
    predictBatchBegin = onPredictBatchBegin
    predictBatchEnd = onPredictBatchEnd
    predictEnd = onPredictEnd
  }

  /// Before the first epoch.
  ///
  /// - Throws: what the closure throws.
  public func onTrainBegin(_ progress: TrainingProgress) throws { try trainBegin?(progress) }
  /// Before each epoch.
  ///
  /// - Throws: what the closure throws.
  public func onEpochBegin(_ progress: TrainingProgress) throws { try epochBegin?(progress) }
  /// Before each step.
  ///
  /// - Throws: what the closure throws.
  public func onBatchBegin(_ progress: TrainingProgress) throws { try batchBegin?(progress) }
  /// After each step.
  ///
  /// - Throws: what the closure throws.
  public func onBatchEnd(_ progress: TrainingProgress) throws { try batchEnd?(progress) }
  /// Before the validation of an epoch.
  ///
  /// - Throws: what the closure throws.
  public func onTestBegin(_ progress: TrainingProgress) throws { try testBegin?(progress) }
  /// After the validation of an epoch.
  ///
  /// - Throws: what the closure throws.
  public func onTestEnd(_ progress: TrainingProgress) throws { try testEnd?(progress) }
  /// After each epoch and its validation.
  ///
  /// - Throws: what the closure throws.
  public func onEpochEnd(_ progress: TrainingProgress) throws { try epochEnd?(progress) }
  /// At the end, however it came.
  ///
  /// - Throws: what the closure throws.
  public func onTrainEnd(_ progress: TrainingProgress) throws { try trainEnd?(progress) }
  /// Before the first batch of a prediction.
  ///
  /// - Throws: what the closure throws.
  public func onPredictBegin(_ progress: PredictionProgress) throws {
    try predictBegin?(progress)
  }
  /// Before each batch of a prediction.
  ///
  /// - Throws: what the closure throws.
  public func onPredictBatchBegin(_ progress: PredictionProgress) throws {
    try predictBatchBegin?(progress)
  }
  /// After each batch of a prediction.
  ///
  /// - Throws: what the closure throws.
  public func onPredictBatchEnd(_ progress: PredictionProgress) throws {
    try predictBatchEnd?(progress)
  }
  /// After the last batch of a prediction.
  ///
  /// - Throws: what the closure throws.
  public func onPredictEnd(_ progress: PredictionProgress) throws { try predictEnd?(progress) }
}
