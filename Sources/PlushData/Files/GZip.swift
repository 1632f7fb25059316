/// The gzip format (RFC 1952).
public enum GZip {
  /// Whether the bytes start as a gzip file does.
  public static func isCompressed(_ bytes: some Collection<UInt8>) -> Bool {
    bytes.starts(with: [0x1F, 0x8B])
  }

  /// Unpacks a gzip file, which may have several members.
  ///
  /// - Parameters:
  ///   - bytes: the whole file.
  ///   - path: the name of the file for errors.
  ///   - limit: the most bytes to unpack; a small file can claim to hold very many.
  /// - Throws: `FileError` if the file is cut short, damaged, followed by other bytes or too large.
  public static func decompress(
    _ bytes: [UInt8], path: String = "gzip data", limit: Int = 1 << 32
  ) throws -> [UInt8] {
    guard isCompressed(bytes) else {
      let found = bytes.count < 2 ? "\(bytes.count) bytes" : "other bytes"
      throw FileError(
        bytes.count < 2 ? .truncated : .corrupt, path, expected: "a gzip file", found: found)
    }
    return try bytes.withUnsafeBufferPointer { input in
      var inflater = Inflater(input, .gzip, path: path, limit: limit)
      repeat { try inflater.run() } while try hasAnotherMember(inflater)
      return inflater.output
    }
  }

  private static func hasAnotherMember(_ inflater: Inflater) throws -> Bool {
    let rest = inflater.input[inflater.position...]
    if rest.isEmpty { return false }
    if isCompressed(rest) { return true }
    throw FileError(
      .corrupt, inflater.path, at: .byte(inflater.position), expected: "the end of the gzip file",
      found: "\(rest.count) more bytes")
  }

  /// Packs bytes into a gzip file; equal bytes give equal files.
  ///
  /// - Parameters:
  ///   - bytes: what to pack.
  ///   - level: 1 for fast to 9 for small.
  public static func compress(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
    Deflate.compress(bytes, .gzip, level: level)
  }
}

/// Reads a whole file and unpacks it if it is a gzip file, whatever its name.
///
/// - Throws: `FileError` as `readFile` and `GZip.decompress` do.
public func readUnpackedFile(_ path: String, limit: Int = 1 << 32) throws -> [UInt8] {
  let bytes = try readFile(path, limit: limit)
  return GZip.isCompressed(bytes)
    ? try GZip.decompress(bytes, path: path, limit: limit) : bytes
}
