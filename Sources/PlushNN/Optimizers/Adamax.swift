import PlushTensor

/// Adam with the largest gradient so far, which fades, in the place of the mean of squares.
///
/// Kingma and Ba, 2014, section 7.1: `u = max(β₂ · u, |g|)`, `w -= lr / (1-β₁ᵗ) · m / (u + ε)`.
public struct Adamax: Optimizer {
  public var learningRate: Double
  /// How much of the mean of gradients stays.
  public var beta1: Double
  /// How much of the largest gradient stays.
  public var beta2: Double
  /// Added to the divisor.
  public var epsilon: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    beta1 = config.number("beta_1", default: 0.9)
    beta2 = config.number("beta_2", default: 0.999)
    epsilon = config.number("epsilon", default: 1e-7)
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration([
      "beta_1": .double(beta1), "beta_2": .double(beta2), "epsilon": .double(epsilon),
    ])
  }

  public var slotNames: [String] { ["momentum", "norm"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let correction = 1 - Tensor(Float(beta1)).pow(step)
    slots[0] = slots[0] + (gradient - slots[0]) * (1 - beta1)
    slots[1] = (slots[1] * beta2).maximum(gradient.abs())
    return weight - learningRate * slots[0] / (correction * (slots[1] + epsilon))
  }
}

extension Optimizer where Self == Adamax {
  /// Adamax with the defaults of Keras.
  public static var adamax: Adamax { Adamax() }
  /// Adam with the largest gradient so far in the place of the mean of squares.
  public static func adamax(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = OptimizerOptions()
  ) -> Adamax {
    Adamax(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }
}
