extension JSON {
  /// Parses a JSON text in UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - maximumDepth: how deep lists and objects may stand inside each other.
  ///   - maximumSize: how many bytes the text may have.
  /// - Throws: `JSONError` with the line and column of the fault, also if the values would take far
  ///   more memory than the text: more than ten times its size and 64 MiB, with the text.
  public init(
    parsing bytes: some Sequence<UInt8>, maximumDepth: Int = 200, maximumSize: Int = 1 << 28
  ) throws {
    let parsed = try bytes.withContiguousStorageIfAvailable {
      try JSON(buffer: $0, maximumDepth, maximumSize)
    }
    self =
      try parsed
      ?? Array(bytes).withUnsafeBufferPointer { try JSON(buffer: $0, maximumDepth, maximumSize) }
  }

  /// Parses a JSON text.
  ///
  /// - Throws: `JSONError` with the line and column of the fault.
  public init(parsing text: String) throws { try self.init(parsing: Array(text.utf8)) }

  private init(buffer: UnsafeBufferPointer<UInt8>, _ depth: Int, _ size: Int) throws {
    guard buffer.count <= size else {
      throw JSONError(
        .tooLarge, expected: "at most \(size) bytes of JSON", found: "\(buffer.count) bytes")
    }
    var parser = JSONParser(bytes: buffer, maximumDepth: depth)
    self = try parser.parseDocument()
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// The place of the first byte that is not part of well-formed UTF-8, if there is one.
  package var firstInvalidUTF8: Int? {
    var offset = 0
    while offset < count {
      if self[offset] < 0x80 {
        offset += 1
        continue
      }
      var decoder = Unicode.UTF8.ForwardParser()
      var rest = self[offset...].makeIterator()
      guard case .valid(let scalar) = decoder.parseScalar(from: &rest) else { return offset }
      offset += scalar.count
    }
    return nil
  }
}

private struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let maximumDepth: Int
  var offset = 0
  var depth = 0
  /// The bytes of memory that further values may take: four letters can make a list of eighty.
  var room: Int

  init(bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int) {
    (self.bytes, self.maximumDepth) = (bytes, maximumDepth)
    // Beside the text itself, and what the process takes anyway.
    room = 9 * bytes.count + 48 << 20
  }

  mutating func parseDocument() throws -> JSON {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
    let value = try parseValue()
    skipSpace()
    guard offset == bytes.count else { throw unexpected("the end of the text") }
    return value
  }

  private mutating func parseValue() throws -> JSON {
    skipSpace()
    guard let byte = peek else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "{"): return try nested { try $0.parseObject() }
    case UInt8(ascii: "["): return try nested { try $0.parseArray() }
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
    default: return try parseWord()
    }
  }

  private mutating func nested(_ parse: (inout JSONParser) throws -> JSON) throws -> JSON {
    depth += 1
    guard depth <= maximumDepth else {
      throw error(.tooDeep, expected: "at most \(maximumDepth) levels", found: "more")
    }
    offset += 1
    let value = try parse(&self)
    depth -= 1
    return value
  }

  private mutating func parseArray() throws -> JSON {
    var elements: [JSON] = []
    if skip("]") { return .array(elements) }
    repeat {
      let value = try parseValue()
      if elements.count == elements.capacity {
        try grow(from: elements.count, MemoryLayout<JSON>.stride, head: Self.blockSize)
      }
      elements.append(value)
    } while skip(",")
    guard skip("]") else { throw unexpected("',' or ']'") }
    return .array(elements)
  }

  private mutating func parseObject() throws -> JSON {
    var members: [String: JSON] = [:]
    if skip("}") { return .object(members) }
    repeat {
      skipSpace()
      let start = offset
      let key = try parseString()
      guard skip(":") else { throw unexpected("':' after \"\(key)\"") }
      let value = try parseValue()
      // Twice, as a third stays free, and the old table is there while the new one is filled.
      if members.count == members.capacity {
        try grow(
          from: members.count, 2 * MemoryLayout<(String, JSON)>.stride, head: 2 * Self.blockSize)
      }
      guard members.updateValue(value, forKey: key) == nil else {
        throw error(
          .duplicateKey, at: start, expected: "every name once", found: "\"\(key)\" again")
      }
    } while skip(",")
    guard skip("}") else { throw unexpected("',' or '}'") }
    return .object(members)
  }

  /// Takes the memory for as many values more as a list or object has, which is full; a first one
  /// takes a head too.
  private mutating func grow(from count: Int, _ size: Int, head: Int) throws {
    try take(count == 0 ? head + size : count * size)
  }

  /// What a block of memory takes beside its contents.
  private static let blockSize = 48

  private mutating func take(_ size: Int) throws {
    room -= size
    guard room >= 0 else {
      throw error(
        .tooLarge, expected: "values that take no more than ten times the memory of their text",
        found: "more, in very many small ones", hint: "large arrays belong into .npy files")
    }
  }

  private mutating func parseWord() throws -> JSON {
    if skipWord("true") { return true }
    if skipWord("false") { return false }
    if skipWord("null") { return nil }
    if skipWord("NaN") { return .double(.nan) }
    if skipWord("Infinity") { return .double(.infinity) }
    throw unexpected("a value")
  }

  // MARK: Numbers

  private mutating func parseNumber() throws -> JSON {
    let start = offset
    let negative = peek == UInt8(ascii: "-")
    if negative { offset += 1 }
    if negative, skipWord("Infinity") { return .double(-.infinity) }
    if peek == UInt8(ascii: "0") { offset += 1 } else { try skipDigits() }
    let isWhole = try !skipFraction()
    let text = String(decoding: bytes[start..<offset], as: UTF8.self)
    if isWhole, let value = Int(text) { return .int(value) }
    guard let value = Double(text) else {
      throw error(.syntax, at: start, expected: "a number", found: text)
    }
    return .double(value)
  }

  /// Passes over a fraction and an exponent, and tells whether there was one.
  private mutating func skipFraction() throws -> Bool {
    let start = offset
    if peek == UInt8(ascii: ".") {
      offset += 1
      try skipDigits()
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      offset += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { offset += 1 }
      try skipDigits()
    }
    return offset > start
  }

  private mutating func skipDigits() throws {
    let start = offset
    while let byte = peek, byte &- UInt8(ascii: "0") < 10 { offset += 1 }
    guard offset > start else { throw unexpected("a digit") }
  }

  // MARK: Strings

  private mutating func parseString() throws -> String {
    guard peek == UInt8(ascii: "\"") else { throw unexpected("a text in quotes") }
    offset += 1
    let start = offset
    while let byte = peek, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      offset += 1
    }
    if peek == UInt8(ascii: "\"") {
      offset += 1
      return try decode(.init(rebasing: bytes[start..<offset - 1]), from: start)
    }
    return try parseEscapedString(from: start)
  }

  private mutating func parseEscapedString(from start: Int) throws -> String {
    var content = Array(bytes[start..<offset])
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        offset += 1
        return try content.withUnsafeBufferPointer { try decode($0, from: start) }
      case UInt8(ascii: "\\"):
        content.append(contentsOf: Array(String(try parseEscape()).utf8))
      case 0..<0x20: throw unexpected("an escaped control character")
      default:
        content.append(byte)
        offset += 1
      }
    }
    throw unexpected("a closing quote")
  }

  private mutating func decode(
    _ content: UnsafeBufferPointer<UInt8>, from start: Int
  ) throws -> String {
    if let bad = content.firstInvalidUTF8 {
      throw error(
        .encoding, at: min(start + bad, bytes.count), expected: "UTF-8", found: "other bytes")
    }
    // Shorter ones need no block of their own.
    if content.count > 15 { try take(Self.blockSize + content.count) }
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func parseEscape() throws -> Unicode.Scalar {
    let start = offset
    offset += 1
    guard let letter = peek else { throw unexpected("an escaped character") }
    offset += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try parseUnicodeEscape(from: start)
    default:
      throw error(
        .syntax, at: start, expected: "an escape such as \\n",
        found: "'\\\(Unicode.Scalar(letter))'")
    }
  }

  private mutating func parseUnicodeEscape(from start: Int) throws -> Unicode.Scalar {
    var code = try parseHex()
    if code & 0xFC00 == 0xD800, skipWord("\\u") {
      let low = try parseHex()
      code = low & 0xFC00 == 0xDC00 ? 0x10000 + (code & 0x3FF) << 10 + (low & 0x3FF) : code
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw error(
        .encoding, at: start, expected: "both halves of a surrogate pair", found: "one half")
    }
    return scalar
  }

  private mutating func parseHex() throws -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits")
      }
      code = code << 4 | UInt32(digit)
      offset += 1
    }
    return code
  }

  // MARK: Bytes

  private var peek: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func skipSpace() {
    while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      offset += 1
    }
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipWord(_ word: StaticString) -> Bool {
    let letters = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[offset...].starts(with: letters) else { return false }
    offset += letters.count
    return true
  }

  // MARK: Errors

  private func unexpected(_ expected: String) -> JSONError {
    guard let byte = peek else {
      return error(.truncated, expected: expected, found: "the end of the text")
    }
    let isPrintable = (0x21..<0x7F).contains(byte)
    let found = isPrintable ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
    return error(.syntax, expected: expected, found: found)
  }

  private func error(
    _ kind: JSONError.Kind, at place: Int? = nil, expected: String, found: String,
    hint: String? = nil
  ) -> JSONError {
    let place = place ?? offset
    let before = bytes[..<place]
    let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
    let column = place - (before.lastIndex(of: 0x0A) ?? -1)
    let position = JSONError.Position(offset: place, line: line, column: column)
    return JSONError(kind, at: position, expected: expected, found: found, hint: hint)
  }
}
