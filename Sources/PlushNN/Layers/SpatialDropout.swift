import PlushTensor

/// Drops whole feature maps while training: what `SpatialDropout1D` to `3D` share.
///
/// Tompson et al., "Efficient object localization using convolutional networks", 2014.
///
/// Shapes: [batch, spatial…, channels] stays.
public class SpatialDropout: SpatialLayer {
  /// The part that is dropped, from 0 to below 1.
  public let rate: Double

  /// - Parameters:
  ///   - rate: the part of the feature maps that is dropped.
  ///   - channelsFirst: whether the axis of features comes right after that of samples.
  init(
    rate: Double, channelsFirst: Bool = false, inputShape: [Int?]?, name: String?
  ) {
    self.rate = rate
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    rate = try config.get("rate", \.double)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["rate"] = .double(rate)
    config["seed"] = .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try checkRate(rate)
    return try super.outputShape(for: inputShape)
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard training, rate > 0 else { return input }
    let features = channelsFirst ? 1 : input.rank - 1
    let choice = input.shape.enumerated().map { $0 == 0 || $0 == features ? $1 : 1 }
    return input.dropout(rate: rate, noiseShape: choice)
  }
}

/// Drops whole features of a sequence while training: [batch, steps, features] stays.
public final class SpatialDropout1D: SpatialDropout {
  /// Creates the layer.
  ///
  /// - Parameter rate: the part of the features that is dropped.
  public init(_ rate: Double, inputShape: [Int?]? = nil, name: String? = nil) {
    super.init(rate: rate, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }
}

/// Drops whole feature maps of pictures while training: [batch, rows, columns, channels] stays.
public final class SpatialDropout2D: SpatialDropout {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - rate: the part of the feature maps that is dropped.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ rate: Double, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    super.init(rate: rate, channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override class var spatialRank: Int { 2 }
}

/// Drops whole feature maps of volumes while training: [batch, a, b, c, channels] stays.
public final class SpatialDropout3D: SpatialDropout {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - rate: the part of the feature maps that is dropped.
  ///   - channelsFirst: whether inputs are [batch, channels, a, b, c].
  public init(
    _ rate: Double, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    super.init(rate: rate, channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override class var spatialRank: Int { 3 }
}
