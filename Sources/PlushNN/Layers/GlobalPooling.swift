import PlushTensor

/// One number for each channel: what the layers of global pooling share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, channels].
public class GlobalPoolingLayer: Layer {
  let keepDims: Bool
  let channelsFirst: Bool

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - channelsFirst: whether inputs are [batch, channels, spatial…].
  ///   - keepDims: whether the spatial axes stay, with size one.
  public init(
    channelsFirst: Bool = false, keepDims: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.channelsFirst = channelsFirst
    self.keepDims = keepDims
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    channelsFirst = isChannelsFirst(config: config)
    keepDims = config["keepdims"]?.bool ?? false
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["data_format"] = .string(channelsFirst ? "channels_first" : "channels_last")
    config["keepdims"] = .bool(keepDims)
    return config
  }

  /// How many axes lie beside those of samples and channels.
  class var spatialRank: Int { 2 }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let (sizes, channels) = try spatialSizes(
      of: inputShape, rank: Self.spatialRank, channelsFirst: channelsFirst)
    return try shape(
      inputShape, sizes: keepDims ? sizes.map { _ in 1 } : [], channels: channels,
      channelsFirst: channelsFirst)
  }
}

/// The largest number of each channel: what `GlobalMaxPooling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, channels].
public class GlobalMaxPooling: GlobalPoolingLayer {
  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.globalMaxPool(keepDims: keepDims, channelsFirst: channelsFirst)
  }
}

/// The mean of each channel: what `GlobalAveragePooling1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, channels].
public class GlobalAveragePooling: GlobalPoolingLayer {
  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.globalAveragePool(keepDims: keepDims, channelsFirst: channelsFirst)
  }
}

/// The largest number of each channel of sequences: [batch, steps, channels] gives
/// [batch, channels].
public final class GlobalMaxPooling1D: GlobalMaxPooling {
  override class var spatialRank: Int { 1 }
}

/// The largest number of each channel of pictures: [batch, rows, columns, channels] gives
/// [batch, channels].
public final class GlobalMaxPooling2D: GlobalMaxPooling {
  override class var spatialRank: Int { 2 }
}

/// The largest number of each channel of volumes: [batch, a, b, c, channels] gives
/// [batch, channels].
public final class GlobalMaxPooling3D: GlobalMaxPooling {
  override class var spatialRank: Int { 3 }
}

/// The mean of each channel of sequences: [batch, steps, channels] gives
/// [batch, channels]. Masked steps do not count.
public final class GlobalAveragePooling1D: GlobalAveragePooling {
  override class var spatialRank: Int { 1 }

  override var usesMasks: Bool { true }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    guard let mask = masks[0] else { return [try call(inputs[0], training: training)] }
    let steps = channelsFirst ? 2 : 1
    let counts = mask.cast(to: inputs[0].dtype).expandDims(axis: channelsFirst ? 1 : 2)
    let sum = (inputs[0] * counts).sum(axes: [steps], keepDims: keepDims)
    return [sum / counts.sum(axes: [steps], keepDims: keepDims)]
  }
}

/// The mean of each channel of pictures: [batch, rows, columns, channels] gives
/// [batch, channels].
public final class GlobalAveragePooling2D: GlobalAveragePooling {
  override class var spatialRank: Int { 2 }
}

/// The mean of each channel of volumes: [batch, a, b, c, channels] gives
/// [batch, channels].
public final class GlobalAveragePooling3D: GlobalAveragePooling {
  override class var spatialRank: Int { 3 }
}
