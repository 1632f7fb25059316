/// Bytes that are read piece by piece: those of a file, of a part of it, or of memory.
package struct ByteSource: Sendable {
  /// How many bytes there are.
  package let size: Int
  /// The name of the file for errors.
  package let path: String
  /// Where in the file the first byte stands, for errors.
  package let start: Int
  private let read: @Sendable (Range<Int>) throws -> [UInt8]

  /// Opens a file.
  ///
  /// - Throws: `FileError` if the file is missing, a folder, or has no size, as a pipe.
  package init(file path: String) throws {
    let file = try OpenFile(reading: path)
    guard let size = try file.size() else {
      throw FileError(
        .unsupported, path, expected: "a file on a disk", found: "a pipe or a device")
    }
    self.init(size, path, 0) { try file.readPiece($0.count, at: $0.lowerBound) }
  }

  /// Takes bytes in memory; `path` names them in errors.
  package init(_ bytes: [UInt8], path: String) {
    self.init(bytes.count, path, 0) { Array(bytes[$0]) }
  }

  private init(
    _ size: Int, _ path: String, _ start: Int,
    _ read: @escaping @Sendable (Range<Int>) throws -> [UInt8]
  ) {
    self.size = size
    self.path = path
    self.start = start
    self.read = read
  }

  /// The bytes of a range.
  ///
  /// - Throws: `FileError` if the file ends before.
  package func bytes(_ range: Range<Int>) throws -> [UInt8] {
    let inside = range.clamped(to: 0..<size)
    // Nothing is read, and no memory asked for, unless all of it can be there.
    guard inside == range || range.isEmpty else { throw ended(range, inside.count) }
    let found = try read(inside)
    guard found.count == range.count else { throw ended(range, found.count) }
    return found
  }

  private func ended(_ range: Range<Int>, _ found: Int) -> FileError {
    FileError(
      .truncated, path, at: .byte(start + range.lowerBound), expected: "\(range.count) bytes",
      found: "\(found)", hint: "fetch the file again")
  }

  /// A range of the bytes as a source of its own.
  ///
  /// - Precondition: the range lies inside.
  package func part(_ range: Range<Int>) -> ByteSource {
    precondition(range.lowerBound >= 0 && range.upperBound <= size)
    return ByteSource(range.count, path, start + range.lowerBound) { [read] in
      try read($0.lowerBound + range.lowerBound..<$0.upperBound + range.lowerBound)
    }
  }

  /// The checksum of all bytes (CRC-32), a piece at a time.
  package func checksum() throws -> UInt32 {
    try stride(from: 0, to: size, by: 1 << 20).reduce(0) { sum, place in
      PlushData.checksum(try bytes(place..<min(size, place + 1 << 20))[...], after: sum)
    }
  }
}
