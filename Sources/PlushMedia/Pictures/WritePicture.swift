import PlushCodecs
import PlushData

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Picture {
  /// Writes a PNG or JPEG file, as the end of its name says, in one step.
  ///
  /// - Parameters:
  ///   - path: the file; its name ends in `.png`, `.jpg` or `.jpeg`.
  ///   - quality: of a JPEG, from 1 for small to 100 for good.
  /// - Throws: `FileError` if the name tells no format, the picture has alpha and the format has
  ///   none, or writing fails.
  public func write(to path: String, quality: Int = 90) throws {
    guard let format = PictureFormat(path: path) else {
      throw FileError(
        .unsupported, path, expected: "a name that ends in .png, .jpg or .jpeg", found: "another")
    }
    try writeFile(path, try encoded(as: format, quality: quality, path: path))
  }

  /// The bytes of a file; `path` names it in errors.
  ///
  /// - Throws: `FileError` if the picture has alpha and the format has none, or is too large.
  public func encoded(
    as format: PictureFormat, quality: Int = 90, path: String = "picture"
  ) throws -> [UInt8] {
    if format == .jpeg && hasAlpha {
      throw FileError(
        .unsupported, path, expected: "a picture without alpha, as JPEG has none", found: "\(self)",
        hint: "write PNG, or lay the picture over a color")
    }
    let size = PlushPictureSize(
      width: UInt32(clamping: width), height: UInt32(clamping: height), channels: UInt32(channels))
    var file: UnsafeMutablePointer<UInt8>?
    var count = 0
    let status =
      switch format {
      case .png: plush_png_write(pixels, size, 6, &file, &count)
      case .jpeg:
        plush_jpeg_write(pixels, size, Int32(min(max(quality, 1), 100)), &file, &count)
      }
    let expected = "to pack \(self) as \(format.title)"
    if let error = FileError(status, path, expected: expected) { throw error }
    defer { free(file) }
    return Array(UnsafeBufferPointer(start: file, count: count))
  }
}
