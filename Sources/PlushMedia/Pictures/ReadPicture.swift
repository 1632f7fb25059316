import PlushCodecs
import PlushData

extension Picture {
  /// How many pixels are accepted if the caller does not say: those of 8192×8192.
  public static let usualPixelLimit = 1 << 26

  /// Reads a PNG or JPEG file, whatever its name.
  ///
  /// Values have 8 bits; palettes and inks become red, green and blue, 16 bits are rounded. A photo
  /// that its camera marked as turned is turned upright (EXIF). Nothing is corrected for color
  /// profiles.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - pixelLimit: the most pixels to accept; a small file can claim to hold very many.
  /// - Throws: `FileError` if the file is missing, cut short, damaged, too large or in another
  ///   format.
  public init(file path: String, pixelLimit: Int = usualPixelLimit) throws {
    // No picture needs more, even if packing makes it larger.
    let limit = max(1 << 24, min(pixelLimit, 1 << 40) * 8)
    try self.init(parsing: try readFile(path, limit: limit), path: path, pixelLimit: pixelLimit)
  }

  /// Reads the bytes of a PNG or JPEG file; `path` names it in errors.
  ///
  /// - Throws: `FileError` if the bytes are cut short, damaged, too large or in another format.
  public init(
    parsing file: [UInt8], path: String = "picture", pixelLimit: Int = usualPixelLimit
  ) throws {
    guard let format = PictureFormat(of: file) else {
      throw FileError(
        file.count < 8 ? .truncated : .unsupported, path, expected: "a PNG or JPEG file",
        found: file.count < 8 ? "\(file.count) bytes" : "other bytes",
        hint: "convert the picture with another program")
    }
    let size = try format.size(of: file, path)
    try format.check(size, of: file, path, pixelLimit)
    let upright = try Picture(file, format, size, path)
      .upright(format == .png ? Exif.orientation(ofPNG: file) : Exif.orientation(ofJPEG: file))
    self = upright
  }

  private init(
    _ file: [UInt8], _ format: PictureFormat, _ size: PlushPictureSize, _ path: String
  ) throws {
    let (width, height, channels) = (Int(size.width), Int(size.height), Int(size.channels))
    let count = width * height * channels
    let pixels = try [UInt8](unsafeUninitializedCapacity: count) { pixels, initialized in
      let status =
        switch format {
        case .png: plush_png_read(file, file.count, size, pixels.baseAddress)
        case .jpeg: plush_jpeg_read(file, file.count, size, pixels.baseAddress)
        }
      let expected = "\(width)×\(height) pixels of a \(format.title) file"
      if let error = FileError(status, path, expected: expected, size: file.count) { throw error }
      initialized = count
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }
}

extension PictureFormat {
  fileprivate func size(of file: [UInt8], _ path: String) throws -> PlushPictureSize {
    var size = PlushPictureSize()
    let status =
      switch self {
      case .png: plush_png_read_size(file, file.count, &size)
      case .jpeg: plush_jpeg_read_size(file, file.count, &size)
      }
    let expected = "the header of a \(title) file"
    if let error = FileError(status, path, expected: expected, size: file.count) { throw error }
    return size
  }

  /// Compares what the header claims with what is there, before anything is allocated for it.
  fileprivate func check(
    _ size: PlushPictureSize, of file: [UInt8], _ path: String, _ pixelLimit: Int
  ) throws {
    let pixels = Int(size.width) * Int(size.height)
    let claim = "\(size.width)×\(size.height) pixels"
    guard pixels > 0, (1...4).contains(size.channels) else {
      throw FileError(.corrupt, path, expected: "a picture with pixels", found: claim)
    }
    guard pixels <= pixelLimit else {
      throw FileError(
        .tooLarge, path, expected: "at most \(pixelLimit) pixels", found: claim,
        hint: "make it smaller, or give a larger pixelLimit if you trust its source")
    }
    // PNG packs at most 1032 bytes into one, and a pixel may have one bit. JPEG needs about a bit
    // for a block of 8×8 pixels; a quarter of it is accepted.
    let least = self == .png ? pixels / 8 / 1032 : pixels / 64 / 32
    guard file.count >= least else {
      throw FileError(
        .truncated, path, expected: "at least \(least) bytes for \(claim)",
        found: "\(file.count) bytes")
    }
  }
}
