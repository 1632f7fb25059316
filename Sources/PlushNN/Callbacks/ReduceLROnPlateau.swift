/// Lowers the learning rate when a value has not improved for some epochs.
///
/// The rate of each epoch is recorded as `learning_rate`.
public final class ReduceLROnPlateau: Callback {
  private var monitor: Monitor
  private let factor: Double
  private let patience: Int
  private let cooldown: Int
  private let minLearningRate: Double
  private var waited = 0
  private var cooling = 0

  /// Creates the callback.
  ///
  /// - Parameters:
  ///   - monitor: the name of the value.
  ///   - factor: what the rate is multiplied by, from 0 to below 1.
  ///   - patience: how many epochs to wait for an improvement.
  ///   - mode: which way the value improves.
  ///   - minDelta: the least change that counts as one.
  ///   - cooldown: how many epochs not to count after the rate was lowered.
  ///   - minLearningRate: where the rate stays.
  public init(
    monitor: String = "val_loss", factor: Double = 0.1, patience: Int = 10,
    mode: EarlyStopping.Mode = .automatic, minDelta: Double = 0.0001, cooldown: Int = 0,
    minLearningRate: Double = 0
  ) {
    precondition((0..<1).contains(factor), "a factor from 0 to below 1, not \(factor)")
    self.monitor = Monitor(monitor, minDelta: minDelta, mode: mode)
    self.factor = factor
    self.patience = patience
    self.cooldown = cooldown
    self.minLearningRate = minLearningRate
  }

  /// Records the rate as `learning_rate`, and reduces it after `patience` epochs without an
  /// improvement.
  ///
  /// - Throws: what reading the logs throws.
  public func onEpochEnd(_ progress: TrainingProgress) throws {
    progress.record("learning_rate", progress.model.learningRate)
    if cooling > 0 {
      cooling -= 1
      waited = 0
    }
    if monitor.improves(with: try monitor.value(of: progress)) {
      waited = 0
    } else if cooling == 0 {
      waited += 1
      if waited >= patience { reduce(progress.model) }
    }
  }

  private func reduce(_ model: Model) {
    let rate = model.learningRate
    guard rate > minLearningRate else { return }
    model.learningRate = max(rate * factor, minLearningRate)
    cooling = cooldown
    waited = 0
  }

  /// The best value, the epochs waited, and those of the cooldown that are left.
  public var memory: CallbackMemory {
    get {
      CallbackMemory([
        "best": monitor.best.map(JSON.double) ?? .null, "waited": .int(waited),
        "cooling": .int(cooling),
      ])
    }
    set {
      monitor.best = newValue.json["best"]?.double
      waited = newValue.json["waited"]?.int ?? 0
      cooling = newValue.json["cooling"]?.int ?? 0
    }
  }
}
