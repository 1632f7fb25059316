import PlushNN

/// A picture in memory: rows of pixels from the top, the channels of a pixel side by side.
///
/// ```swift
/// let photo = try Picture(file: "cat.jpg")
/// let x = photo.resized(width: 128, height: 128, fit: .crop).tensor()
/// try photo.cropped(x: 10, y: 10, width: 64, height: 64).write(to: "face.png")
/// ```
public struct Picture: Sendable, Hashable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 1 (grey), 2 (grey, alpha), 3 (red, green, blue) or 4 (red, green, blue, alpha).
  public let channels: Int
  /// The values, `width * height * channels` of them.
  public var pixels: [UInt8] {
    didSet { checkCount() }
  }

  /// A picture of its values.
  ///
  /// - Precondition: sides are at least 1, channels 1 to 4, and there are as many values.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(
      width > 0 && height > 0 && (1...4).contains(channels),
      "a picture has sides of at least 1 and 1 to 4 channels, got \(width)×\(height)×\(channels)")
    (self.width, self.height, self.channels) = (width, height, channels)
    self.pixels = pixels
    checkCount()
  }

  /// A picture of one color.
  public init(width: Int, height: Int, color: Drawing.Color = 0xFFFFFF) {
    let pixel = [color.parts.x, color.parts.y, color.parts.z]
    let pixels = (0..<max(0, width) * max(0, height)).flatMap { _ in pixel }
    self.init(width: width, height: height, channels: 3, pixels: pixels)
  }

  private func checkCount() {
    precondition(
      pixels.count == width * height * channels,
      "a picture of \(width)×\(height)×\(channels) has \(width * height * channels) values, "
        + "got \(pixels.count)")
  }

  /// A value of the pixel in a column and a row.
  public subscript(x: Int, y: Int, channel: Int) -> UInt8 {
    get { pixels[place(x, y, channel)] }
    set { pixels[place(x, y, channel)] = newValue }
  }

  private func place(_ x: Int, _ y: Int, _ channel: Int) -> Int {
    precondition(
      (0..<width).contains(x) && (0..<height).contains(y) && (0..<channels).contains(channel),
      "there is no pixel (\(x), \(y)) with channel \(channel) in \(self)")
    return (y * width + x) * channels + channel
  }

  /// Whether the last channel tells how opaque pixels are.
  public var hasAlpha: Bool { channels % 2 == 0 }
}

extension Picture: CustomStringConvertible {
  /// The sizes.
  public var description: String { "a picture of \(width)×\(height)×\(channels)" }
}
