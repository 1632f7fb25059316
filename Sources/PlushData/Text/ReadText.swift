/// Reads a text file, which must be UTF-8 from its first byte to its last.
///
/// - Parameters:
///   - path: the file; pipes and devices work too.
///   - limit: the most bytes to accept.
/// - Throws: `FileError` if the file cannot be read or is larger than the limit, and with the offset
///   of the first byte that is not UTF-8.
public func readText(_ path: String, limit: Int = 1 << 30) throws -> String {
  try text(try readFile(path, limit: limit), of: path)
}

/// The text in the bytes of a file.
///
/// - Throws: `FileError` with the offset of the first byte that is not UTF-8.
public func text(_ bytes: [UInt8], of path: String) throws -> String {
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  let place = firstInvalidUTF8(in: bytes) ?? bytes.count
  let isBinary = bytes.prefix(4096).contains(0)
  throw FileError(
    .corrupt, path, at: .byte(place), expected: "text in UTF-8",
    found: place < bytes.count ? "the byte 0x\(String(bytes[place], radix: 16))" : "its end",
    hint: isBinary
      ? "this looks like a binary file" : "convert it, as with: iconv -f latin1 -t utf-8")
}

/// The offset of the first byte that begins no character of UTF-8; nil if all is well.
package func firstInvalidUTF8(in bytes: [UInt8]) -> Int? {
  var place = 0
  while place < bytes.count {
    guard let length = lengthOfScalar(in: bytes, at: place) else { return place }
    place += length
  }
  return nil
}

/// How many bytes the scalar at a place has; nil if it is not well-formed or cut off.
///
/// The Unicode Standard, table 3-7: well-formed UTF-8 byte sequences.
private func lengthOfScalar(in bytes: [UInt8], at place: Int) -> Int? {
  let first = bytes[place]
  let (length, second): (Int, ClosedRange<UInt8>) =
    switch first {
    case 0..<0x80: (1, 0x80...0xBF)
    case 0xC2...0xDF: (2, 0x80...0xBF)
    case 0xE0: (3, 0xA0...0xBF)
    case 0xED: (3, 0x80...0x9F)
    case 0xE1...0xEF: (3, 0x80...0xBF)
    case 0xF0: (4, 0x90...0xBF)
    case 0xF4: (4, 0x80...0x8F)
    case 0xF1...0xF3: (4, 0x80...0xBF)
    default: (0, 0...0)
    }
  guard length > 0, place + length <= bytes.count else { return nil }
  if length == 1 { return 1 }
  guard second.contains(bytes[place + 1]) else { return nil }
  let rest = bytes[(place + 2)..<max(place + 2, place + length)]
  return rest.allSatisfy { $0 & 0xC0 == 0x80 } ? length : nil
}
