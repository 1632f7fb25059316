/// Reads source code byte by byte.
struct SourceScanner {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var isAtEnd: Bool { position >= bytes.count }

  /// The byte at the position, or some places after it.
  func peek(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  /// Whether an ASCII text stands at the position, or some places after it.
  func sees(_ text: StaticString, after offset: Int = 0) -> Bool {
    let start = position + offset
    guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[start + $0] == text.utf8Start[$0] }
  }

  func text(from start: Int) -> [UInt8] { Array(bytes[start..<position]) }

  mutating func skip(_ count: Int = 1) { position = min(bytes.count, position + count) }

  mutating func skip(while condition: (UInt8) -> Bool) {
    while position < bytes.count, condition(bytes[position]) { position += 1 }
  }

  /// Goes back to an earlier position.
  mutating func goBack(to earlier: Int) { position = earlier }

  mutating func skipScalar() {
    skip()
    skip { $0 & 0xC0 == 0x80 }
  }

  mutating func takeSpace() -> [UInt8] {
    let start = position
    skip(while: \.isSpace)
    return text(from: start)
  }

  /// Moves past the rest of a line, but not past its end.
  mutating func skipLine() { skip { $0 != 0x0A && $0 != 0x0D } }

  /// Moves past a comment that may hold others of its kind.
  mutating func skipBlockComment(isNested: Bool) {
    skip(2)
    var depth = 1
    while depth > 0, !isAtEnd {
      if sees("*/") {
        depth -= 1
        skip(2)
      } else if isNested, sees("/*") {
        depth += 1
        skip(2)
      } else {
        skip()
      }
    }
  }

  /// Moves past a string within a line that ends with the sign it begins with.
  mutating func skipQuoted() {
    guard let quote = peek() else { return }
    skip()
    while let byte = peek(), byte != 0x0A, byte != 0x0D {
      if byte == quote { return skip() }
      skip()
      // A backslash before the end of a line goes on with the next.
      if byte == UInt8(ascii: "\\") { skipEscaped() }
    }
  }

  private mutating func skipEscaped() { skip(sees("\r\n") ? 2 : 1) }

  /// Moves past a regular expression between slashes; false, and nowhere, if this is none.
  mutating func skipRegularExpression() -> Bool {
    let start = position
    skip()
    var isInClass = false
    while let byte = peek(), byte != 0x0A, byte != 0x0D {
      skip()
      switch byte {
      case UInt8(ascii: "\\"): if let next = peek(), next != 0x0A { skip() }
      case UInt8(ascii: "["): isInClass = true
      case UInt8(ascii: "]"): isInClass = false
      case UInt8(ascii: "/") where !isInClass:
        skip(while: \.isNameByte)
        return true
      default: break
      }
    }
    goBack(to: start)
    return false
  }

  mutating func skipName() { skip(while: \.isNameByte) }

  /// Moves past a number: digits, letters, a point between digits, a sign after an exponent.
  mutating func skipNumber() {
    let isHexadecimal = sees("0x") || sees("0X")
    while let byte = peek() {
      let isPoint = byte == UInt8(ascii: ".") && (peek(1)?.isDigit ?? false)
      guard byte.isNameByte || isPoint else { return }
      skip()
      let isExponent =
        isHexadecimal
        ? byte == UInt8(ascii: "p") || byte == UInt8(ascii: "P")
        : byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
      let isSign = peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-")
      if isExponent, isSign, peek(1)?.isDigit ?? false { skip() }
    }
  }
}

extension UInt8 {
  /// Whether this is white space of ASCII.
  var isSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
  var isDigit: Bool { (0x30...0x39).contains(self) }
  /// Whether names may have this byte; any letter beyond ASCII may stand in one.
  var isNameByte: Bool {
    (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) || isDigit
      || self == UInt8(ascii: "_") || self == UInt8(ascii: "$") || self >= 0x80
  }
}
