import PlushTensor

/// Steps divided by the root of the sum of all squared gradients.
///
/// Duchi, Hazan and Singer, 2011: `a += g²`, `w -= lr · g / √(a + ε)`.
public struct Adagrad: Optimizer {
  public var learningRate: Double
  /// What the sum of squares begins with.
  public var initialAccumulatorValue: Double
  /// Added to the divisor.
  public var epsilon: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.initialAccumulatorValue = initialAccumulatorValue
    self.epsilon = epsilon
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    initialAccumulatorValue = config.number("initial_accumulator_value", default: 0.1)
    epsilon = config.number("epsilon", default: 1e-7)
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration([
      "initial_accumulator_value": .double(initialAccumulatorValue), "epsilon": .double(epsilon),
    ])
  }

  public var slotNames: [String] { ["accumulator"] }

  public func initialSlots(shape: [Int]) -> [Tensor] {
    [.full(shape, Float(initialAccumulatorValue))]
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    slots[0] = slots[0] + gradient.square()
    return weight - learningRate * gradient / (slots[0] + epsilon).sqrt()
  }
}

extension Optimizer where Self == Adagrad {
  /// Adagrad with the defaults of Keras.
  public static var adagrad: Adagrad { Adagrad() }
  /// Steps divided by the root of the sum of all squared gradients: Duchi, Hazan and Singer, 2011.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - initialAccumulatorValue: what the sum of squares begins with.
  ///   - epsilon: added to the divisor.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func adagrad(
    learningRate: Double = 0.001, initialAccumulatorValue: Double = 0.1, epsilon: Double = 1e-7,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Adagrad {
    Adagrad(
      learningRate: learningRate, initialAccumulatorValue: initialAccumulatorValue,
      epsilon: epsilon, options: options)
  }
}
