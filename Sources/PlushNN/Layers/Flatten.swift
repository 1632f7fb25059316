import PlushTensor

/// Makes each sample one row: [batch, a, b, …] gives [batch, a · b · …].
public final class Flatten: Layer {
  private let channelsFirst: Bool

  /// Creates the layer.
  ///
  /// - Parameter channelsFirst: whether inputs are [batch, channels, …]; the rows are those that
  ///   [batch, …, channels] would give.
  public init(
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.channelsFirst = channelsFirst
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    channelsFirst = isChannelsFirst(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["data_format"] = .string(channelsFirst ? "channels_first" : "channels_last")
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard let batch = inputShape.first else {
      throw shapeError(expected: "an input with an axis of samples", found: inputShape.text)
    }
    let sizes = inputShape.dropFirst()
    return [batch, sizes.contains(nil) ? nil : sizes.reduce(1) { $0 * $1! }]
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let ordered = channelsFirst && input.rank > 2 ? input.moveAxis(1, to: -1) : input
    return ordered.reshape([input.shape[0], input.shape.dropFirst().reduce(1, *)])
  }
}
