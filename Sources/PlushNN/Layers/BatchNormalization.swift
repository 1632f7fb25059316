import PlushTensor

/// Brings each feature to mean 0 and variance 1, then scales and shifts it by learned weights:
/// `γ · (x - mean) / √(variance + ε) + β`. The shape stays.
///
/// While training, mean and variance are those of the batch, and moving averages of them are kept;
/// else the moving averages are used, also when the layer is not `trainable`. Steps that a mask
/// leaves out do not count. Ioffe and Szegedy, "Batch normalization", 2015.
public final class BatchNormalization: Layer {
  private let axis: Int
  private let momentum: Double
  private let epsilon: Double
  private let movingMeanInitializer: Initializer
  private let movingVarianceInitializer: Initializer
  private var affine: ScaleAndShift
  private var movingMean: Variable?
  private var movingVariance: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - axis: the axis of the features.
  ///   - momentum: how much of the moving averages stays at each step.
  ///   - epsilon: added to the variance.
  ///   - center: whether a learned `beta` is added.
  ///   - scale: whether a learned `gamma` multiplies.
  public init(
    axis: Int = -1, momentum: Double = 0.99, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, movingMeanInitializer: Initializer = .zeros,
    movingVarianceInitializer: Initializer = .ones, betaRegularizer: Regularizer? = nil,
    gammaRegularizer: Regularizer? = nil, betaConstraint: Constraint? = nil,
    gammaConstraint: Constraint? = nil, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.axis = axis
    self.momentum = momentum
    self.epsilon = epsilon
    self.movingMeanInitializer = movingMeanInitializer
    self.movingVarianceInitializer = movingVarianceInitializer
    affine = ScaleAndShift(
      center: center, scale: scale, betaInitializer: betaInitializer,
      gammaInitializer: gammaInitializer, betaRegularizer: betaRegularizer,
      gammaRegularizer: gammaRegularizer, betaConstraint: betaConstraint,
      gammaConstraint: gammaConstraint)
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    guard config["renorm"]?.bool != true else {
      throw ModelError(expected: "renorm false", found: "true")
    }
    axis = config["axis"]?.int ?? config["axis"]?[0]?.int ?? -1
    momentum = config["momentum"]?.double ?? 0.99
    epsilon = config["epsilon"]?.double ?? 1e-3
    movingMeanInitializer = try Initializer(
      config: config["moving_mean_initializer"], default: .zeros)
    movingVarianceInitializer = try Initializer(
      config: config["moving_variance_initializer"], default: .ones)
    affine = try ScaleAndShift(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = .int(axis)
    config["momentum"] = .double(momentum)
    config["epsilon"] = .double(epsilon)
    config["moving_mean_initializer"] = movingMeanInitializer.config
    config["moving_variance_initializer"] = movingVarianceInitializer.config
    affine.write(to: &config)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    _ = try sizes(of: [axis], in: inputShape)
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    let shape = try sizes(of: [axis], in: inputShape)
    affine.build(for: self, shape: shape)
    movingMean = addWeight(
      "moving_mean", shape: shape, initializer: movingMeanInitializer, trainable: false)
    movingVariance = addWeight(
      "moving_variance", shape: shape, initializer: movingVarianceInitializer, trainable: false)
  }

  public override var supportsMasking: Bool { true }

  override var usesMasks: Bool { true }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    [try normalized(inputs[0], mask: masks[0], training: training)]
  }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try normalized(input, mask: nil, training: training)
  }

  private func normalized(_ input: Tensor, mask: Tensor?, training: Bool) throws -> Tensor {
    guard let movingMean, let movingVariance else {
      throw shapeError(expected: "a built layer", found: "none")
    }
    let featureAxis = axis < 0 ? axis + input.rank : axis
    var mean = movingMean.value
    var variance = movingVariance.value
    if training && trainable {
      let axes = (0..<input.rank).filter { $0 != featureAxis }
      (mean, variance) = input.moments(axes: axes, mask: mask)
      keep(mean, in: movingMean)
      keep(variance, in: movingVariance)
    }
    var shape = [Int](repeating: 1, count: input.rank)
    shape[featureAxis] = input.shape[featureAxis]
    return input.batchNormalization(
      mean: mean.reshape(shape), variance: variance.reshape(shape),
      offset: affine.beta?.value.reshape(shape), scale: affine.gamma?.value.reshape(shape),
      epsilon: epsilon)
  }

  private func keep(_ batch: Tensor, in average: Variable) {
    average.value = average.value * momentum + batch.stopGradient() * (1 - momentum)
  }
}

extension Tensor {
  /// Mean and variance along axes, of the steps that a mask lets count.
  fileprivate func moments(axes: [Int], mask: Tensor?) -> (mean: Tensor, variance: Tensor) {
    guard let mask else { return (mean(axes: axes), variance(axes: axes)) }
    let counts = mask.alignedMask(for: self).cast(to: dtype).broadcast(to: shape)
    let count = counts.sum(axes: axes, keepDims: true) + 1e-7
    let mean = (self * counts).sum(axes: axes, keepDims: true) / count
    let squares = (self - mean).square() * counts
    let variance = squares.sum(axes: axes, keepDims: true) / count
    return (mean.squeeze(axes: axes), variance.squeeze(axes: axes))
  }
}
