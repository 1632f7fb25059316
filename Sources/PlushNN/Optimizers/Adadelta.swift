import PlushTensor

/// Steps as large as the last ones were, seen against the gradients of late.
///
/// Zeiler, "ADADELTA: an adaptive learning rate method", 2012: `a = ρ a + (1 - ρ) g²`,
/// `d = g · √(b + ε) / √(a + ε)`, `b = ρ b + (1 - ρ) d²`, `w -= lr · d`.
public struct Adadelta: Optimizer {
  public var learningRate: Double
  /// How much of the means of squares stays.
  public var rho: Double
  /// Added to the divisor.
  public var epsilon: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.rho = rho
    self.epsilon = epsilon
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    rho = config.number("rho", default: 0.95)
    epsilon = config.number("epsilon", default: 1e-7)
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration(["rho": .double(rho), "epsilon": .double(epsilon)])
  }

  public var slotNames: [String] { ["accumulated_grad", "accumulated_delta_var"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    slots[0] = slots[0] * rho + gradient.square() * (1 - rho)
    let descent = gradient * (slots[1] + epsilon).sqrt() / (slots[0] + epsilon).sqrt()
    slots[1] = slots[1] * rho + descent.square() * (1 - rho)
    return weight - learningRate * descent
  }
}

extension Optimizer where Self == Adadelta {
  /// Adadelta with the defaults of Keras.
  public static var adadelta: Adadelta { Adadelta() }
  /// Steps as large as the last ones were, seen against the gradients of late: Zeiler, 2012.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - rho: how much of the means of squares stays.
  ///   - epsilon: added to the divisor.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func adadelta(
    learningRate: Double = 0.001, rho: Double = 0.95, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Adadelta {
    Adadelta(learningRate: learningRate, rho: rho, epsilon: epsilon, options: options)
  }
}
