import PlushTensor

/// The middle of pictures: [batch, rows, columns, channels] gives [batch, height, width, channels]. Of
/// pictures that are smaller, the largest part of the output's ratio is enlarged.
public final class CenterCrop: Layer {
  /// Rows of the output.
  public let height: Int
  /// Columns of the output.
  public let width: Int
  private let channelsFirst: Bool

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - height: rows of the output.
  ///   - width: columns of the output.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, rows, columns].
  public init(
    height: Int, width: Int, channelsFirst: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
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

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard height > 0, width > 0 else {
      throw shapeError(expected: "a height and width above 0", found: "\(height), \(width)")
    }
    let (_, channels) = try spatialSizes(of: inputShape, rank: 2, channelsFirst: channelsFirst)
    return try shape(
      inputShape, sizes: [height, width], channels: channels, channelsFirst: channelsFirst)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let picture = channelsFirst ? input.moveAxis(1, to: -1) : input
    let (rows, columns) = (picture.shape[1], picture.shape[2])
    let output: Tensor
    if rows >= height, columns >= width {
      output = picture.centerCrop(rows: height, columns: width)
    } else {
      let part = picture.centerCrop(
        rows: max(1, min(rows, columns * height / width)),
        columns: max(1, min(columns, rows * width / height)))
      output = part.resizeBilinear([height, width])
    }
    return channelsFirst ? output.moveAxis(-1, to: 1) : output
  }
}
