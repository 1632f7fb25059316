import PlushTensor

/// Brings vectors along some axes to length 1: `x / √max(Σ x², 1e-12)`. The shape stays.
public final class UnitNormalization: Layer {
  private let axes: [Int]

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - axes: the axes along which vectors lie.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(axes: [Int] = [-1], inputShape: [Int?]? = nil, name: String? = nil) {
    self.axes = axes
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    axes = [Int](axisConfig: config["axis"]) ?? [-1]
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = axes.axisConfig
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    for axis in axes { _ = try place(of: axis, in: inputShape) }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.unitNormalization(axes: axes, epsilon: 1e-24)
  }
}
