import PlushTensor

/// A rate that falls along half a wave again and again.
///
/// Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", 2016.
public struct CosineDecayRestarts: LearningRateSchedule {
  /// The rate at the start.
  public let initialLearningRate: Double
  /// How many steps the first fall takes.
  public let firstSteps: Int
  /// How many times longer each fall is than the one before.
  public let timeFactor: Double
  /// How many times higher each fall begins than the one before.
  public let rateFactor: Double
  /// Which part of the rate is left at the end of a fall.
  public let alpha: Double

  /// Creates the schedule; `firstSteps` must be above 0, `timeFactor` 1 or more.
  public init(
    _ initialLearningRate: Double, firstSteps: Int, timeFactor: Double = 2,
    rateFactor: Double = 1, alpha: Double = 0
  ) {
    precondition(firstSteps > 0, "a schedule takes more than 0 steps, not \(firstSteps)")
    self.initialLearningRate = initialLearningRate
    self.firstSteps = firstSteps
    self.timeFactor = timeFactor
    self.rateFactor = rateFactor
    self.alpha = alpha
  }

  public init(config: JSON) throws {
    self.init(
      try config.get("initial_learning_rate", \.double),
      firstSteps: try checkedSteps(config, "first_decay_steps"),
      timeFactor: config.number("t_mul", default: 2),
      rateFactor: config.number("m_mul", default: 1), alpha: config.number("alpha", default: 0))
  }

  public var config: JSON {
    [
      "initial_learning_rate": .double(initialLearningRate), "first_decay_steps": .int(firstSteps),
      "t_mul": .double(timeFactor), "m_mul": .double(rateFactor), "alpha": .double(alpha),
      "name": "SGDRDecay",
    ]
  }

  /// The rate for a step, counted from 0: both are float32 scalars.
  public func rate(at step: Tensor) -> Tensor {
    let (restarts, done) = position(step / Double(firstSteps))
    let wave = (done * Double.pi).cos() * 0.5 + 0.5
    let height = Tensor(Float(rateFactor)).pow(restarts)
    return (wave * height * (1 - alpha) + alpha) * initialLearningRate
  }

  /// How many falls are over, and which part of the running one.
  private func position(_ time: Tensor) -> (restarts: Tensor, done: Tensor) {
    if timeFactor == 1 {
      let restarts = time.floor()
      return (restarts, time - restarts)
    }
    let restarts = ((time * (timeFactor - 1) + 1).log() / Tensor(Float(timeFactor)).log()).floor()
    let length = Tensor(Float(timeFactor)).pow(restarts)
    return (restarts, (time - (length - 1) / (timeFactor - 1)) / length)
  }
}

extension LearningRateSchedule where Self == CosineDecayRestarts {
  /// A rate that falls along half a wave again and again.
  public static func cosineDecayRestarts(
    _ initialLearningRate: Double, firstSteps: Int, timeFactor: Double = 2,
    rateFactor: Double = 1, alpha: Double = 0
  ) -> CosineDecayRestarts {
    CosineDecayRestarts(
      initialLearningRate, firstSteps: firstSteps, timeFactor: timeFactor, rateFactor: rateFactor,
      alpha: alpha)
  }
}
