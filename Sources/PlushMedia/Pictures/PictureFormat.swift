import PlushCodecs
import PlushData

/// A format of picture files.
public enum PictureFormat: String, Sendable, CaseIterable {
  /// Portable Network Graphics: nothing is lost.
  case png
  /// JPEG: small, for photos, with small losses.
  case jpeg

  /// The format that the name of a file tells; nil for others.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "png": self = .png
    case "jpg", "jpeg": self = .jpeg
    default: return nil
    }
  }

  /// The format that the first bytes tell.
  init?(of file: [UInt8]) {
    if file.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if file.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else {
      return nil
    }
  }

  /// The name as an error tells it.
  var title: String { rawValue.uppercased() }
}

extension FileError {
  /// What the library of a format says against a file.
  init?(_ status: PlushPictureStatus, _ path: String, expected: String, size: Int? = nil) {
    let text = withUnsafeBytes(of: status.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    let found = "\"\(text)\""
    switch status.fault {
    case PLUSH_PICTURE_SOUND: return nil
    case PLUSH_PICTURE_TRUNCATED:
      self.init(
        .truncated, path, expected: expected, found: "the end after \(size ?? 0) bytes",
        hint: "fetch the file again")
    case PLUSH_PICTURE_UNSUPPORTED:
      self.init(
        .unsupported, path, expected: expected, found: found,
        hint: "convert it with another program")
    case PLUSH_PICTURE_TOO_LARGE: self.init(.tooLarge, path, expected: expected, found: found)
    case PLUSH_PICTURE_NO_MEMORY: self.init(.system, path, expected: expected, found: "no memory")
    default:
      self.init(.corrupt, path, expected: expected, found: found, hint: "fetch the file again")
    }
  }
}
