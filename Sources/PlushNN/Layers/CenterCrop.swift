import PlushTensor

/// The middle of pictures: [batch, rows, columns, channels] gives [batch, height, width, channels]. Of
/// pictures that are smaller, the largest part of the output's ratio is enlarged.
public final class CenterCrop: PictureSizeLayer {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - height: rows of the output.
  ///   - width: columns of the output.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, rows, columns].
  public override init(
    height: Int, width: Int, channelsFirst: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    super.init(
      height: height, width: width, channelsFirst: channelsFirst, inputShape: inputShape, name: name
    )
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override func sized(_ pictures: Tensor) -> Tensor {
    let (rows, columns) = (pictures.shape[1], pictures.shape[2])
    if rows >= height, columns >= width {
      return pictures.centerCrop(rows: height, columns: width)
    }
    let part = pictures.centerCrop(
      rows: max(1, min(rows, columns * height / width)),
      columns: max(1, min(columns, rows * width / height)))
    return part.resizeBilinear([height, width])
  }
}
