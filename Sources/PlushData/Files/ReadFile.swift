/// Reads a whole file.
///
/// - Parameters:
///   - path: the file; pipes and devices work too.
///   - limit: the most bytes to accept.
/// - Throws: `FileError` if the file is missing, a folder, not permitted or larger than the limit.
public func readFile(_ path: String, limit: Int = 1 << 34) throws -> [UInt8] {
  let file = try OpenFile(reading: path)
  let size = try file.size() ?? 1 << 16
  guard size <= limit else { throw tooLarge(path, limit, found: "\(size) bytes") }
  // One byte more than the size, so that the end shows without another piece.
  var room = size + 1
  var bytes = try file.readPiece(room)
  var count = bytes.count
  while count == room {
    guard bytes.count <= limit else { throw tooLarge(path, limit, found: "more") }
    room = 1 << 20
    let piece = try file.readPiece(room)
    bytes.append(contentsOf: piece)
    count = piece.count
  }
  guard bytes.count <= limit else { throw tooLarge(path, limit, found: "more") }
  return bytes
}

private func tooLarge(_ path: String, _ limit: Int, found: String) -> FileError {
  FileError(.tooLarge, path, expected: "at most \(limit) bytes", found: found)
}

extension OpenFile {
  /// Reads the next bytes, or those from a place: fewer than asked for only at the end of the file.
  borrowing func readPiece(_ room: Int, at offset: Int? = nil) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      let bytes = UnsafeMutableRawBufferPointer(buffer)
      while count < room {
        let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[count..<room])
        let read = try self.read(into: piece, at: offset.map { $0 + count })
        if read == 0 { return }
        count += read
      }
    }
  }
}
