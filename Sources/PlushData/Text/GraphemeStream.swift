/// Puts text that comes in pieces together, and gives it on in whole characters as people see them.
///
/// A piece may end within a letter and its accent, within an emoji of several scalars, even within
/// the bytes of a scalar: what may still grow is held back until it cannot.
///
/// ```swift
/// var stream = GraphemeStream()
/// print(stream.append("e"), stream.append("\u{301}!"), stream.finish())  // "", "é", "!"
/// ```
public struct GraphemeStream: Sendable {
  private var bytes: [UInt8] = []
  private var text = ""

  /// Creates an empty stream.
  public init() {}

  /// Takes a piece and returns the characters that are now whole.
  public mutating func append(_ piece: String) -> String { append(utf8: Array(piece.utf8)) }

  /// Takes bytes of UTF-8 and returns the characters that are now whole; bytes that can be no UTF-8
  /// become U+FFFD.
  public mutating func append(utf8 piece: [UInt8]) -> String {
    bytes += piece
    let whole = bytes.count - lengthOfCutScalar(bytes)
    text += String(decoding: bytes[..<whole], as: UTF8.self)
    bytes.removeFirst(whole)
    // The last character may still grow.
    guard let last = text.indices.last else { return "" }
    let given = String(text[..<last])
    text = String(text[last...])
    return given
  }

  /// What was held back; the stream is then empty.
  public mutating func finish() -> String {
    defer { (bytes, text) = ([], "") }
    return text + String(decoding: bytes, as: UTF8.self)
  }
}

/// How many bytes at the end begin a scalar whose other bytes are still to come.
private func lengthOfCutScalar(_ bytes: [UInt8]) -> Int {
  for length in 1...3 where length <= bytes.count {
    let first = bytes[bytes.count - length]
    if first & 0xC0 == 0x80 { continue }
    let whole = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
    return whole > length ? length : 0
  }
  return 0
}
