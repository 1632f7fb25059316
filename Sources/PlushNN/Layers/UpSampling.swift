import PlushTensor

/// Repeats places along the spatial axes: what `UpSampling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, spatial · size…, channels].
public class UpSampling: SpatialLayer {
  /// How often each place is repeated, for each spatial axis.
  let factors: [Int]

  init(_ factors: [Int], channelsFirst: Bool, inputShape: [Int?]?, name: String?) {
    self.factors = factors
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    let rank = Self.spatialRank
    factors =
      config["size"] == nil
      ? Array(repeating: 2, count: rank) : try config.get("size") { $0.factors(rank: rank) }
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["size"] = factors.axisConfig
    return config
  }

  override func outputSize(_ size: Int, at place: Int) throws -> Int {
    let (result, overflows) = size.multipliedReportingOverflow(by: factors[place])
    guard factors[place] > 0, !overflows else {
      throw shapeError(expected: "factors above 0, not too large", found: "\(factors)")
    }
    return result
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    zip(spatialAxes, factors).reduce(input) { $0.repeat($1.1, axis: $1.0) }
  }
}

extension JSON {
  /// A number for each of some axes; one stands for all.
  fileprivate func factors(rank: Int) -> [Int]? {
    guard let factors = [Int](axisConfig: self) else { return nil }
    if factors.count == 1 { return Array(repeating: factors[0], count: rank) }
    return factors.count == rank ? factors : nil
  }
}

/// Repeats the steps of sequences: [batch, steps, features] gives [batch, steps · size, features].
public final class UpSampling1D: UpSampling {
  /// Creates the layer.
  ///
  /// - Parameter size: how often each step is repeated.
  public convenience init(
    _ size: Int = 2, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init([size], channelsFirst: false, inputShape: inputShape, name: name)
  }
}

/// Repeats the rows and columns of pictures, or finds those in between: [batch, rows, columns,
/// channels] gives [batch, rows · size, columns · size, channels].
public final class UpSampling2D: UpSampling {
  /// How elements between those of the input are found.
  public let interpolation: Resizing.Method

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - size: how many rows and columns become of one.
  ///   - interpolation: how elements between those of the input are found.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ size: (Int, Int) = (2, 2), interpolation: Resizing.Method = .nearest,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.interpolation = interpolation
    super.init(
      [size.0, size.1], channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    interpolation = try Resizing.Method(config: config["interpolation"], default: .nearest)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["interpolation"] = .string(interpolation.rawValue)
    return config
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    if interpolation == .nearest { return try super.call(input, training: training) }
    let sizes = zip(spatialAxes, factors).map { input.shape[$0] * $1 }
    return input.resized(
      sizes, interpolation, antialias: false, channelsFirst: channelsFirst)
  }

  override class var spatialRank: Int { 2 }
}

/// Repeats the places of volumes: [batch, a, b, c, channels] gives [batch, larger…, channels].
public final class UpSampling3D: UpSampling {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - size: how often each place is repeated along each axis.
  ///   - channelsFirst: whether inputs are [batch, channels, a, b, c].
  public convenience init(
    _ size: (Int, Int, Int) = (2, 2, 2), channelsFirst: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.init(
      [size.0, size.1, size.2], channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  override class var spatialRank: Int { 3 }
}
