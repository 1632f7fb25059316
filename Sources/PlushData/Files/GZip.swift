import CZlib

/// The gzip format (RFC 1952), through zlib.
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
      var inflater = Inflater(input: input, path: path, limit: limit)
      return try inflater.run()
    }
  }

  /// Packs bytes into a gzip file; equal bytes give equal files.
  ///
  /// - Parameters:
  ///   - bytes: what to pack.
  ///   - level: 1 for fast to 9 for small.
  public static func compress(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
    var stream = z_stream()
    let level = Int32(min(max(level, 1), 9))
    let status = deflateInit2_(
      &stream, level, Z_DEFLATED, gzipWindow, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, streamSize)
    precondition(status == Z_OK, "zlib has no memory to start")
    defer { deflateEnd(&stream) }
    return bytes.withUnsafeBufferPointer { input in
      var output: [UInt8] = []
      var position = 0
      repeat {
        let taken = min(input.count - position, pieceSize)
        stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + position })
        stream.avail_in = UInt32(taken)
        position += taken
        let flush = position == input.count ? Z_FINISH : Z_NO_FLUSH
        stream.drain(into: &output) { _ = deflate(&$0, flush) }
      } while position < input.count
      return output
    }
  }

  fileprivate static let gzipWindow: Int32 = 15 + 16
  fileprivate static let streamSize = Int32(MemoryLayout<z_stream>.size)
  fileprivate static let pieceSize = 1 << 18
}

/// Reads a whole file and unpacks it if it is a gzip file, whatever its name.
///
/// - Throws: `FileError` as `readFile` and `GZip.decompress` do.
public func readUnpackedFile(_ path: String, limit: Int = 1 << 32) throws -> [UInt8] {
  let bytes = try readFile(path, limit: limit)
  return GZip.isCompressed(bytes)
    ? try GZip.decompress(bytes, path: path, limit: limit) : bytes
}

extension z_stream {
  /// Runs a step as long as it fills whole pieces of output.
  fileprivate mutating func drain(
    into output: inout [UInt8], _ step: (inout z_stream) -> Void
  ) {
    var isFull = true
    while isFull {
      let piece = [UInt8](unsafeUninitializedCapacity: GZip.pieceSize) { buffer, count in
        next_out = buffer.baseAddress
        avail_out = UInt32(GZip.pieceSize)
        step(&self)
        count = GZip.pieceSize - Int(avail_out)
      }
      output.append(contentsOf: piece)
      isFull = avail_out == 0
    }
  }
}

private struct Inflater {
  let input: UnsafeBufferPointer<UInt8>
  let path: String
  let limit: Int
  var position = 0
  var output: [UInt8] = []

  mutating func run() throws -> [UInt8] {
    repeat { try unpackMember() } while try hasAnotherMember()
    return output
  }

  private func hasAnotherMember() throws -> Bool {
    if position == input.count { return false }
    if GZip.isCompressed(input[position...]) { return true }
    throw FileError(
      .corrupt, path, at: .byte(position), expected: "the end of the gzip file",
      found: "\(input.count - position) more bytes")
  }

  private mutating func unpackMember() throws {
    var stream = z_stream()
    let started = inflateInit2_(&stream, GZip.gzipWindow, ZLIB_VERSION, GZip.streamSize)
    guard started == Z_OK else {
      throw FileError(.system, path, expected: "zlib to start", found: "status \(started)")
    }
    defer { inflateEnd(&stream) }
    var status = Z_OK
    while status != Z_STREAM_END {
      guard position < input.count else {
        throw FileError(
          .truncated, path, at: .byte(position), expected: "more compressed bytes",
          found: "the end of the file", hint: "fetch the file again")
      }
      let taken = min(input.count - position, GZip.pieceSize)
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress! + position)
      stream.avail_in = UInt32(taken)
      status = try inflatePiece(&stream)
      position += taken - Int(stream.avail_in)
    }
  }

  private mutating func inflatePiece(_ stream: inout z_stream) throws -> Int32 {
    var status = Z_OK
    repeat {
      let piece = [UInt8](unsafeUninitializedCapacity: GZip.pieceSize) { buffer, count in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(GZip.pieceSize)
        status = inflate(&stream, Z_NO_FLUSH)
        count = GZip.pieceSize - Int(stream.avail_out)
      }
      output.append(contentsOf: piece)
      // Z_BUF_ERROR only tells that all of this input was used.
      guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
        throw damaged(stream)
      }
      guard output.count <= limit else {
        throw FileError(
          .tooLarge, path, expected: "at most \(limit) bytes when unpacked", found: "more")
      }
    } while status == Z_OK && stream.avail_out == 0
    return status
  }

  private func damaged(_ stream: z_stream) -> FileError {
    let found = stream.msg.map { String(cString: $0) } ?? "damaged data"
    let place = UnsafePointer(stream.next_in).map { $0 - input.baseAddress! } ?? position
    return FileError(
      .corrupt, path, at: .byte(place), expected: "sound compressed bytes", found: found,
      hint: "fetch the file again")
  }
}
