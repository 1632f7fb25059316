import PlushTensor

/// Pictures brought to one size: [batch, rows, columns, channels] gives [batch, height, width,
/// channels].
public final class Resizing: PictureSizeLayer {
  /// How elements between those of the input are found.
  public enum Method: String, Sendable, CaseIterable {
    /// Straight lines between elements.
    case bilinear
    /// The nearest element.
    case nearest
    /// Cubic curves: Keys, 1981.
    case bicubic
    /// The windowed sinc of Lanczos, three elements to each side.
    case lanczos3
    /// The windowed sinc of Lanczos, five elements to each side.
    case lanczos5
  }

  /// How elements between those of the input are found.
  public let interpolation: Method
  private let aspectRatio: AspectRatio
  private let fillValue: Double
  private let antialias: Bool

  /// What becomes of pictures of another ratio of width to height.
  public enum AspectRatio: Sendable {
    /// They are distorted.
    case ignored
    /// What is too wide or too high is cut off on both sides.
    case cropped
    /// A number is put on both sides of what is too narrow or too low.
    case padded
  }

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - height: rows of the output.
  ///   - width: columns of the output.
  ///   - interpolation: how elements between those of the input are found.
  ///   - aspectRatio: what becomes of pictures of another ratio of width to height.
  ///   - fillValue: what padding is made of.
  ///   - antialias: whether smaller pictures are means over all that lies in between.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, rows, columns].
  public init(
    height: Int, width: Int, interpolation: Method = .bilinear,
    aspectRatio: AspectRatio = .ignored, fillValue: Double = 0, antialias: Bool = false,
    channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.interpolation = interpolation
    self.aspectRatio = aspectRatio
    self.fillValue = fillValue
    self.antialias = antialias
    super.init(
      height: height, width: width, channelsFirst: channelsFirst, inputShape: inputShape, name: name
    )
  }

  public required init(config: JSON) throws {
    interpolation = try Method(config: config["interpolation"], default: .bilinear)
    aspectRatio =
      config["crop_to_aspect_ratio"]?.bool == true
      ? .cropped : config["pad_to_aspect_ratio"]?.bool == true ? .padded : .ignored
    fillValue = config["fill_value"]?.double ?? 0
    antialias = config["antialias"]?.bool ?? false
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["interpolation"] = .string(interpolation.rawValue)
    config["crop_to_aspect_ratio"] = .bool(aspectRatio == .cropped)
    config["pad_to_aspect_ratio"] = .bool(aspectRatio == .padded)
    config["fill_mode"] = "constant"
    config["fill_value"] = .double(fillValue)
    config["antialias"] = .bool(antialias)
    return config
  }

  override func sized(_ pictures: Tensor) -> Tensor {
    let (rows, columns) = (pictures.shape[1], pictures.shape[2])
    // The largest part of the output's ratio, or the smallest frame around the picture.
    let (partRows, partColumns) = (columns * height / width, rows * width / height)
    var framed = pictures
    switch aspectRatio {
    case .ignored: break
    case .cropped:
      framed = pictures.centerCrop(
        rows: max(1, min(rows, partRows)), columns: max(1, min(columns, partColumns)))
    case .padded:
      let (high, wide) = (max(rows, partRows) - rows, max(columns, partColumns) - columns)
      framed = pictures.pad(
        [(0, 0), (high / 2, high - high / 2), (wide / 2, wide - wide / 2), (0, 0)],
        value: fillValue)
    }
    return framed.resized(
      [height, width], interpolation, antialias: antialias, channelsFirst: false)
  }
}

extension Resizing.Method {
  /// The method that a configuration names.
  ///
  /// - Throws: `ModelError` if there is none of this name.
  init(config json: JSON?, default standard: Resizing.Method) throws {
    let name = json?.string?.lowercased() ?? standard.rawValue
    guard let method = Resizing.Method(rawValue: name) else {
      let names = Resizing.Method.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelError(expected: "interpolation \(names)", found: name)
    }
    self = method
  }
}

extension Tensor {
  /// Pictures of other sizes by a method.
  func resized(
    _ sizes: [Int], _ method: Resizing.Method, antialias: Bool, channelsFirst: Bool
  ) -> Tensor {
    switch method {
    case .nearest: return resizeNearest(sizes, channelsFirst: channelsFirst)
    case .bilinear:
      return resizeBilinear(sizes, antialias: antialias, channelsFirst: channelsFirst)
    case .bicubic:
      return resizeBicubic(sizes, antialias: antialias, channelsFirst: channelsFirst)
    case .lanczos3, .lanczos5:
      return resizeLanczos(
        sizes, radius: method == .lanczos3 ? 3 : 5, antialias: antialias,
        channelsFirst: channelsFirst)
    }
  }
}
