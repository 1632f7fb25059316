import PlushTensor

/// Pictures brought to one size: what the layers share that do it.
///
/// Shapes: [batch, rows, columns, channels] gives [batch, height, width, channels].
public class PictureSizeLayer: Layer {
  /// Rows of the output.
  public let height: Int
  /// Columns of the output.
  public let width: Int
  private let channelsFirst: Bool

  init(height: Int, width: Int, channelsFirst: Bool, inputShape: [Int?]?, name: String?) {
    self.height = height
    self.width = width
    self.channelsFirst = channelsFirst
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    height = try config.get("height", \.int)
    width = try config.get("width", \.int)
    channelsFirst = isChannelsFirst(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["height"] = .int(height)
    config["width"] = .int(width)
    config["data_format"] = .string(channelsFirst ? "channels_first" : "channels_last")
    return config
  }

  /// The pictures, channels last, in the new size.
  func sized(_ pictures: Tensor) -> Tensor { pictures }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard height > 0, width > 0 else {
      throw shapeError(expected: "a height and width above 0", found: "\(height), \(width)")
    }
    let (_, channels) = try spatialSizes(of: inputShape, rank: 2, channelsFirst: channelsFirst)
    return try shape(
      inputShape, sizes: [height, width], channels: channels, channelsFirst: channelsFirst)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    channelsFirst ? sized(input.moveAxis(1, to: -1)).moveAxis(-1, to: 1) : sized(input)
  }
}
