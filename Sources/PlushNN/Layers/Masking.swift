import PlushTensor

/// Marks steps whose features all have one value as not counting: inputs [batch, steps, …].
///
/// Such steps come out as zeros. Layers that follow pass the mask on if they keep the steps apart;
/// recurrent layers skip the steps, and the loss leaves them out.
public final class Masking: Layer {
  private let maskValue: Double

  /// Creates the layer.
  ///
  /// - Parameter maskValue: the value that says that a step does not count.
  public init(maskValue: Double = 0, inputShape: [Int?]? = nil, name: String? = nil) {
    self.maskValue = maskValue
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    maskValue = config["mask_value"]?.double ?? 0
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["mask_value"] = .double(maskValue)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard inputShape.count >= 3 else {
      throw shapeError(
        expected: "an input of shape [batch, steps, features]", found: inputShape.text)
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    [(inputs[0] .!= maskValue).any(axis: -1)]
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    (input .!= maskValue).any(axis: -1, keepDims: true).select(input, Tensor.zeros(like: input))
  }
}
