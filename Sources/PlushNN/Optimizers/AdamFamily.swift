import PlushTensor

/// Adam and its kin, which take the same numbers and differ in the rule.
public protocol AdamFamily: Optimizer {
  /// The numbers that all of them take.
  var arguments: AdamArguments { get set }
  /// Creates the optimizer.
  init(_ arguments: AdamArguments)
}

/// What Adam and its kin take.
public struct AdamArguments: Sendable {
  /// The step size at the start.
  public var learningRate: Double
  /// How much of the mean of gradients stays.
  public var beta1: Double
  /// How much of the mean of squares, or of what takes its place, stays.
  public var beta2: Double
  /// Added to the divisor.
  public var epsilon: Double
  /// Clipping, weight decay and what else is the same for all optimizers.
  public var options: OptimizerOptions

  init(
    _ learningRate: Double, _ beta1: Double, _ beta2: Double, _ epsilon: Double,
    _ options: OptimizerOptions
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.options = options
  }

  init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    beta1 = config.number("beta_1", "beta1", default: 0.9)
    beta2 = config.number("beta_2", "beta2", default: 0.999)
    epsilon = config.number("epsilon", default: 1e-7)
    options = try OptimizerOptions(config: config)
  }

  var config: [String: JSON] {
    ["beta_1": .double(beta1), "beta_2": .double(beta2), "epsilon": .double(epsilon)]
  }
}

extension AdamFamily {
  /// Creates the optimizer; defaults are those of Keras.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = OptimizerOptions()
  ) {
    self.init(AdamArguments(learningRate, beta1, beta2, epsilon, options))
  }

  public init(config: JSON) throws { self.init(try AdamArguments(config: config)) }

  public var config: JSON { configuration(arguments.config) }

  /// The step size at the start.
  public var learningRate: Double { arguments.learningRate }
  /// How much of the mean of gradients stays.
  public var beta1: Double { arguments.beta1 }
  /// How much of the mean of squares, or of what takes its place, stays.
  public var beta2: Double { arguments.beta2 }
  /// Added to the divisor.
  public var epsilon: Double { arguments.epsilon }
  public var options: OptimizerOptions { arguments.options }
}
