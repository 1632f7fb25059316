/// A callback made of closures.
public final class LambdaCallback: Callback {
  /// What is done at a point of training.
  public typealias Action = (TrainingProgress) throws -> Void

  private let epochBegin: Action?
  private let batchEnd: Action?
  private let epochEnd: Action?

  /// Creates the callback.
  public init(
    onEpochBegin: Action? = nil, onBatchEnd: Action? = nil, onEpochEnd: Action? = nil
  ) {
    epochBegin = onEpochBegin
    batchEnd = onBatchEnd
    epochEnd = onEpochEnd
  }

  public func onEpochBegin(_ progress: TrainingProgress) throws { try epochBegin?(progress) }
  public func onBatchEnd(_ progress: TrainingProgress) throws { try batchEnd?(progress) }
  public func onEpochEnd(_ progress: TrainingProgress) throws { try epochEnd?(progress) }
}
