import PlushTensor

/// Brings groups of features of each sample to mean 0 and variance 1, then scales and shifts each
/// feature by learned weights: `γ · (x - mean) / √(variance + ε) + β`. The shape stays.
///
/// Wu and He, "Group normalization", 2018.
public final class GroupNormalization: Layer {
  private let groups: Int
  private let axis: Int
  private let epsilon: Double
  private var affine: ScaleAndShift

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - groups: how many groups the features are divided into; -1 for one each.
  ///   - axis: the axis of the features.
  ///   - epsilon: added to the variance.
  ///   - center: whether a learned `beta` is added.
  ///   - scale: whether a learned `gamma` multiplies.
  public init(
    groups: Int = 32, axis: Int = -1, epsilon: Double = 1e-3, center: Bool = true,
    scale: Bool = true, betaInitializer: Initializer = .zeros,
    gammaInitializer: Initializer = .ones, betaRegularizer: Regularizer? = nil,
    gammaRegularizer: Regularizer? = nil, betaConstraint: Constraint? = nil,
    gammaConstraint: Constraint? = nil, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.groups = groups
    self.axis = axis
    self.epsilon = epsilon
    affine = ScaleAndShift(
      center: center, scale: scale, betaInitializer: betaInitializer,
      gammaInitializer: gammaInitializer, betaRegularizer: betaRegularizer,
      gammaRegularizer: gammaRegularizer, betaConstraint: betaConstraint,
      gammaConstraint: gammaConstraint)
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    groups = config["groups"]?.int ?? 32
    axis = config["axis"]?.int ?? -1
    epsilon = config["epsilon"]?.double ?? 1e-3
    affine = try ScaleAndShift(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["groups"] = .int(groups)
    config["axis"] = .int(axis)
    config["epsilon"] = .double(epsilon)
    affine.write(to: &config)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let features = try sizes(of: [axis], in: inputShape)[0]
    guard groups == -1 || (groups > 0 && features % groups == 0) else {
      throw shapeError(
        expected: "groups that divide the \(features) features", found: "\(groups) groups",
        hint: "groups: -1 makes one of each feature, groups: 1 one of all")
    }
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    affine.build(for: self, shape: try sizes(of: [axis], in: inputShape))
  }

  public override var supportsMasking: Bool { true }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.groupNormalization(
      groups: groups == -1 ? input.shape[axis < 0 ? axis + input.rank : axis] : groups, axis: axis,
      scale: affine.gamma?.value, offset: affine.beta?.value, epsilon: epsilon)
  }
}
