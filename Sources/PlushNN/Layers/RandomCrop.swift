import PlushTensor

/// A random part of each picture while training, else the middle: [batch, rows, columns, channels]
/// gives [batch, height, width, channels].
public final class RandomCrop: RandomPicture {
  /// Rows of the output.
  public let height: Int
  /// Columns of the output.
  public let width: Int

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
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    height = try config.get("height", \.int)
    width = try config.get("width", \.int)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["height"] = .int(height)
    config["width"] = .int(width)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let (sizes, channels) = try spatialSizes(
      of: inputShape, rank: 2, channelsFirst: channelsFirst)
    guard height > 0, width > 0, sizes[0] ?? height >= height, sizes[1] ?? width >= width else {
      throw shapeError(
        expected: "pictures of at least \(height) rows and \(width) columns, both above 0",
        found: inputShape.text)
    }
    return try shape(
      inputShape, sizes: [height, width], channels: channels, channelsFirst: channelsFirst)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let pictures = channelsFirst ? input.moveAxis(1, to: -1) : input
    let part = training ? changed(pictures) : pictures.centerCrop(rows: height, columns: width)
    return channelsFirst ? part.moveAxis(-1, to: 1) : part
  }

  override func changed(_ pictures: Tensor) -> Tensor {
    let (n, sizes) = (pictures.shape[0], [height, width])
    return sizes.enumerated().reduce(pictures) { part, size in
      let axis = size.offset + 1
      let room = part.shape[axis] - size.element
      if room == 0 { return part }
      let start = Tensor.randomUniform(
        [n, 1], low: 0, high: Double(room + 1), dtype: .int32)
      let places = start + Tensor.range(0, size.element)
      return part.gather(places, axis: axis, batchAxes: 1)
    }
  }
}
