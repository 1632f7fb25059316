#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// What stands at a path.
package enum PathStatus {
  case missing
  case directory
  case file(size: Int, permissions: UInt32)
  case other

  package init(_ path: String) throws {
    var status = stat()
    // C would see only what stands before a zero byte.
    let failure = path.utf8.contains(0) ? EINVAL : stat(path, &status) == 0 ? 0 : errno
    if failure == ENOENT {
      self = .missing
      return
    }
    guard failure == 0 else {
      throw FileError(errno: failure, path, expected: "a path to a file")
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
package enum FileSystem {
  /// Whether the process may write to an existing file.
  package static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }

  /// Whether the process may run a program.
  package static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// The path with symbolic links followed, or nil if there is nothing there.
  package static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Puts a file in place of another in one step.
  package static func move(_ source: String, to target: String) throws {
    guard rename(source, target) == 0 else {
      throw FileError(errno: errno, target, expected: "to put the finished file in place")
    }
  }

  /// Removes a file if it is there.
  package static func remove(_ path: String) { _ = unlink(path) }

  /// Makes a renaming in a folder lasting.
  package static func synchronize(directory path: String) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    _ = close(descriptor)
  }

  /// The number of this process.
  package static var processNumber: Int { Int(getpid()) }

  /// The value of an environment variable, if it is set and not empty.
  package static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  /// Creates a folder and those above it, where they are missing.
  package static func createDirectory(_ path: String) throws {
    if mkdir(path, 0o777) == 0 { return }
    let failure = errno
    if failure == ENOENT, let parent = parent(of: path), parent != path {
      try createDirectory(parent)
      return try createDirectory(path)
    }
    if case .directory? = try? PathStatus(path) { return }
    throw FileError(errno: failure, path, expected: "to create the folder")
  }

  /// The names of what stands in a folder; none if it cannot be read.
  package static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names
  }

  /// The folder a path stands in: "." for a bare name, nil for a root.
  package static func parent(of path: String) -> String? {
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
