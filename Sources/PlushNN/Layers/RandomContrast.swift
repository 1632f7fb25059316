import PlushTensor

/// Stretches or shrinks the distances of elements from the mean of their channel while training, in
/// each picture by a random factor.
///
/// `(x - mean) · factor + mean`, cut to `valueRange`.
///
/// Shapes: [batch, rows, columns, channels] stays.
public final class RandomContrast: RandomPicture {
  /// By how much the factor is at most below and above 1.
  public let factor: (below: Double, above: Double)
  /// The values that pictures have; results are cut to it.
  public let valueRange: ClosedRange<Double>

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - below: by how much the factor is at most below 1.
  ///   - above: by how much it is at most above 1.
  ///   - valueRange: the values that pictures have.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    below: Double, above: Double, valueRange: ClosedRange<Double> = 0...255,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    factor = (below, above)
    self.valueRange = valueRange
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  /// Creates a layer with factors that differ by so much from 1.
  public convenience init(
    _ factor: Double, valueRange: ClosedRange<Double> = 0...255, channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      below: factor, above: factor, valueRange: valueRange, channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    if let size = config["factor"]?.double {
      factor = (size, size)
    } else if let sizes = config["factor"]?.array?.compactMap(\.double), sizes.count == 2 {
      factor = (sizes[0], sizes[1])
    } else {
      throw ModelError(
        expected: "factor: a number, or one below and one above 1",
        found: config["factor"]?.summary ?? "nothing")
    }
    valueRange =
      config["value_range"] == nil
      ? 0...255 : try ClosedRange(config: config["value_range"], "value_range")
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["factor"] = .array([.double(factor.below), .double(factor.above)])
    config["value_range"] = valueRange.config
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard (0...1).contains(factor.below), factor.above >= 0 else {
      throw shapeError(
        expected: "a factor from 0 to 1 below and 0 or more above 1",
        found: "\(factor.below), \(factor.above)")
    }
    return try super.outputShape(for: inputShape)
  }

  override func changed(_ pictures: Tensor) -> Tensor {
    let factors = (1 - factor.below...1 + factor.above).random([pictures.shape[0], 1, 1, 1])
    let mean = pictures.mean(axes: [1, 2], keepDims: true)
    return ((pictures - mean) * factors + mean)
      .clip(min: valueRange.lowerBound, max: valueRange.upperBound)
  }
}
