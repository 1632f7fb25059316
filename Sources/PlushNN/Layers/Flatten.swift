import PlushTensor

/// Makes each sample one row: [batch, a, b, …] gives [batch, a · b · …].
public final class Flatten: Layer {
  /// Creates the layer.
  public init(inputShape: [Int?]? = nil, name: String? = nil) {
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    let format = config["data_format"]?.string ?? "channels_last"
    guard format == "channels_last" else {
      throw ModelError(expected: "data_format channels_last", found: format)
    }
    try super.init(config: config)
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard let batch = inputShape.first else {
      throw shapeError(expected: "an input with an axis of samples", found: inputShape.text)
    }
    let sizes = inputShape.dropFirst()
    return [batch, sizes.contains(nil) ? nil : sizes.reduce(1) { $0 * $1! }]
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.reshape([input.shape[0], input.shape.dropFirst().reduce(1, *)])
  }
}
