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

  public func onTrainBegin(_ progress: TrainingProgress) throws { try trainBegin?(progress) }
  public func onEpochBegin(_ progress: TrainingProgress) throws { try epochBegin?(progress) }
  public func onBatchBegin(_ progress: TrainingProgress) throws { try batchBegin?(progress) }
  public func onBatchEnd(_ progress: TrainingProgress) throws { try batchEnd?(progress) }
  public func onTestBegin(_ progress: TrainingProgress) throws { try testBegin?(progress) }
  public func onTestEnd(_ progress: TrainingProgress) throws { try testEnd?(progress) }
  public func onEpochEnd(_ progress: TrainingProgress) throws { try epochEnd?(progress) }
  public func onTrainEnd(_ progress: TrainingProgress) throws { try trainEnd?(progress) }
  public func onPredictBegin(_ progress: PredictionProgress) throws {
    try predictBegin?(progress)
  }
  public func onPredictBatchBegin(_ progress: PredictionProgress) throws {
    try predictBatchBegin?(progress)
  }
  public func onPredictBatchEnd(_ progress: PredictionProgress) throws {
    try predictBatchEnd?(progress)
  }
  public func onPredictEnd(_ progress: PredictionProgress) throws { try predictEnd?(progress) }
}
