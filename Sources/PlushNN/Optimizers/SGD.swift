import PlushTensor

/// Gradient descent, perhaps with momentum.
///
/// `w -= lr · g`; with momentum μ `v = μ v - lr · g`, `w += v`, with Nesterov's `w += μ v - lr · g`.
public struct SGD: Optimizer {
  public var learningRate: Double
  /// How much of the last step is repeated.
  public var momentum: Double
  /// Whether the gradient counts as taken after the repetition: Nesterov, 1983.
  public var nesterov: Bool
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.01)
    momentum = config.number("momentum", default: 0)
    nesterov = config["nesterov"]?.bool ?? config["use_nesterov"]?.bool ?? false
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration(["momentum": .double(momentum), "nesterov": .bool(nesterov)])
  }

  public var slotNames: [String] { momentum == 0 ? [] : ["momentum"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let descent = gradient * learningRate
    if momentum == 0 { return weight - descent }
    slots[0] = slots[0] * momentum - descent
    return nesterov ? weight + (slots[0] * momentum - descent) : weight + slots[0]
  }
}

extension Optimizer where Self == SGD {
  /// Gradient descent with a step size of 0.01.
  public static var sgd: SGD { SGD() }
  /// Gradient descent, perhaps with momentum: `w -= lr · g`, see ``SGD``.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - momentum: how much of the last step is repeated.
  ///   - nesterov: whether the gradient counts as taken after the repetition: Nesterov, 1983.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func sgd(
    learningRate: Double = 0.01, momentum: Double = 0, nesterov: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) -> SGD {
    SGD(learningRate: learningRate, momentum: momentum, nesterov: nesterov, options: options)
  }
}
