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

  /// Opens a file to write at its end, and creates it if it is not there.
  init(appending path: String) throws {
    try self.init(path, O_WRONLY | O_CREAT | O_APPEND, expected: "to write at the end of the file")
  }

  private init(_ path: String, _ flags: Int32, expected: String, as target: String? = nil) throws {
    // C would see only what stands before a zero byte.
    if path.utf8.contains(0) { throw FileError(errno: EINVAL, path, expected: expected) }
    let descriptor = open(path, flags | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      throw FileError(errno: errno, target ?? path, expected: expected)
    }
    self.path = target ?? path
    self.descriptor = descriptor
  }

  deinit { _ = close(descriptor) }

  /// The first `size` bytes in the address space of the process.
  func map(_ size: Int) throws -> UnsafeRawBufferPointer {
    guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED
    else { throw FileError(errno: errno, path, expected: "a file to read") }
    return UnsafeRawBufferPointer(start: start, count: size)
  }

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

  /// Reads up to the buffer's size, on from what was read or from a place; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int? = nil) throws -> Int {
    let limit = min(buffer.count, 1 << 26)
    while true {
      let count =
        offset.map { pread(descriptor, buffer.baseAddress, limit, off_t($0)) }
        ?? systemRead(descriptor, buffer.baseAddress, limit)
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
