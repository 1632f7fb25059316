import PlushTensor

/// Validates with the running means of the weights, which the optimizer keeps with `useEMA`.
public final class SwapEMAWeights: Callback {
  /// Creates the callback.
  public init() {}

  /// Checks the optimizer.
  ///
  /// - Throws: `ModelError` if the optimizer keeps no means.
  public func onTrainBegin(_ progress: TrainingProgress) throws {
    guard progress.model.training?.optimizer.options.useEMA == true else {
      throw ModelError(
        expected: "an optimizer that keeps means of the weights", found: "one that does not",
        hint: "give it OptimizerOptions(useEMA: true)")
    }
  }

  /// Puts the means in the place of the weights.
  ///
  /// - Throws: `ModelError` if the model is not compiled.
  public func onTestBegin(_ progress: TrainingProgress) throws { try swap(progress.model) }
  /// Puts the weights back.
  ///
  /// - Throws: `ModelError` if the model is not compiled.
  public func onTestEnd(_ progress: TrainingProgress) throws { try swap(progress.model) }

  private func swap(_ model: Model) throws {
    let training = try model.compiledTraining()
    for weight in model.namedWeights where weight.trainable {
      guard let mean = training.average(of: weight) else { continue }
      (weight.variable.value, mean.value) = (mean.value, weight.variable.value)
    }
  }
}
