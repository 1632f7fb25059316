import CZlib

/// The packing inside of gzip and zip files (RFC 1951), through zlib.
package enum Deflate {
  /// What stands around the packed bytes, by the number zlib has for it.
  enum Wrapping: Int32 {
    /// The header and checksum of a gzip file.
    case gzip = 31
    /// The header and checksum of zlib itself.
    case zlib = 15
    /// Nothing.
    case none = -15
  }

  /// Packs bytes; equal bytes give equal results.
  ///
  /// - Parameter level: 1 for fast to 9 for small.
  static func compress(_ bytes: [UInt8], _ wrapping: Wrapping, level: Int = 6) -> [UInt8] {
    var stream = z_stream()
    let level = Int32(min(max(level, 1), 9))
    let status = deflateInit2_(
      &stream, level, Z_DEFLATED, wrapping.rawValue, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      streamSize)
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

  /// Unpacks what zlib packed.
  ///
  /// - Throws: `FileError` if the bytes are damaged, cut short or hold more than the limit.
  package static func decompress(_ bytes: [UInt8], path: String, limit: Int) throws -> [UInt8] {
    try bytes.withUnsafeBufferPointer { input in
      var inflater = Inflater(input, .zlib, path: path, limit: limit)
      try inflater.run()
      return inflater.output
    }
  }

  fileprivate static let streamSize = Int32(MemoryLayout<z_stream>.size)
  fileprivate static let pieceSize = 1 << 18
}

/// The checksum of gzip and zip (CRC-32), going on from that of the bytes before.
package func checksum(_ bytes: ArraySlice<UInt8>, after checksum: UInt32 = 0) -> UInt32 {
  bytes.withUnsafeBufferPointer {
    // Without an address zlib would begin anew.
    $0.isEmpty ? checksum : UInt32(crc32_z(UInt(checksum), $0.baseAddress, $0.count))
  }
}

extension z_stream {
  /// Runs a step as long as it fills whole pieces of output.
  fileprivate mutating func drain(
    into output: inout [UInt8], _ step: (inout z_stream) -> Void
  ) {
    var isFull = true
    while isFull {
      let piece = [UInt8](unsafeUninitializedCapacity: Deflate.pieceSize) { buffer, count in
        next_out = buffer.baseAddress
        avail_out = UInt32(Deflate.pieceSize)
        step(&self)
        count = Deflate.pieceSize - Int(avail_out)
      }
      output.append(contentsOf: piece)
      isFull = avail_out == 0
    }
  }
}

/// Unpacks what `Deflate` packed, from the first byte of an input on.
struct Inflater {
  let input: UnsafeBufferPointer<UInt8>
  let wrapping: Deflate.Wrapping
  /// The name of the file for errors.
  let path: String
  /// The most bytes to unpack.
  let limit: Int
  /// How many bytes of the input were used.
  private(set) var position = 0
  /// What was unpacked.
  private(set) var output: [UInt8] = []

  init(
    _ input: UnsafeBufferPointer<UInt8>, _ wrapping: Deflate.Wrapping, path: String, limit: Int
  ) {
    self.input = input
    self.wrapping = wrapping
    self.path = path
    self.limit = limit
  }

  /// Unpacks up to the next end of packed bytes.
  ///
  /// - Throws: `FileError` if the input is cut short, damaged or holds too much.
  mutating func run() throws {
    var stream = z_stream()
    let started = inflateInit2_(&stream, wrapping.rawValue, ZLIB_VERSION, Deflate.streamSize)
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
      let taken = min(input.count - position, Deflate.pieceSize)
      stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress! + position)
      stream.avail_in = UInt32(taken)
      status = try inflatePiece(&stream)
      position += taken - Int(stream.avail_in)
    }
  }

  private mutating func inflatePiece(_ stream: inout z_stream) throws -> Int32 {
    var status = Z_OK
    repeat {
      let piece = [UInt8](unsafeUninitializedCapacity: Deflate.pieceSize) { buffer, count in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(Deflate.pieceSize)
        status = inflate(&stream, Z_NO_FLUSH)
        count = Deflate.pieceSize - Int(stream.avail_out)
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
