import PlushTensor

/// Steps of one size in the direction of a mean of gradients.
///
/// Chen et al., "Symbolic discovery of optimization algorithms", 2023:
/// `w -= lr · sign(β₁ m + (1 - β₁) g)`, `m = β₂ m + (1 - β₂) g`.
public struct Lion: Optimizer {
  public var learningRate: Double
  /// How much of the mean counts in the direction of the step.
  public var beta1: Double
  /// How much of the mean of gradients stays.
  public var beta2: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    beta1 = config.number("beta_1", default: 0.9)
    beta2 = config.number("beta_2", default: 0.99)
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration(["beta_1": .double(beta1), "beta_2": .double(beta2)])
  }

  public var slotNames: [String] { ["momentum"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let direction = (slots[0] * beta1 + gradient * (1 - beta1)).sign()
    slots[0] = slots[0] * beta2 + gradient * (1 - beta2)
    return weight - direction * learningRate
  }
}

extension Optimizer where Self == Lion {
  /// Lion with the defaults of Keras.
  public static var lion: Lion { Lion() }
  /// Steps of one size in the direction of a mean of gradients: Chen et al., 2023.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - beta1: how much of the mean counts in the direction of the step.
  ///   - beta2: how much of the mean of gradients stays.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func lion(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.99,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Lion {
    Lion(learningRate: learningRate, beta1: beta1, beta2: beta2, options: options)
  }
}
