import PlushTensor

/// Probabilities along some axes: `exp(x)` divided by its sum. The shape stays.
///
/// What a mask leaves out gets probability 0; the mask broadcasts with the input from the last axis
/// on.
public final class Softmax: Layer {
  private let axes: [Int]

  /// Creates the layer.
  ///
  /// - Parameter axes: the axes whose probabilities sum to 1.
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

  override var usesMasks: Bool { true }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    guard let mask = masks[0] else { return [try call(inputs[0], training: training)] }
    let input = inputs[0]
    let shape: Shape = input.shape
    guard mask.rank <= input.rank, shape.broadcast(with: mask.shape) == shape else {
      throw shapeError(
        expected: "a mask that broadcasts to the input \(input.shape)", found: "\(mask.shape)")
    }
    // Low enough to vanish beside any other value, and still finite.
    let kept = mask.select(input, Tensor.full(input.shape, -3e38))
    return [mask.select(try call(kept, training: training), Tensor.zeros(like: input))]
  }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    if axes.count == 1 { return input.softmax(axis: axes[0]) }
    return (input - input.logSumExp(axes: axes, keepDims: true)).exp()
  }

  public override var outputActivation: Activation? { axes == [-1] ? .softmax : nil }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    input
  }
}
