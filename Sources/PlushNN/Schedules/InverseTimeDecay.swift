import PlushTensor

/// A rate that falls like one over the time: `initial / (1 + rate · step / steps)`.
public struct InverseTimeDecay: LearningRateSchedule {
  /// The rate at the start.
  public let initialLearningRate: Double
  /// In how many steps the divisor grows by `rate`.
  public let steps: Int
  /// How much the divisor grows.
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
      "decay_rate": .double(rate), "staircase": .bool(staircase), "name": "InverseTimeDecay",
    ]
  }

  /// The rate for a step, counted from 0: both are float32 scalars.
  public func rate(at step: Tensor) -> Tensor {
    let part = step / Double(steps)
    return Tensor(Float(initialLearningRate)) / ((staircase ? part.floor() : part) * rate + 1)
  }
}

extension LearningRateSchedule where Self == InverseTimeDecay {
  /// A rate that falls like one over the time.
  public static func inverseTimeDecay(
    _ initialLearningRate: Double, steps: Int, rate: Double, staircase: Bool = false
  ) -> InverseTimeDecay {
    InverseTimeDecay(initialLearningRate, steps: steps, rate: rate, staircase: staircase)
  }
}
