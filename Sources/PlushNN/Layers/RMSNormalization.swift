import PlushTensor

/// Divides by the root of the mean square along some axes, then scales by learned weights:
/// `γ · x / √(mean(x²) + ε)`. The shape stays.
///
/// Zhang and Sennrich, "Root mean square layer normalization", 2019.
public final class RMSNormalization: Layer {
  private let axes: [Int]
  private let epsilon: Double
  private var scale: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - axes: the axes along which the mean square is taken.
  ///   - epsilon: added to the mean square.
  public init(
    axes: [Int] = [-1], epsilon: Double = 1e-6, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.axes = axes
    self.epsilon = epsilon
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    axes = [Int](axisConfig: config["axis"]) ?? [-1]
    epsilon = config["epsilon"]?.double ?? 1e-6
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = axes.axisConfig
    config["epsilon"] = .double(epsilon)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    _ = try sizes(of: axes, in: inputShape)
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    scale = addWeight("scale", shape: try sizes(of: axes, in: inputShape), initializer: .ones)
  }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let scale else { throw shapeError(expected: "a built layer", found: "none") }
    return input.rmsNormalization(
      axes: axes.places(rank: input.rank), scale: scale.value, epsilon: epsilon)
  }
}
