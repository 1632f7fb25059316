import PlushTensor

/// A rate that falls to an end by a power: `(initial - end) · (1 - step / steps)^power + end`.
public struct PolynomialDecay: LearningRateSchedule {
  /// The rate at the start.
  public let initialLearningRate: Double
  /// After how many steps the end is reached.
  public let steps: Int
  /// The rate at the end.
  public let endLearningRate: Double
  /// The power; 1 falls along a line.
  public let power: Double
  /// Whether the rate rises again after the end, to fall in a multiple of the steps.
  public let cycle: Bool

  /// Creates the schedule; `steps` must be above 0.
  public init(
    _ initialLearningRate: Double, steps: Int, endLearningRate: Double = 0.0001,
    power: Double = 1, cycle: Bool = false
  ) {
    precondition(steps > 0, "a schedule takes more than 0 steps, not \(steps)")
    self.initialLearningRate = initialLearningRate
    self.steps = steps
    self.endLearningRate = endLearningRate
    self.power = power
    self.cycle = cycle
  }

  public init(config: JSON) throws {
    self.init(
      try config.get("initial_learning_rate", \.double),
      steps: try checkedSteps(config, "decay_steps"),
      endLearningRate: config.number("end_learning_rate", default: 0.0001),
      power: config.number("power", default: 1), cycle: config["cycle"]?.bool ?? false)
  }

  public var config: JSON {
    [
      "initial_learning_rate": .double(initialLearningRate), "decay_steps": .int(steps),
      "end_learning_rate": .double(endLearningRate), "power": .double(power),
      "cycle": .bool(cycle), "name": "PolynomialDecay",
    ]
  }

  /// The rate for a step, counted from 0: both are float32 scalars.
  public func rate(at step: Tensor) -> Tensor {
    let part = step / Double(steps)
    let done = cycle ? part / part.ceil().maximum(1) : part.minimum(1)
    return (1 - done).pow(power) * (initialLearningRate - endLearningRate) + endLearningRate
  }
}

extension LearningRateSchedule where Self == PolynomialDecay {
  /// A rate that falls to an end by a power.
  public static func polynomialDecay(
    _ initialLearningRate: Double, steps: Int, endLearningRate: Double = 0.0001,
    power: Double = 1, cycle: Bool = false
  ) -> PolynomialDecay {
    PolynomialDecay(
      initialLearningRate, steps: steps, endLearningRate: endLearningRate, power: power,
      cycle: cycle)
  }
}
