import PlushTensor

/// Steps divided by the root of a running mean of squared gradients: Hinton, 2012.
///
/// `v = ρ v + (1 - ρ) g²`, `w -= lr · g / √(v + ε)`.
public struct RMSprop: Optimizer {
  public var learningRate: Double
  /// How much of the mean of squares stays.
  public var rho: Double
  /// How much of the last step is repeated.
  public var momentum: Double
  /// Added to the mean of squares.
  public var epsilon: Double
  /// Whether the square of the mean gradient is taken off the mean of squares.
  public var centered: Bool
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7,
    centered: Bool = false, options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.momentum = momentum
    self.epsilon = epsilon
    self.centered = centered
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    rho = config.number("rho", "decay", default: 0.9)
    momentum = config.number("momentum", default: 0)
    epsilon = config.number("epsilon", default: 1e-7)
    centered = config["centered"]?.bool ?? false
    options = try OptimizerOptions(config: config)
  }

  public static let className = "RMSprop"

  public var config: JSON {
    // TensorFlow.js calls rho decay.
    configuration([
      "rho": .double(rho), "decay": .double(rho), "momentum": .double(momentum),
      "epsilon": .double(epsilon), "centered": .bool(centered),
    ])
  }

  public var slotNames: [String] {
    ["velocity"] + (momentum > 0 ? ["momentum"] : []) + (centered ? ["average"] : [])
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    slots[0] = slots[0] * rho + gradient.square() * (1 - rho)
    var variance = slots[0]
    if centered {
      let last = slots.count - 1
      slots[last] = slots[last] * rho + gradient * (1 - rho)
      variance = variance - slots[last].square()
    }
    let descent = gradient * learningRate * (variance + epsilon).rsqrt()
    if momentum == 0 { return weight - descent }
    slots[1] = slots[1] * momentum + descent
    return weight - slots[1]
  }
}

extension Optimizer where Self == RMSprop {
  /// RMSprop with the defaults of Keras.
  public static var rmsprop: RMSprop { RMSprop() }
  /// Steps divided by the root of a running mean of squared gradients: Hinton, 2012.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - rho: how much of the mean of squares stays.
  ///   - momentum: how much of the last step is repeated.
  ///   - epsilon: added to the mean of squares.
  ///   - centered: whether the square of the mean gradient is taken off the mean of squares.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func rmsprop(
    learningRate: Double = 0.001, rho: Double = 0.9, momentum: Double = 0, epsilon: Double = 1e-7,
    centered: Bool = false, options: OptimizerOptions = OptimizerOptions()
  ) -> RMSprop {
    RMSprop(
      learningRate: learningRate, rho: rho, momentum: momentum, epsilon: epsilon,
      centered: centered, options: options)
  }
}
