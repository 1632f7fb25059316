import PlushTensor

/// A rate that falls along half a wave, perhaps after it rose along a line.
///
/// Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016:
/// `((1 - alpha) · (1 + cos(π · step / steps)) / 2 + alpha) · top`.
public struct CosineDecay: LearningRateSchedule {
  /// The rate at the start.
  public let initialLearningRate: Double
  /// How many steps the fall takes.
  public let steps: Int
  /// Which part of the rate is left at the end.
  public let alpha: Double
  /// The rate to rise to before the fall; nil to fall at once.
  public let warmupTarget: Double?
  /// How many steps the rise takes.
  public let warmupSteps: Int

  /// Creates the schedule; `steps` must be above 0.
  public init(
    _ initialLearningRate: Double, steps: Int, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0
  ) {
    precondition(steps > 0, "a schedule takes more than 0 steps, not \(steps)")
    self.initialLearningRate = initialLearningRate
    self.steps = steps
    self.alpha = alpha
    self.warmupTarget = warmupTarget
    self.warmupSteps = warmupSteps
  }

  public init(config: JSON) throws {
    self.init(
      try config.get("initial_learning_rate", \.double),
      steps: try checkedSteps(config, "decay_steps"), alpha: config.number("alpha", default: 0),
      warmupTarget: config["warmup_target"]?.double, warmupSteps: config["warmup_steps"]?.int ?? 0)
  }

  public var config: JSON {
    [
      "initial_learning_rate": .double(initialLearningRate), "decay_steps": .int(steps),
      "alpha": .double(alpha), "warmup_target": warmupTarget.map(JSON.double) ?? .null,
      "warmup_steps": .int(warmupSteps), "name": "CosineDecay",
    ]
  }

  /// The rate for a step, counted from 0: both are float32 scalars.
  public func rate(at step: Tensor) -> Tensor {
    guard let warmupTarget, warmupSteps > 0 else {
      return fall(step, from: warmupTarget ?? initialLearningRate)
    }
    let rise = step * ((warmupTarget - initialLearningRate) / Double(warmupSteps))
    return (step .< warmupSteps).select(
      rise + initialLearningRate, fall(step - Double(warmupSteps), from: warmupTarget))
  }

  private func fall(_ step: Tensor, from top: Double) -> Tensor {
    let wave = ((step / Double(steps)).minimum(1) * Double.pi).cos() * 0.5 + 0.5
    return (wave * (1 - alpha) + alpha) * top
  }
}

extension LearningRateSchedule where Self == CosineDecay {
  /// A rate that falls along half a wave, perhaps after it rose along a line.
  public static func cosineDecay(
    _ initialLearningRate: Double, steps: Int, alpha: Double = 0, warmupTarget: Double? = nil,
    warmupSteps: Int = 0
  ) -> CosineDecay {
    CosineDecay(
      initialLearningRate, steps: steps, alpha: alpha, warmupTarget: warmupTarget,
      warmupSteps: warmupSteps)
  }
}
