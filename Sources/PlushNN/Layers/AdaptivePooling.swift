import PlushTensor

/// One number for each channel of each of some parts, as equal as can be, of the spatial axes: what the
/// layers of adaptive pooling share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, outputSize…, channels].
public class AdaptivePoolingLayer: Layer {
  let outputSize: SpatialSizes
  let channelsFirst: Bool

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - outputSize: how many parts each axis has.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, spatial…].
  public init(
    _ outputSize: SpatialSizes, channelsFirst: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.outputSize = outputSize
    self.channelsFirst = channelsFirst
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    outputSize = try SpatialSizes(config: config["output_size"], default: nil)
    channelsFirst = isChannelsFirst(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["output_size"] = outputSize.config(rank: Self.spatialRank)
    config["data_format"] = .string(channelsFirst ? "channels_first" : "channels_last")
    return config
  }

  /// How many axes lie beside those of samples and channels.
  class var spatialRank: Int { 2 }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let (_, channels) = try spatialSizes(
      of: inputShape, rank: Self.spatialRank, channelsFirst: channelsFirst)
    guard let sizes = outputSize.values(rank: Self.spatialRank), sizes.allSatisfy({ $0 > 0 })
    else {
      throw shapeError(
        expected: "an output size above 0, one or one for each axis",
        found: "\(outputSize.sizes)")
    }
    return try shape(
      inputShape, sizes: sizes.map { $0 }, channels: channels, channelsFirst: channelsFirst)
  }
}

/// The largest number of each part: what `AdaptiveMaxPooling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, outputSize…, channels].
public class AdaptiveMaxPooling: AdaptivePoolingLayer {
  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.adaptiveMaxPool(sizes: outputSize, channelsFirst: channelsFirst)
  }
}

/// The mean of each part: what `AdaptiveAveragePooling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, outputSize…, channels].
public class AdaptiveAveragePooling: AdaptivePoolingLayer {
  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.adaptiveAveragePool(sizes: outputSize, channelsFirst: channelsFirst)
  }
}

/// The largest number of each part of sequences: [batch, steps, channels] gives
/// [batch, parts, channels].
public final class AdaptiveMaxPooling1D: AdaptiveMaxPooling {
  override class var spatialRank: Int { 1 }
}

/// The largest number of each part of pictures: [batch, rows, columns, channels] gives
/// [batch, parts…, channels].
public final class AdaptiveMaxPooling2D: AdaptiveMaxPooling {
  override class var spatialRank: Int { 2 }
}

/// The largest number of each part of volumes: [batch, a, b, c, channels] gives
/// [batch, parts…, channels].
public final class AdaptiveMaxPooling3D: AdaptiveMaxPooling {
  override class var spatialRank: Int { 3 }
}

/// The mean of each part of sequences: [batch, steps, channels] gives
/// [batch, parts, channels].
public final class AdaptiveAveragePooling1D: AdaptiveAveragePooling {
  override class var spatialRank: Int { 1 }
}

/// The mean of each part of pictures: [batch, rows, columns, channels] gives
/// [batch, parts…, channels].
public final class AdaptiveAveragePooling2D: AdaptiveAveragePooling {
  override class var spatialRank: Int { 2 }
}

/// The mean of each part of volumes: [batch, a, b, c, channels] gives
/// [batch, parts…, channels].
public final class AdaptiveAveragePooling3D: AdaptiveAveragePooling {
  override class var spatialRank: Int { 3 }
}
