import PlushData

/// Finds the fields of messages of protobuf without decoding them, in bytes that need not be in
/// memory. See https://protobuf.dev/programming-guides/encoding.
struct WireReader {
  /// A field of a message.
  struct Field {
    let number: Int
    /// Where it stands, from the first byte of its tag.
    let range: Range<Int>
    /// What it holds, if that is bytes: a text, an array or a message.
    let contents: Range<Int>?
  }

  let source: ByteSource
  /// Some bytes of the source, so that not each of them is asked for alone.
  private var window: [UInt8] = []
  private var windowStart = 0
  private static let windowSize = 1 << 16

  init(_ source: ByteSource) { self.source = source }

  /// The field that begins at a place of a message; nil at the end of the message, and where it is
  /// damaged.
  mutating func field(at start: Int, before end: Int) throws -> Field? {
    var place = start
    guard let tag = try varint(&place, end) else { return nil }
    var contents: Range<Int>?
    switch tag & 7 {
    case 0: if try varint(&place, end) == nil { return nil }
    case 1: place += 8
    case 5: place += 4
    case 2:
      guard let length = try varint(&place, end), length <= UInt64(end - place) else { return nil }
      contents = place..<place + Int(length)
      place += Int(length)
    default: return nil
    }
    guard place <= end else { return nil }
    return Field(
      number: Int(truncatingIfNeeded: tag >> 3), range: start..<place, contents: contents)
  }

  /// The bytes of a range.
  mutating func bytes(_ range: Range<Int>) throws -> ArraySlice<UInt8> {
    if range.lowerBound < windowStart || range.upperBound > windowStart + window.count {
      let end = max(range.upperBound, min(range.lowerBound + Self.windowSize, source.size))
      window = try source.bytes(range.lowerBound..<end)
      windowStart = range.lowerBound
    }
    return window[range.lowerBound - windowStart..<range.upperBound - windowStart]
  }

  private mutating func varint(_ place: inout Int, _ end: Int) throws -> UInt64? {
    var value: UInt64 = 0
    for byte in try bytes(place..<min(place + 10, end)).enumerated() {
      place += 1
      value |= UInt64(byte.element & 127) << UInt64(7 * byte.offset)
      if byte.element < 128 { return value }
    }
    return nil
  }
}
