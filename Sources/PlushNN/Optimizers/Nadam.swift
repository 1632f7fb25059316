import PlushTensor

/// Adam with the momentum of Nesterov.
///
/// Dozat, "Incorporating Nesterov momentum into Adam", 2015, with
/// `u(t) = β₁ · (1 - 0.96ᵗ / 2)` as the momentum of step t, as in Keras.
public struct Nadam: AdamFamily {
  /// The numbers that Adam and its kin take.
  public var arguments: AdamArguments

  /// Creates the optimizer.
  public init(_ arguments: AdamArguments) { self.arguments = arguments }

  public var slotNames: [String] { ["momentum", "velocity", "u_product"] }

  /// The last value is the product of all `u(t)` so far.
  public func initialSlots(shape: [Int]) -> [Tensor] {
    [.zeros(shape), .zeros(shape), .ones([])]
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let momentum = self.momentum(at: step)
    let next = self.momentum(at: step + 1)
    let product = slots[2] * momentum
    slots[0] = slots[0] + (gradient - slots[0]) * (1 - beta1)
    slots[1] = slots[1] + (gradient.square() - slots[1]) * (1 - beta2)
    slots[2] = product
    let ahead = slots[0] * (next / (1 - product * next))
    let mean = ahead + gradient * ((1 - momentum) / (1 - product))
    let variance = slots[1] / (1 - Tensor(Float(beta2)).pow(step))
    return weight - mean * learningRate / (variance.sqrt() + epsilon)
  }

  private func momentum(at step: Tensor) -> Tensor {
    (1 - Tensor(Float(0.96)).pow(step) * 0.5) * beta1
  }
}

extension Optimizer where Self == Nadam {
  /// Nadam with the defaults of Keras.
  public static var nadam: Nadam { Nadam() }
  /// Adam with the momentum of Nesterov: Dozat, 2015.
  ///
  /// - Parameters:
  ///   - learningRate: the step size at the start.
  ///   - beta1: how much of the mean of gradients stays with a step.
  ///   - beta2: how much of the mean of squares stays.
  ///   - epsilon: added to the divisor.
  ///   - options: a schedule, clipping, weight decay and what else all optimizers take.
  public static func nadam(
    learningRate: Double = 0.001, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-7, options: OptimizerOptions = OptimizerOptions()
  ) -> Nadam {
    Nadam(
      learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, options: options)
  }
}
