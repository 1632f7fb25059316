import PlushData

/// A walk through a piece of an HDF5 file, in which numbers are little-endian.
struct HDF5Cursor {
  private let bytes: ArraySlice<UInt8>
  private let path: String
  /// Where in the file the piece begins.
  private let start: Int
  /// How many bytes were taken.
  private(set) var position = 0

  init(_ bytes: ArraySlice<UInt8>, at start: Int, of path: String) {
    self.bytes = bytes
    self.start = start
    self.path = path
  }

  /// How many bytes are left.
  var rest: Int { bytes.count - position }

  /// Takes the next bytes.
  ///
  /// - Throws: `FileError` if fewer are left.
  mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
    guard count >= 0, count <= rest else {
      throw wrong("\(count) bytes", "\(rest)")
    }
    defer { position += count }
    let place = bytes.startIndex + position
    return bytes[place..<place + count]
  }

  /// Takes the next bytes as a piece of their own.
  mutating func piece(_ count: Int) throws -> HDF5Cursor {
    let place = start + position
    return HDF5Cursor(try take(count), at: place, of: path)
  }

  mutating func skip(_ count: Int) throws { _ = try take(count) }

  /// Skips to a multiple of 8 bytes from the start of the piece, or to its end.
  mutating func align() throws { try skip(min(rest, -position & 7)) }

  /// Takes a number of up to 8 bytes; one too large for any file is cut, so that sums stay numbers.
  mutating func number(_ size: Int) throws -> Int {
    Int(min(try take(size).littleEndianNumber, Self.largest))
  }

  private static let largest: UInt64 = 1 << 60

  /// Takes an address; nil for none, which is written as all ones.
  mutating func address() throws -> Int? {
    let number = try take(8).littleEndianNumber
    return number == .max ? nil : Int(min(number, Self.largest))
  }

  /// Takes a text that ends before a zero byte or with the bytes given.
  mutating func text(_ count: Int) throws -> String {
    String(decoding: try take(count).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// Takes the mark that a part of the file begins with.
  mutating func expect(_ signature: String) throws {
    let found = try take(min(rest, signature.utf8.count))
    guard found.elementsEqual(signature.utf8) else {
      position -= found.count
      throw wrong("'\(signature)'", "other bytes")
    }
  }

  /// Takes a version and checks it.
  mutating func version(_ known: ClosedRange<Int>, of what: String) throws -> Int {
    let found = try number(1)
    guard known.contains(found) else {
      position -= 1
      throw wrong(
        "\(what) of version \(known.lowerBound) to \(known.upperBound)", "\(found)", .unsupported)
    }
    return found
  }

  /// An error at this place.
  func wrong(
    _ expected: String, _ found: String, _ kind: FileError.Kind = .corrupt, hint: String? = nil
  ) -> FileError {
    FileError(
      kind, path, at: .byte(start + position), expected: expected, found: found, hint: hint)
  }
}
