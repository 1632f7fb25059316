import PlushTensor

/// Adam that needs no schedule, since it averages its steps.
///
/// Defazio et al., "The road less scheduled", 2024. The model's weights are those that gradients are
/// taken at.
public struct ScheduleFreeAdamW: Optimizer {
  public var learningRate: Double
  /// How much of the mean of gradients stays.
  public var beta1: Double
  /// How much of the mean of squares stays.
  public var beta2: Double
  /// Added to the divisor.
  public var epsilon: Double
  /// In how many steps the step size grows to its value.
  public var warmupSteps: Int
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, warmupSteps: Int = 0, options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.warmupSteps = warmupSteps
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.0025)
    beta1 = config.number("beta_1", default: 0.9)
    beta2 = config.number("beta_2", default: 0.999)
    epsilon = config.number("epsilon", default: 1e-8)
    warmupSteps = config["warmup_steps"]?.int ?? 0
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration([
      "beta_1": .double(beta1), "beta_2": .double(beta2), "epsilon": .double(epsilon),
      "warmup_steps": .int(warmupSteps),
    ])
  }

  public var slotNames: [String] { ["momentum", "velocity"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let grown = warmupSteps == 0 ? learningRate : learningRate * growth(step)
    let start = (step .== 1).select(weight, slots[0])
    slots[1] = slots[1] + (gradient.square() - slots[1]) * (1 - beta2)
    let variance = slots[1] / (1 - Tensor(Float(beta2)).pow(step))
    slots[0] = start - grown * gradient / (variance.sqrt() + epsilon)
    let average = (weight - start * (1 - beta1)) / beta1
    let newAverage = average + (slots[0] - average) / step
    return slots[0] * (1 - beta1) + newAverage * beta1
  }

  private func growth(_ step: Tensor) -> Tensor { (step / Double(warmupSteps)).minimum(1) }
}

extension Optimizer where Self == ScheduleFreeAdamW {
  /// ScheduleFreeAdamW with the defaults of Keras.
  public static var scheduleFreeAdamW: ScheduleFreeAdamW { ScheduleFreeAdamW() }
  /// Adam that needs no schedule, since it averages its steps: Defazio et al., 2024; see
  /// ``ScheduleFreeAdamW`` for the parameters.
  public static func scheduleFreeAdamW(
    learningRate: Double = 0.0025, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, warmupSteps: Int = 0, options: OptimizerOptions = OptimizerOptions()
  ) -> ScheduleFreeAdamW {
    ScheduleFreeAdamW(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      warmupSteps: warmupSteps, options: options)
  }
}
