/// A callback made of closures.
public final class LambdaCallback: Callback {
  /// What is done at a point of training.
  public typealias Action = (TrainingProgress) throws -> Void

  private let trainBegin: Action?
  private let epochBegin: Action?
  private let batchBegin: Action?
  private let batchEnd: Action?
  private let testBegin: Action?
  private let testEnd: Action?
  private let epochEnd: Action?
  private let trainEnd: Action?

  /// Creates the callback.
  public init(
    onTrainBegin: Action? = nil,
    onEpochBegin: Action? = nil,
    onBatchBegin: Action? = nil,
    onBatchEnd: Action? = nil,
    onTestBegin: Action? = nil,
    onTestEnd: Action? = nil,
    onEpochEnd: Action? = nil,
    onTrainEnd: Action? = nil
  ) {
    trainBegin = onTrainBegin
    epochBegin = onEpochBegin
    batchBegin = onBatchBegin
    batchEnd = onBatchEnd
    testBegin = onTestBegin
    testEnd = onTestEnd
    epochEnd = onEpochEnd
    trainEnd = onTrainEnd
  }

  public func onTrainBegin(_ progress: TrainingProgress) throws { try trainBegin?(progress) }
  public func onEpochBegin(_ progress: TrainingProgress) throws { try epochBegin?(progress) }
  public func onBatchBegin(_ progress: TrainingProgress) throws { try batchBegin?(progress) }
  public func onBatchEnd(_ progress: TrainingProgress) throws { try batchEnd?(progress) }
  public func onTestBegin(_ progress: TrainingProgress) throws { try testBegin?(progress) }
  public func onTestEnd(_ progress: TrainingProgress) throws { try testEnd?(progress) }
  public func onEpochEnd(_ progress: TrainingProgress) throws { try epochEnd?(progress) }
  public func onTrainEnd(_ progress: TrainingProgress) throws { try trainEnd?(progress) }
}
