/// Sets the learning rate before each epoch.
///
/// ```swift
/// LearningRateScheduler { epoch, rate in epoch < 10 ? rate : rate * 0.9 }
/// ```
///
/// The rate of each epoch is recorded as `learning_rate`. A schedule of the optimizer, which counts
/// steps, goes before it: `OptimizerOptions.schedule`.
public final class LearningRateScheduler: Callback {
  private let rate: (_ epoch: Int, _ rate: Double) -> Double

  /// Creates the callback.
  ///
  /// - Parameter rate: gives the rate of an epoch, from 0, given the one before.
  public init(_ rate: @escaping (_ epoch: Int, _ rate: Double) -> Double) { self.rate = rate }

  /// Sets the rate of the epoch; one that is resumed has its rate already.
  public func onEpochBegin(_ progress: TrainingProgress) {
    // An epoch that is resumed has its rate already.
    guard progress.batch == 0 else { return }
    progress.model.learningRate = rate(progress.epoch, progress.model.learningRate)
  }

  /// Records the rate as `learning_rate`.
  public func onEpochEnd(_ progress: TrainingProgress) {
    progress.record("learning_rate", progress.model.learningRate)
  }
}
