import PlushTensor

/// Adam with little memory: of a matrix of squares only the means of rows and columns are kept.
///
/// Shazeer and Stern, "Adafactor: adaptive learning rates with sublinear memory cost", 2018.
public struct Adafactor: Optimizer {
  public var learningRate: Double
  /// The power of the step by which the mean of squares fades.
  public var beta2Decay: Double
  /// Added to squares.
  public var epsilon1: Double
  /// The least size of a weight that its steps are measured by.
  public var epsilon2: Double
  /// How large the root of the mean square of a step may be.
  public var clipThreshold: Double
  /// Whether the step size falls with the root of the number of steps.
  public var relativeStep: Bool
  public var options: OptimizerOptions

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, beta2Decay: Double = -0.8, epsilon1: Double = 1e-30,
    epsilon2: Double = 1e-3, clipThreshold: Double = 1, relativeStep: Bool = true,
    options: OptimizerOptions = OptimizerOptions()
  ) {
    self.learningRate = learningRate
    self.beta2Decay = beta2Decay
    self.epsilon1 = epsilon1
    self.epsilon2 = epsilon2
    self.clipThreshold = clipThreshold
    self.relativeStep = relativeStep
    self.options = options
  }

  public init(config: JSON) throws {
    learningRate = config.number("learning_rate", default: 0.001)
    beta2Decay = config.number("beta_2_decay", default: -0.8)
    epsilon1 = config.number("epsilon_1", default: 1e-30)
    epsilon2 = config.number("epsilon_2", default: 1e-3)
    clipThreshold = config.number("clip_threshold", default: 1)
    relativeStep = config["relative_step"]?.bool ?? true
    options = try OptimizerOptions(config: config)
  }

  public var config: JSON {
    configuration([
      "beta_2_decay": .double(beta2Decay), "epsilon_1": .double(epsilon1),
      "epsilon_2": .double(epsilon2), "clip_threshold": .double(clipThreshold),
      "relative_step": .bool(relativeStep),
    ])
  }

  public var slotNames: [String] { ["row", "column", "velocity"] }

  /// Rows, columns and all; a weight with less than two axes has no rows and columns.
  public func initialSlots(shape: [Int]) -> [Tensor] {
    if shape.count < 2 { return [.zeros([]), .zeros([]), .zeros(shape)] }
    return [
      .zeros(Array(shape.dropLast())), .zeros(shape.dropLast(2) + [shape[shape.count - 1]]),
      .zeros(shape),
    ]
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    let falling = step.rsqrt()
    let rate = learningRate.minimum(falling)
    let stays = 1 - step.pow(beta2Decay)
    let squares = gradient.square() + epsilon1
    if weight.rank < 2 {
      slots[2] = slots[2] * stays + squares * (1 - stays)
    } else {
      let rows = slots[0] * stays + squares.mean(axis: -1) * (1 - stays)
      let columns = slots[1] * stays + squares.mean(axis: -2) * (1 - stays)
      let shares = (rows / rows.mean(axis: -1, keepDims: true)).expandDims(axis: -1)
      slots = [rows, columns, shares * columns.expandDims(axis: -2)]
    }
    let descent = gradient * slots[2].rsqrt()
    let excess = (size(descent) / clipThreshold).maximum(1)
    return weight - descent * (size(weight).maximum(epsilon2) * rate / excess)
  }

  private func size(_ x: Tensor) -> Tensor { x.square().mean().sqrt() }
}

extension Optimizer where Self == Adafactor {
  /// Adafactor with the defaults of Keras.
  public static var adafactor: Adafactor { Adafactor() }
  /// Adam with little memory: of a matrix of squares only means of rows and columns are kept.
  /// Shazeer and Stern, 2018; see ``Adafactor`` for the parameters.
  public static func adafactor(
    learningRate: Double = 0.001, beta2Decay: Double = -0.8, epsilon1: Double = 1e-30,
    epsilon2: Double = 1e-3, clipThreshold: Double = 1, relativeStep: Bool = true,
    options: OptimizerOptions = OptimizerOptions()
  ) -> Adafactor {
    Adafactor(
      learningRate: learningRate, beta2Decay: beta2Decay, epsilon1: epsilon1, epsilon2: epsilon2,
      clipThreshold: clipThreshold, relativeStep: relativeStep, options: options)
  }
}
