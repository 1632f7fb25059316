import PlushTensor

/// Adam with each weight's step as long as the weight itself, for large batches.
///
/// You et al., "Large batch optimization for deep learning", 2019: `w -= lr · ‖w‖ / ‖d‖ · d` with
/// the step of Adam `d = m / (1-β₁ᵗ) / (√(v / (1-β₂ᵗ)) + ε)`.
public struct Lamb: AdamFamily {
  /// The numbers that Adam and its kin take.
  public var arguments: AdamArguments

  /// Creates the optimizer.
  public init(_ arguments: AdamArguments) { self.arguments = arguments }

  public var slotNames: [String] { ["momentum", "velocity"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    slots[0] = slots[0] + (gradient - slots[0]) * (1 - beta1)
    slots[1] = slots[1] + (gradient.square() - slots[1]) * (1 - beta2)
    let mean = slots[0] / (1 - Tensor(Float(beta1)).pow(step))
    let variance = slots[1] / (1 - Tensor(Float(beta2)).pow(step))
    let descent = mean / (variance.sqrt() + epsilon)
    return weight - descent * (ratio(weight.norm(), descent.norm()) * learningRate)
  }

  /// One where either length is zero.
  private func ratio(_ weight: Tensor, _ descent: Tensor) -> Tensor {
    let isUsable = (weight .> 0).logicalAnd(descent .> 0)
    return isUsable.select(weight / isUsable.select(descent, Tensor(Float(1))), Tensor(Float(1)))
  }
}

extension Optimizer where Self == Lamb {
  /// Lamb with the defaults of Keras.
  public static var lamb: Lamb { Lamb() }
  /// Adam with each weight's step as long as the weight itself: You et al., 2019.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - beta1: how much of the mean of gradients stays with a step.
  ///   - beta2: how much of the mean of squares stays.
  ///   - epsilon: added to the divisor.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func lamb(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = OptimizerOptions()
  ) -> Lamb {
    Lamb(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }
}
