import PlushTensor

/// Adam whose weights shrink a little with each step, apart from the gradient.
///
/// Loshchilov and Hutter, "Decoupled weight decay regularization", 2017: `w -= lr · λ · w`, λ being
/// the weight decay, before the step of ``Adam``.
public struct AdamW: Optimizer {
  private let adam: Adam

  /// Creates the optimizer.
  ///
  /// - Parameters:
  ///   - learningRate: the step size.
  ///   - weightDecay: which part of a weight, times the step size, each step takes away.
  ///   - beta1: how much of the mean of gradients stays.
  ///   - beta2: how much of the mean of squares stays.
  ///   - epsilon: added to the root of the mean of squares.
  ///   - amsgrad: whether the largest mean of squares so far is used: Reddi et al., 2018.
  ///   - options: their `weightDecay` is replaced by the one given beside them.
  public init(
    learningRate: Double = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    var options = options
    options.weightDecay = weightDecay
    adam = Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
      options: options)
  }

  public init(config: JSON) throws {
    var adam = try Adam(config: config)
    if config["weight_decay"] == nil { adam.arguments.options.weightDecay = 0.004 }
    self.adam = adam
  }

  public var learningRate: Double { adam.learningRate }
  public var options: OptimizerOptions { adam.options }
  public var slotNames: [String] { adam.slotNames }

  public var config: JSON {
    var config = adam.config
    config["name"] = .string(Self.className.snakeCase)
    return config
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    adam.update(weight, gradient: gradient, slots: &slots, learningRate: learningRate, step: step)
  }
}

extension Optimizer where Self == AdamW {
  /// AdamW with the defaults of Keras.
  public static var adamW: AdamW { AdamW() }
  /// Adam whose weights shrink a little with each step, apart from the gradient: Loshchilov and
  /// Hutter, 2017.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - weightDecay: which part of a weight, times the step size, each step takes away.
  ///   - beta1: how much of the mean of gradients stays with a step.
  ///   - beta2: how much of the mean of squares stays.
  ///   - epsilon: added to the divisor.
  ///   - amsgrad: whether the largest mean of squares so far is used: Reddi et al., 2018.
  ///   - options: their `weightDecay` is replaced by the one given beside them.
  public static func adamW(
    learningRate: Double = 0.001, weightDecay: Double = 0.004, beta1: Double = 0.9,
    beta2: Double = 0.999, epsilon: Double = 1e-7, amsgrad: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) -> AdamW {
    AdamW(
      learningRate: learningRate, weightDecay: weightDecay, beta1: beta1, beta2: beta2,
      epsilon: epsilon, amsgrad: amsgrad, options: options)
  }
}
