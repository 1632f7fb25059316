import PlushTensor

/// One number for each place of a window and each channel: what the layers of pooling share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, channels].
public class PoolingLayer: Layer {
  let geometry: WindowShape

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - poolSize: sizes of the window.
  ///   - strides: elements from one place of the window to the next; `poolSize` if not given.
  ///   - padding: `valid` or `same`; it does not count.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, spatial…].
  public init(
    poolSize: SpatialSizes = 2, strides: SpatialSizes? = nil, padding: SpatialPadding = .valid,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    geometry = WindowShape(
      window: poolSize, strides: strides ?? poolSize, padding: padding,
      channelsFirst: channelsFirst)
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    let size = try SpatialSizes(config: config["pool_size"], default: 2)
    geometry = WindowShape(
      window: size, strides: try SpatialSizes(config: config["strides"], default: size),
      padding: try SpatialPadding(config: config["padding"]),
      channelsFirst: isChannelsFirst(config: config))
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    geometry.write(to: &config, windowName: "pool_size", rank: Self.spatialRank)
    return config
  }

  /// How many axes lie beside those of samples and channels.
  class var spatialRank: Int { 2 }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try check(geometry, rank: Self.spatialRank)
    guard geometry.padding != .causal else {
      throw shapeError(expected: "padding valid or same", found: "causal")
    }
    let (sizes, channels) = try spatialSizes(
      of: inputShape, rank: Self.spatialRank, channelsFirst: geometry.channelsFirst)
    return try shape(
      inputShape, sizes: geometry.places(in: sizes), channels: channels,
      channelsFirst: geometry.channelsFirst)
  }
}

/// The largest number in each place of a window: what `MaxPooling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, channels].
public class MaxPooling: PoolingLayer {
  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.maxPool(
      size: geometry.window, strides: geometry.strides, padding: geometry.padding,
      channelsFirst: geometry.channelsFirst)
  }
}

/// The mean of each place of a window: what `AveragePooling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, channels].
public class AveragePooling: PoolingLayer {
  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.averagePool(
      size: geometry.window, strides: geometry.strides, padding: geometry.padding,
      channelsFirst: geometry.channelsFirst)
  }
}

/// The largest number in each place of a window over sequences: [batch, steps, channels]
/// gives [batch, places…, channels].
public final class MaxPooling1D: MaxPooling { override class var spatialRank: Int { 1 } }

/// The largest number in each place of a window over pictures: [batch, rows, columns, channels]
/// gives [batch, places…, channels].
public final class MaxPooling2D: MaxPooling { override class var spatialRank: Int { 2 } }

/// The largest number in each place of a window over volumes: [batch, a, b, c, channels]
/// gives [batch, places…, channels].
public final class MaxPooling3D: MaxPooling { override class var spatialRank: Int { 3 } }

/// The mean in each place of a window over sequences: [batch, steps, channels]
/// gives [batch, places…, channels].
public final class AveragePooling1D: AveragePooling { override class var spatialRank: Int { 1 } }

/// The mean in each place of a window over pictures: [batch, rows, columns, channels]
/// gives [batch, places…, channels].
public final class AveragePooling2D: AveragePooling { override class var spatialRank: Int { 2 } }

/// The mean in each place of a window over volumes: [batch, a, b, c, channels]
/// gives [batch, places…, channels].
public final class AveragePooling3D: AveragePooling { override class var spatialRank: Int { 3 } }
