import PlushTensor

/// Steps scaled by running means of gradients and of their squares.
///
/// Kingma and Ba, "Adam: a method for stochastic optimization", 2014, with epsilon where Keras has
/// it: `w -= lr · √(1-β₂ᵗ) / (1-β₁ᵗ) · m / (√v + ε)`.
public struct Adam: AdamFamily {
  /// The numbers that Adam and its kin take.
  public var arguments: AdamArguments
  /// Whether the largest mean of squares so far is used: Reddi et al., 2018.
  public var amsgrad = false

  /// Creates the optimizer, without `amsgrad`.
  public init(_ arguments: AdamArguments) { self.arguments = arguments }

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool, options: OptimizerOptions = OptimizerOptions()
  ) {
    arguments = AdamArguments(learningRate, beta1, beta2, epsilon, options)
    self.amsgrad = amsgrad
  }

  public init(config: JSON) throws {
    arguments = try AdamArguments(config: config)
    amsgrad = config["amsgrad"]?.bool ?? false
  }

  public var config: JSON {
    configuration(arguments.config.merging(["amsgrad": .bool(amsgrad)]) { $1 })
  }

  public var slotNames: [String] { amsgrad ? ["m", "v", "vhat"] : ["m", "v"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let power1 = Tensor(Float(beta1)).pow(step)
    let power2 = Tensor(Float(beta2)).pow(step)
    let rate = learningRate * (1 - power2).sqrt() / (1 - power1)
    slots[0] = slots[0] + (gradient - slots[0]) * (1 - beta1)
    slots[1] = slots[1] + (gradient.square() - slots[1]) * (1 - beta2)
    if amsgrad { slots[2] = slots[2].maximum(slots[1]) }
    return weight - slots[0] / (slots[amsgrad ? 2 : 1].sqrt() + epsilon) * rate
  }
}

extension Optimizer where Self == Adam {
  /// Adam with the defaults of Keras.
  public static var adam: Adam { Adam() }
  /// Steps scaled by running means of gradients and of their squares: ``Adam``, Kingma and Ba,
  /// 2014.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - beta1: how much of the mean of gradients stays with a step.
  ///   - beta2: how much of the mean of squares stays.
  ///   - epsilon: added to the divisor.
  ///   - amsgrad: whether the largest mean of squares so far is used: Reddi et al., 2018.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func adam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, amsgrad: Bool = false,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Adam {
    Adam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, amsgrad: amsgrad,
      options: options)
  }
}
