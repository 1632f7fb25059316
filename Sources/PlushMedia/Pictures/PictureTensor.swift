import PlushEngine
import PlushTensor

extension Picture {
  /// The picture as a tensor of shape [height, width, channels].
  ///
  /// - Parameter dtype: `.uint8` for the values as they are; a floating type for 0 to 1.
  public func tensor(dtype: DType = .float32) -> Tensor {
    let shape = [height, width, channels]
    guard dtype.isFloating else { return Tensor(pixels, shape: shape, dtype: dtype) }
    return Tensor(pixels.map { Self.parts[Int($0)] }, shape: shape, dtype: dtype)
  }

  private static let parts = (0...255).map { Float($0) / 255 }

  /// A picture of a tensor of shape [height, width] or [height, width, channels].
  ///
  /// Floating elements count from 0 to 1 and are cut there; integers count from 0 to 255.
  ///
  /// - Precondition: the tensor has such a shape, with 1 to 4 channels.
  public init(_ tensor: Tensor) {
    precondition(
      tensor.rank == 2 || tensor.rank == 3,
      "a picture needs the shape [height, width, channels], got \(tensor.shape)")
    let channels = tensor.rank == 2 ? 1 : tensor.shape[2]
    self.init(
      width: tensor.shape[1], height: tensor.shape[0], channels: channels,
      pixels: Self.values(of: tensor))
  }

  /// The pictures in a tensor of shape [count, height, width] or [count, height, width, channels].
  ///
  /// - Precondition: the tensor has such a shape, with 1 to 4 channels.
  public static func all(in tensor: Tensor) -> [Picture] {
    precondition(
      tensor.rank == 3 || tensor.rank == 4,
      "pictures need the shape [count, height, width, channels], got \(tensor.shape)")
    let (height, width) = (tensor.shape[1], tensor.shape[2])
    let channels = tensor.rank == 3 ? 1 : tensor.shape[3]
    let size = height * width * channels
    let values = values(of: tensor)
    return (0..<tensor.shape[0]).map {
      Picture(
        width: width, height: height, channels: channels,
        pixels: Array(values[$0 * size..<($0 + 1) * size]))
    }
  }

  private static func values(of tensor: Tensor) -> [UInt8] {
    if tensor.dtype == .uint8 { return tensor.dataSync(as: UInt8.self) }
    let scale: Float = tensor.dtype.isFloating || tensor.dtype == .bool ? 255 : 1
    return tensor.dataSync().map { UInt8(rounding: $0 * scale) }
  }
}

extension UInt8 {
  /// The nearest value; 0 for what is not a number.
  init(rounding value: Float) {
    // Cutting is an instruction everywhere, rounding is not.
    self = value > 0 ? UInt8(Swift.min(value, 255) + 0.5) : 0
  }
}
