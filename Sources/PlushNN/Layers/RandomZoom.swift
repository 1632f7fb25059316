import PlushTensor

/// Zooms pictures about their middle while training, each by a random factor.
///
/// Shapes: [batch, rows, columns, channels] stays.
public final class RandomZoom: RandomMovement {
  /// How much more of the rows comes into sight, as a part of them; below 0 less.
  public let heightFactor: ClosedRange<Double>
  /// How much more of the columns comes into sight; nil for the same as of the rows.
  public let widthFactor: ClosedRange<Double>?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - heightFactor: how much more of the rows comes into sight, as a part of them.
  ///   - widthFactor: how much more of the columns; nil for the same as of the rows.
  ///   - fillMode: what comes into sight at the edges.
  ///   - interpolation: how elements between those of the picture are found.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ heightFactor: ClosedRange<Double>, widthFactor: ClosedRange<Double>? = nil,
    fillMode: OutsideMode = .reflect, interpolation: Interpolation = .bilinear,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.heightFactor = heightFactor
    self.widthFactor = widthFactor
    super.init(
      fillMode: fillMode, interpolation: interpolation, channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  /// Creates a layer that zooms in and out by up to a factor.
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
    heightFactor = try ClosedRange(config: config["height_factor"], "height_factor")
    let width = config["width_factor"] ?? .null
    widthFactor = width.isNull ? nil : try ClosedRange(config: width, "width_factor")
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["height_factor"] = heightFactor.config
    config["width_factor"] = widthFactor?.config ?? .null
    return config
  }

  override func movement(_ count: Int, rows: Int, columns: Int) -> [Tensor] {
    let vertical = heightFactor.random([count]) + 1
    let horizontal = widthFactor.map { $0.random([count]) + 1 } ?? vertical
    let none = Tensor.zeros([count])
    return [
      horizontal, none, (1 - horizontal) * (Double(columns - 1) / 2),
      none, vertical, (1 - vertical) * (Double(rows - 1) / 2),
    ]
  }
}
