import PlushTensor

/// Brings vectors along some axes to length 1. The shape stays.
public final class UnitNormalization: Layer {
  private let axes: [Int]

  /// Creates the layer.
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
