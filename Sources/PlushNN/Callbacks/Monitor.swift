/// Watches whether a value gets better from epoch to epoch.
struct Monitor {
  /// The name of the value.
  let name: String
  private let minDelta: Double
  private let isBetterUp: Bool
  /// The best value so far.
  var best: Double?

  init(_ name: String, minDelta: Double = 0, mode: EarlyStopping.Mode) {
    self.name = name
    self.minDelta = minDelta.magnitude
    isBetterUp = mode == .automatic ? isLargerBetter(name) : mode == .up
  }

  /// The value of the epoch.
  ///
  /// - Throws: `DataError` if there is none of this name.
  func value(of progress: TrainingProgress) throws -> Double {
    let logs = try progress.logs
    if let value = logs[name] { return value }
    throw DataError(
      .argument, expected: "a value '\(name)' to monitor",
      found: "only " + logs.names.joined(separator: ", "),
      hint: name.hasPrefix("val_") ? "give validationSplit or validationData" : nil)
  }

  /// Takes a value as the best if it is better; tells whether it is.
  mutating func improves(with value: Double) -> Bool {
    guard isBetter(value) else { return false }
    best = value
    return true
  }

  private func isBetter(_ value: Double) -> Bool {
    guard let best else { return !value.isNaN }
    return isBetterUp ? value - minDelta > best : value + minDelta < best
  }
}

/// Whether a value of this name improves upward: accuracies and their like.
package func isLargerBetter(_ name: String) -> Bool {
  let words = [
    "acc", "accuracy", "precision", "recall", "auc", "score", "iou", "u", "sensitivity",
    "specificity", "correlation", "similarity",
  ]
  return name.split(separator: "_").contains { words.contains(String($0)) }
}
