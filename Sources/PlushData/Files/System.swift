#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An open file of the operating system, closed when it goes out of use.
struct OpenFile: ~Copyable {
  let path: String
  private let descriptor: Int32

  /// Opens a file to read.
  init(reading path: String) throws {
    try self.init(path, O_RDONLY, expected: "a file to read")
  }

  /// Opens a device or pipe that is there to write.
  init(writing path: String) throws {
    try self.init(path, O_WRONLY, expected: "a file to write")
  }

  /// Creates a file that must not be there yet.
  init(creating path: String, permissions: UInt32?, for target: String) throws {
    try self.init(path, O_WRONLY | O_CREAT | O_EXCL, expected: "to write the file", as: target)
    if let permissions { _ = fchmod(descriptor, mode_t(permissions)) }
  }

  private init(_ path: String, _ flags: Int32, expected: String, as target: String? = nil) throws {
    // C would see only what stands before a zero byte.
    let hasZero = path.utf8.contains(0)
    let descriptor = hasZero ? -1 : open(path, flags | O_CLOEXEC, 0o666)
    if hasZero { errno = ENOENT }
    guard descriptor >= 0 else {
      throw FileError(errno: errno, target ?? path, expected: expected)
    }
    self.path = target ?? path
    self.descriptor = descriptor
  }

  deinit { _ = close(descriptor) }

  /// The size in bytes, or nil for what has none, such as a pipe.
  func size() throws -> Int? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw FileError(errno: errno, path, expected: "a file to read")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw FileError(errno: EISDIR, path, expected: "a file to read")
    case S_IFREG: return Int(status.st_size)
    default: return nil
    }
  }

  /// Reads up to the buffer's size; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let limit = min(buffer.count, 1 << 26)
    while true {
      let count = systemRead(descriptor, buffer.baseAddress, limit)
      if count >= 0 { return count }
      guard errno == EINTR else { throw FileError(errno: errno, path, expected: "to read on") }
    }
  }

  /// Writes all of the bytes.
  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 26))
      let count = systemWrite(descriptor, piece.baseAddress, piece.count)
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR {
        throw FileError(errno: errno, path, expected: "to write \(bytes.count) bytes")
      }
    }
  }

  /// Waits until the disk holds everything written.
  func synchronize() throws {
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw FileError(errno: errno, path, expected: "the disk to take the file")
    }
  }
}

private func systemRead(_ file: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(file, bytes, count)
}

private func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(file, bytes, count)
}

// MARK: - The file system

/// What stands at a path.
enum PathStatus {
  case missing
  case directory
  case file(size: Int, permissions: UInt32)
  case other

  init(_ path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT {
        self = .missing
        return
      }
      throw FileError(errno: errno, path, expected: "a path to a file")
    }
    switch status.st_mode & S_IFMT {
    case S_IFDIR: self = .directory
    case S_IFREG:
      self = .file(size: Int(status.st_size), permissions: UInt32(status.st_mode) & 0o777)
    default: self = .other
    }
  }
}

/// Calls of the system by which files are put in place.
enum FileSystem {
  /// Whether the process may write to an existing file.
  static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  /// Whether the process may run a program.
  static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// The path with symbolic links followed, or nil if there is nothing there.
  static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Puts a file in place of another in one step.
  static func move(_ source: String, to target: String) throws {
    guard rename(source, target) == 0 else {
      throw FileError(errno: errno, target, expected: "to put the finished file in place")
    }
  }

  /// Removes a file if it is there.
  static func remove(_ path: String) { _ = unlink(path) }

  /// Makes a renaming in a folder lasting.
  static func synchronize(directory path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    _ = close(descriptor)
  }

  /// The number of this process.
  static var processNumber: Int { Int(getpid()) }

  /// The value of an environment variable, if it is set and not empty.
  static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// Creates a folder and those above it, where they are missing.
  static func createDirectory(_ path: String) throws {
    if mkdir(path, 0o777) == 0 { return }
    let failure = errno
    if failure == ENOENT, let parent = parent(of: path), parent != path {
      try createDirectory(parent)
      return try createDirectory(path)
    }
    if case .directory? = try? PathStatus(path) { return }
    throw FileError(errno: failure, path, expected: "to create the folder")
  }

  /// The folder a path stands in: "." for a bare name, nil for a root.
  static func parent(of path: String) -> String? {
    let trimmed = path.trimmingSlashes
    guard let slash = trimmed.lastIndex(of: "/") else { return trimmed.isEmpty ? nil : "." }
    return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash].trimmingSlashes)
  }
}

extension StringProtocol {
  fileprivate var trimmingSlashes: SubSequence {
    var end = endIndex
    while end > startIndex, self[index(before: end)] == "/" { end = index(before: end) }
    return self[..<end]
  }
}

// MARK: - Errors of the system

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
