import PlushTensor

/// Makes pictures brighter or darker while training, each by a random number.
///
/// Shapes: [batch, rows, columns, channels] stays.
public final class RandomBrightness: RandomPicture {
  /// What is added, as a part of the range of values.
  public let factor: ClosedRange<Double>
  /// The values that pictures have; results are cut to it.
  public let valueRange: ClosedRange<Double>

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - factor: what is added, as a part of the range of values, from -1 to 1.
  ///   - valueRange: the values that pictures have.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ factor: ClosedRange<Double>, valueRange: ClosedRange<Double> = 0...255,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.factor = factor
    self.valueRange = valueRange
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  /// Creates a layer that adds up to a part of the range of values, above or below 0.
  public convenience init(
    _ factor: Double, valueRange: ClosedRange<Double> = 0...255, channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      .around0(factor), valueRange: valueRange, channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    factor = try ClosedRange(config: config["factor"], "factor")
    valueRange =
      config["value_range"] == nil
      ? 0...255 : try ClosedRange(config: config["value_range"], "value_range")
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["factor"] = factor.config
    config["value_range"] = valueRange.config
    return config
  }

  override func changed(_ pictures: Tensor) -> Tensor {
    let size = valueRange.upperBound - valueRange.lowerBound
    return (pictures + factor.random([pictures.shape[0], 1, 1, 1]) * size)
      .clip(min: valueRange.lowerBound, max: valueRange.upperBound)
  }
}
