/// Writes a whole file in one step: whoever reads the path sees the old bytes or the new.
///
/// The bytes go to a temporary file beside it, which takes the path once the disk holds all of it.
/// If anything fails the old file is as it was. Devices and pipes are written directly.
///
/// - Throws: `FileError` if the folder is missing, the disk full or writing not permitted.
public func writeFile(_ path: String, _ bytes: some Collection<UInt8>) throws {
  try writeFile(path) { try $0.write(bytes) }
}

/// Writes a text in UTF-8 to a whole file in one step.
///
/// - Throws: `FileError` if the folder is missing, the disk full or writing not permitted.
public func writeFile(_ path: String, _ text: String) throws {
  try writeFile(path) { try $0.write(text.utf8) }
}

/// Writes bytes at the end of a file, which is created if it is not there.
///
/// - Throws: `FileError` if the folder is missing, the disk full or writing not permitted.
public func appendToFile(_ path: String, _ bytes: some Collection<UInt8>) throws {
  var writer = FileWriter(try OpenFile(appending: path))
  try writer.write(bytes)
  try writer.flush()
}

/// Writes a whole file piece by piece, and puts it in place in one step at the end.
///
/// - Throws: `FileError`, or what `body` throws; the old file is then as it was.
public func writeFile(
  _ path: String, _ body: (inout FileWriter) throws -> Void
) throws {
  var permissions: UInt32?
  let status = try PathStatus(path)
  let target = FileSystem.resolved(path) ?? path
  switch status {
  case .missing: break
  case .directory:
    throw FileError(.isDirectory, path, expected: "to write the file", found: "a folder")
  case .file(_, let found):
    guard FileSystem.isWritable(target) else {
      throw FileError(
        .notPermitted, path, expected: "to write the file", found: "a file that is read-only",
        hint: "change its permissions or choose another path")
    }
    permissions = found
  case .other:
    var writer = FileWriter(try OpenFile(writing: target))
    try body(&writer)
    return try writer.flush()
  }
  try replaceFile(target, named: path, permissions, body)
}

private func replaceFile(
  _ target: String, named path: String, _ permissions: UInt32?,
  _ body: (inout FileWriter) throws -> Void
) throws {
  let temporary = temporaryPath(beside: target)
  do {
    var writer = FileWriter(
      try OpenFile(creating: temporary, permissions: permissions, for: path))
    try body(&writer)
    try writer.flush()
    try writer.synchronize()
    try FileSystem.move(temporary, to: target)
  } catch {
    FileSystem.remove(temporary)
    throw error
  }
  FileSystem.synchronize(directory: FileSystem.parent(of: target) ?? ".")
}

/// A name in the same folder that no other writer takes.
func temporaryPath(beside path: String) -> String {
  let random = String(UInt32.random(in: .min ... .max), radix: 36)
  let folder = FileSystem.parent(of: path) ?? "."
  return "\(folder)/\(temporaryPrefix(of: path))\(FileSystem.processNumber)-\(random).tmp"
}

private func temporaryPrefix(of path: String) -> String {
  let name = path.split(separator: "/").last.map(String.init) ?? "file"
  return ".\(name.prefix(60))."
}

/// Removes what killed writers of a file left beside it; nobody may be writing it.
package func removeUnfinishedFiles(of path: String) {
  let folder = FileSystem.parent(of: path) ?? "."
  for name in FileSystem.names(in: folder)
  where name.hasPrefix(temporaryPrefix(of: path)) && name.hasSuffix(".tmp") {
    FileSystem.remove("\(folder)/\(name)")
  }
}

/// Takes the pieces of a file being written.
public struct FileWriter: ~Copyable {
  private let file: OpenFile
  private var buffer: [UInt8] = []
  /// How many bytes were written so far.
  public private(set) var count = 0

  init(_ file: consuming OpenFile) { self.file = file }

  /// Writes bytes; large pieces go to the disk from where they are.
  ///
  /// - Throws: `FileError` if writing fails, such as on a full disk.
  public mutating func write(_ bytes: some Collection<UInt8>) throws {
    let done: Void? = try bytes.withContiguousStorageIfAvailable {
      try write(UnsafeRawBufferPointer($0))
    }
    if done == nil { try Array(bytes).withUnsafeBytes { try write($0) } }
  }

  /// Writes the bytes of a buffer.
  ///
  /// - Throws: `FileError` if writing fails, such as on a full disk.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    count += bytes.count
    let isLarge = bytes.count > 1 << 15
    if isLarge || buffer.count + bytes.count > 1 << 16 { try flush() }
    if isLarge { return try file.write(bytes) }
    buffer.append(contentsOf: bytes)
  }

  mutating func flush() throws {
    try buffer.withUnsafeBytes { try file.write($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  func synchronize() throws { try file.synchronize() }
}
