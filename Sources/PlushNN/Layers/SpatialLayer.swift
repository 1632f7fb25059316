import PlushTensor

/// A layer over the axes between those of samples and channels: 1 of sequences, 2 of pictures, 3 of
/// volumes. Inputs are [batch, spatial…, channels].
public class SpatialLayer: Layer {
  /// Whether the axis of channels comes right after that of samples; else it is the last.
  public let channelsFirst: Bool

  init(channelsFirst: Bool, inputShape: [Int?]?, name: String?) {
    self.channelsFirst = channelsFirst
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    channelsFirst = config["data_format"]?.string == "channels_first"
    try super.init(config: config)
  }

  /// How many axes lie between those of samples and channels.
  class var spatialRank: Int { 1 }

  /// Whether files say where the channels are.
  class var savesDataFormat: Bool { spatialRank > 1 }

  public override var config: JSON {
    var config = super.config
    if Self.savesDataFormat {
      config["data_format"] = channelsFirst ? "channels_first" : "channels_last"
    }
    return config
  }

  /// The axes between those of samples and channels.
  final var spatialAxes: Range<Int> {
    let first = channelsFirst ? 2 : 1
    return first..<first + Self.spatialRank
  }

  /// The size that comes out along one of the spatial axes, counted from 0.
  func outputSize(_ size: Int, at place: Int) throws -> Int { size }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard inputShape.count == Self.spatialRank + 2 else {
      throw shapeError(
        expected: "an input of \(Self.spatialRank + 2) axes, that of the samples first",
        found: inputShape.text)
    }
    var shape = inputShape
    for (place, axis) in spatialAxes.enumerated() {
      shape[axis] = try shape[axis].map { try outputSize($0, at: place) }
    }
    return shape
  }
}
