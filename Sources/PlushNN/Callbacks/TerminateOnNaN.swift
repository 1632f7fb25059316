/// Stops training when the loss is no longer a number.
public final class TerminateOnNaN: Callback {
  /// Creates the callback.
  public init() {}

  /// Stops training if the loss is infinite or NaN.
  ///
  /// - Throws: what reading the logs throws.
  public func onBatchEnd(_ progress: TrainingProgress) throws {
    guard let loss = try progress.logs["loss"], !loss.isFinite else { return }
    progress.stop("the loss is \(loss) in batch \(progress.batch) of epoch \(progress.epoch + 1)")
  }
}
