import PlushTensor

/// Turns pictures about their middle while training, each by a random angle.
///
/// Shapes: [batch, rows, columns, channels] stays.
public final class RandomRotation: RandomMovement {
  /// The angles, as parts of a whole turn; above 0 counter-clockwise.
  public let factor: ClosedRange<Double>

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - factor: the angles, as parts of a whole turn.
  ///   - fillMode: what comes into sight at the edges.
  ///   - interpolation: how elements between those of the picture are found.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ factor: ClosedRange<Double>, fillMode: OutsideMode = .reflect,
    interpolation: Interpolation = .bilinear, channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.factor = factor
    super.init(
      fillMode: fillMode, interpolation: interpolation, channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  /// Creates a layer that turns by up to a part of a whole turn to either side.
  ///
  /// - Parameter factor: the most, as a part of a whole turn: 0.1 for 36°.
  public convenience init(
    _ factor: Double, fillMode: OutsideMode = .reflect,
    interpolation: Interpolation = .bilinear, channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      .around0(factor), fillMode: fillMode, interpolation: interpolation,
      channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    factor = try ClosedRange(config: config["factor"], "factor")
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["factor"] = factor.config
    return config
  }

  override func movement(_ count: Int, rows: Int, columns: Int) -> [Tensor] {
    let angle = factor.random([count]) * (2 * Double.pi)
    let (c, s) = (angle.cos(), angle.sin())
    let (x, y) = (Double(columns - 1) / 2, Double(rows - 1) / 2)
    return [c, -s, x - c * x + s * y, s, c, y - s * x - c * y]
  }
}
