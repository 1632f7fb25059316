import PlushTensor

/// Stops training when a value has not improved for some epochs.
public final class EarlyStopping: Callback {
  /// Which way a value improves.
  public enum Mode: Sendable {
    /// Up for accuracies and their like, else down.
    case automatic
    /// It gets better by falling, as losses do.
    case down
    /// It gets better by rising, as accuracies do.
    case up
  }

  private var monitor: Monitor
  private let patience: Int
  private let restoreBestWeights: Bool
  private var bestEpoch = 0
  private var waited = 0
  private var bestWeights: [String: Tensor] = [:]

  /// Creates the callback.
  ///
  /// - Parameters:
  ///   - monitor: the name of the value.
  ///   - patience: how many epochs to wait for an improvement.
  ///   - minDelta: the least change that counts as one.
  ///   - mode: which way the value improves.
  ///   - restoreBestWeights: whether the model goes back to the weights of the best epoch.
  public init(
    monitor: String = "val_loss", patience: Int = 0, minDelta: Double = 0,
    mode: Mode = .automatic, restoreBestWeights: Bool = false
  ) {
    self.monitor = Monitor(monitor, minDelta: minDelta, mode: mode)
    self.patience = patience
    self.restoreBestWeights = restoreBestWeights
  }

  /// Counts epochs without an improvement, and stops training after `patience` of them.
  ///
  /// - Throws: what reading the logs throws.
  public func onEpochEnd(_ progress: TrainingProgress) throws {
    if monitor.improves(with: try monitor.value(of: progress)) {
      bestEpoch = progress.epoch
      waited = 0
      if restoreBestWeights { keepWeights(of: progress.model) }
      return
    }
    waited += 1
    guard waited > patience || (patience > 0 && waited == patience) else { return }
    progress.stop("\(monitor.name) has not improved since epoch \(bestEpoch + 1)")
  }

  /// Gives the model the weights of the best epoch, if they are to be restored.
  public func onTrainEnd(_ progress: TrainingProgress) {
    guard restoreBestWeights else { return }
    for weight in progress.model.namedWeights {
      if let value = bestWeights[weight.name] { weight.variable.value = value }
    }
  }

  private func keepWeights(of model: Model) {
    bestWeights = Dictionary(
      uniqueKeysWithValues: model.namedWeights.map { ($0.name, $0.variable.value) })
  }

  /// The best value, its epoch, the epochs waited, and the best weights.
  public var memory: CallbackMemory {
    get {
      let json: JSON = [
        "best": monitor.best.map(JSON.double) ?? .null, "best_epoch": .int(bestEpoch),
        "waited": .int(waited),
      ]
      return CallbackMemory(json, tensors: bestWeights)
    }
    set {
      monitor.best = newValue.json["best"]?.double
      bestEpoch = newValue.json["best_epoch"]?.int ?? 0
      waited = newValue.json["waited"]?.int ?? 0
      bestWeights = newValue.tensors
    }
  }
}
