import PlushTensor

/// Shifts pictures while training, each by random parts of its height and width.
///
/// Shapes: [batch, rows, columns, channels] stays.
public final class RandomTranslation: RandomMovement {
  /// Parts of the height; above 0 downwards.
  public let heightFactor: ClosedRange<Double>
  /// Parts of the width; above 0 to the right.
  public let widthFactor: ClosedRange<Double>

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - heightFactor: parts of the height by which pictures go down.
  ///   - widthFactor: parts of the width by which pictures go to the right.
  ///   - fillMode: what comes into sight at the edges.
  ///   - interpolation: how elements between those of the picture are found.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ heightFactor: ClosedRange<Double>, _ widthFactor: ClosedRange<Double>,
    fillMode: OutsideMode = .reflect, interpolation: Interpolation = .bilinear,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.heightFactor = heightFactor
    self.widthFactor = widthFactor
    super.init(
      fillMode: fillMode, interpolation: interpolation, channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  /// Creates a layer that shifts by up to parts of height and width in both directions.
  public convenience init(
    _ heightFactor: Double, _ widthFactor: Double, fillMode: OutsideMode = .reflect,
    interpolation: Interpolation = .bilinear, channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      .around0(heightFactor), .around0(widthFactor), fillMode: fillMode,
      interpolation: interpolation, channelsFirst: channelsFirst, inputShape: inputShape,
      name: name)
  }

  public required init(config: JSON) throws {
    heightFactor = try ClosedRange(config: config["height_factor"], "height_factor")
    widthFactor = try ClosedRange(config: config["width_factor"], "width_factor")
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["height_factor"] = heightFactor.config
    config["width_factor"] = widthFactor.config
    return config
  }

  override func movement(_ count: Int, rows: Int, columns: Int) -> [Tensor] {
    let down = heightFactor.random([count]) * Double(rows)
    let right = widthFactor.random([count]) * Double(columns)
    let (one, none) = (Tensor.ones([count]), Tensor.zeros([count]))
    return [one, none, -right, none, one, -down]
  }
}
