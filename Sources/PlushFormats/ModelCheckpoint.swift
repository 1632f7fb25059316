import PlushData
import PlushNN

/// Saves the model after epochs: after each, or after those that improved a value.
public final class ModelCheckpoint: Callback {
  private let path: String
  private let monitor: String
  private let saveBestOnly: Bool
  private let saveWeightsOnly: Bool
  private let isBetterUp: Bool
  private var best: Double?

  /// Creates the callback.
  ///
  /// - Parameters:
  ///   - path: the folder, or with `saveWeightsOnly` the safetensors file; `{epoch}` stands for the
  ///     number of the epoch.
  ///   - monitor: the name of the value that should improve.
  ///   - saveBestOnly: whether epochs that did not improve it are passed over.
  ///   - saveWeightsOnly: whether only the weights are saved.
  ///   - mode: which way the value improves.
  public init(
    _ path: String, monitor: String = "val_loss", saveBestOnly: Bool = false,
    saveWeightsOnly: Bool = false, mode: EarlyStopping.Mode = .automatic
  ) {
    self.path = path
    self.monitor = monitor
    self.saveBestOnly = saveBestOnly
    self.saveWeightsOnly = saveWeightsOnly
    isBetterUp = mode == .automatic ? isLargerBetter(monitor) : mode == .up
  }

  /// Saves the model, or its weights, if the epoch is one to be saved.
  ///
  /// - Throws: `FileError` if there is no value to monitor or writing fails.
  public func onEpochEnd(_ progress: TrainingProgress) throws {
    if saveBestOnly {
      guard let value = try progress.logs[monitor] else {
        throw FileError(
          .unsupported, path, expected: "a value '\(monitor)' to monitor",
          found: "only " + (try progress.logs.names.joined(separator: ", ")))
      }
      guard best.map({ isBetterUp ? value > $0 : value < $0 }) ?? !value.isNaN else { return }
      best = value
    }
    let target = path.replacing("{epoch}", with: "\(progress.epoch + 1)")
    if saveWeightsOnly {
      try progress.model.saveWeights(to: target)
    } else {
      try progress.model.save(to: target)
    }
  }

  /// The best value so far.
  public var memory: CallbackMemory {
    get { CallbackMemory(["best": best.map(JSON.double) ?? .null]) }
    set { best = newValue.json["best"]?.double }
  }
}
