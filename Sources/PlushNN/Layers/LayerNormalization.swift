import PlushTensor

/// Brings each sample to mean 0 and variance 1 along some axes, then scales and shifts it by
/// learned weights: `γ · (x - mean) / √(variance + ε) + β`. The shape stays.
///
/// Ba, Kiros and Hinton, "Layer normalization", 2016.
public final class LayerNormalization: Layer {
  private let axes: [Int]
  private let epsilon: Double
  private var affine: ScaleAndShift

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - axes: the axes that are brought to mean 0 and variance 1 together.
  ///   - epsilon: added to the variance.
  ///   - center: whether a learned `beta` is added.
  ///   - scale: whether a learned `gamma` multiplies.
  public init(
    axes: [Int] = [-1], epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    betaInitializer: Initializer = .zeros, gammaInitializer: Initializer = .ones,
    betaRegularizer: Regularizer? = nil, gammaRegularizer: Regularizer? = nil,
    betaConstraint: Constraint? = nil, gammaConstraint: Constraint? = nil,
    inputShape: [Int?]? = nil, name: String? = nil, trainable: Bool = true
  ) {
    self.axes = axes
    self.epsilon = epsilon
    affine = ScaleAndShift(
      center: center, scale: scale, betaInitializer: betaInitializer,
      gammaInitializer: gammaInitializer, betaRegularizer: betaRegularizer,
      gammaRegularizer: gammaRegularizer, betaConstraint: betaConstraint,
      gammaConstraint: gammaConstraint)
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    guard config["rms_scaling"]?.bool != true else {
      throw ModelError(
        expected: "rms_scaling false", found: "true", hint: "see the layer RMSNormalization")
    }
    axes = [Int](axisConfig: config["axis"]) ?? [-1]
    epsilon = config["epsilon"]?.double ?? 1e-3
    affine = try ScaleAndShift(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = axes.axisConfig
    config["epsilon"] = .double(epsilon)
    affine.write(to: &config)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    _ = try sizes(of: axes, in: inputShape)
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    affine.build(for: self, shape: try sizes(of: axes, in: inputShape))
  }

  public override var supportsMasking: Bool { true }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.layerNormalization(
      axes: axes.places(rank: input.rank), scale: affine.gamma?.value, offset: affine.beta?.value,
      epsilon: epsilon)
  }
}
