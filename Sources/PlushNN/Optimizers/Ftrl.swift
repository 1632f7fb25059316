import PlushTensor

/// Follows the regularized leader: weights of little use become exactly zero.
///
/// McMahan et al., "Ad click prediction: a view from the trenches", 2013, with the names of Keras.
public struct Ftrl: Optimizer {
  public var learningRate: Double
  /// How the step size falls with the sum of squares; zero or less.
  public var learningRatePower: Double
  /// What the sum of squares begins with.
  public var initialAccumulatorValue: Double
  /// The penalty on absolute values.
  public var l1: Double
  /// The penalty on squares.
  public var l2: Double
  /// The penalty on squares that is added to the gradient only.
  public var l2Shrinkage: Double
  /// Added to the root of the sum of squares.
  public var beta: Double
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, learningRatePower: Double = -0.5,
    initialAccumulatorValue: Double = 0.1, l1: Double = 0, l2: Double = 0,
    l2Shrinkage: Double = 0, beta: Double = 0, options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.learningRatePower = learningRatePower
    self.initialAccumulatorValue = initialAccumulatorValue
    self.l1 = l1
    self.l2 = l2
    self.l2Shrinkage = l2Shrinkage
    self.beta = beta
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    learningRatePower = config.number("learning_rate_power", default: -0.5)
    initialAccumulatorValue = config.number("initial_accumulator_value", default: 0.1)
    l1 = config.number("l1_regularization_strength", default: 0)
    l2 = config.number("l2_regularization_strength", default: 0)
    l2Shrinkage = config.number("l2_shrinkage_regularization_strength", default: 0)
    beta = config.number("beta", default: 0)
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration([
      "learning_rate_power": .double(learningRatePower),
      "initial_accumulator_value": .double(initialAccumulatorValue),
      "l1_regularization_strength": .double(l1), "l2_regularization_strength": .double(l2),
      "l2_shrinkage_regularization_strength": .double(l2Shrinkage), "beta": .double(beta),
    ])
  }

  public var slotNames: [String] { ["accumulator", "linear"] }

  public func initialSlots(shape: [Int]) -> [Tensor] {
    [.full(shape, Float(initialAccumulatorValue)), .zeros(shape)]
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let shrunk = l2Shrinkage == 0 ? gradient : gradient + weight * (2 * l2Shrinkage)
    let sum = slots[0] + gradient.square()
    let power = sum.pow(-learningRatePower)
    let change = (power - slots[0].pow(-learningRatePower)) / learningRate
    let linear = slots[1] + shrunk - change * weight
    slots = [sum, linear]
    let curvature = (power + beta) / learningRate + 2 * l2
    return (linear.clip(min: -l1, max: l1) - linear) / curvature
  }
}

extension Optimizer where Self == Ftrl {
  /// Ftrl with the defaults of Keras.
  public static var ftrl: Ftrl { Ftrl() }
  /// Follows the regularized leader: weights of little use become exactly zero. McMahan et al.,
  /// 2013; see ``Ftrl`` for the parameters.
  public static func ftrl(
    learningRate: Double = 0.001, learningRatePower: Double = -0.5,
    initialAccumulatorValue: Double = 0.1, l1: Double = 0, l2: Double = 0,
    l2Shrinkage: Double = 0, beta: Double = 0, options: OptimizerOptions = OptimizerOptions()
  ) -> Ftrl {
    Ftrl(
      learningRate: learningRate, learningRatePower: learningRatePower,
      initialAccumulatorValue: initialAccumulatorValue, l1: l1, l2: l2, l2Shrinkage: l2Shrinkage,
      beta: beta, options: options)
  }
}
