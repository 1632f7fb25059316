import PlushTensor

/// A rate that is multiplied by a factor again and again: `initial · factor^(step / steps)`.
public struct ExponentialDecay: LearningRateSchedule {
  /// The rate at the start.
  public let initialLearningRate: Double
  /// In how many steps the rate is multiplied by the factor.
  public let steps: Int
  /// The factor.
  public let rate: Double
  /// Whether the rate falls at once after so many steps, and not little by little.
  public let staircase: Bool

  /// Creates the schedule; `steps` must be above 0.
  public init(_ initialLearningRate: Double, steps: Int, rate: Double, staircase: Bool = false) {
    precondition(steps > 0, "a schedule takes more than 0 steps, not \(steps)")
    self.initialLearningRate = initialLearningRate
    self.steps = steps
    self.rate = rate
    self.staircase = staircase
  }

  public init(config: JSON) throws {
    self.init(
      try config.get("initial_learning_rate", \.double),
      steps: try checkedSteps(config, "decay_steps"), rate: try config.get("decay_rate", \.double),
      staircase: config["staircase"]?.bool ?? false)
  }

  public var config: JSON {
    [
      "initial_learning_rate": .double(initialLearningRate), "decay_steps": .int(steps),
      "decay_rate": .double(rate), "staircase": .bool(staircase), "name": "ExponentialDecay",
    ]
  }

  /// The rate for a step, counted from 0: both are float32 scalars.
  public func rate(at step: Tensor) -> Tensor {
    let part = step / Double(steps)
    return Tensor(Float(rate)).pow(staircase ? part.floor() : part) * initialLearningRate
  }
}

extension LearningRateSchedule where Self == ExponentialDecay {
  /// A rate that is multiplied by a factor again and again.
  public static func exponentialDecay(
    _ initialLearningRate: Double, steps: Int, rate: Double, staircase: Bool = false
  ) -> ExponentialDecay {
    ExponentialDecay(initialLearningRate, steps: steps, rate: rate, staircase: staircase)
  }
}
