import PlushTensor

/// Adam with the largest gradient so far, which fades, in the place of the mean of squares.
///
/// Kingma and Ba, 2014, section 7.1: `u = max(β₂ · u, |g|)`, `w -= lr / (1-β₁ᵗ) · m / (u + ε)`.
public struct Adamax: AdamFamily {
  /// The numbers that Adam and its kin take.
  public var arguments: AdamArguments

  /// Creates the optimizer.
  public init(_ arguments: AdamArguments) { self.arguments = arguments }

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
  /// Adam with the largest gradient so far in the place of the mean of squares: Kingma and Ba,
  /// 2014.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - beta1: how much of the mean of gradients stays with a step.
  ///   - beta2: how much of the largest gradient stays.
  ///   - epsilon: added to the divisor.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func adamax(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = OptimizerOptions()
  ) -> Adamax {
    Adamax(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }
}
