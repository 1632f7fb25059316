#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension FileError {
  /// What a failed call of the system tells by its error number.
  init(errno code: Int32, _ path: String, expected: String) {
    switch code {
    case ENOENT, ENOTDIR:
      self.init(
        .missing, path, expected: expected, found: "nothing at this path",
        hint: Self.missingHint(path))
    case EACCES, EPERM, EROFS:
      self.init(
        .notPermitted, path, expected: expected, found: "no permission",
        hint: "check the permissions of the file and of its folder")
    case EISDIR:
      self.init(.isDirectory, path, expected: expected, found: "a folder")
    case ENOSPC, EDQUOT:
      self.init(
        .diskFull, path, expected: expected, found: "no space left on the disk",
        hint: "free some space or choose another folder; a file already there is unchanged")
    case EFBIG:
      self.init(.tooLarge, path, expected: expected, found: "that the file would grow too large")
    default:
      self.init(.system, path, expected: expected, found: String(cString: strerror(code)))
    }
  }

  /// Names the first folder of the path that is not there.
  private static func missingHint(_ path: String) -> String {
    if path.isEmpty { return "the path is empty" }
    var missing: String?
    var folder = FileSystem.parent(of: path)
    while let current = folder {
      switch try? PathStatus(current) {
      case .directory?:
        if let missing { return "the folder \(missing) does not exist" }
        let working = path.hasPrefix("/") ? nil : FileSystem.resolved(".")
        return working.map { "the working folder is \($0)" } ?? "check the name"
      case .file?: return "\(current) is a file, not a folder"
      default: missing = current
      }
      let next = FileSystem.parent(of: current)
      folder = next == current ? nil : next
    }
    return "check the path"
  }
}
