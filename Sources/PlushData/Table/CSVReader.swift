import PlushNN

extension Table {
  /// Texts that stand for a missing value in most data sets.
  public static let usualMissing: Set<String> = ["", "NA", "N/A", "NaN", "nan", "null", "NULL"]

  /// Reads a file of comma-separated values (RFC 4180), plain or packed with gzip.
  ///
  /// A column in which every value is a whole number has integers, and so on with numbers and
  /// truth values (`true`, `false`); any other has texts.
  ///
  /// - Parameters:
  ///   - path: the file, in UTF-8.
  ///   - separator: what stands between values; `\t` for tab-separated files.
  ///   - names: the names of the columns if the first line does not tell them.
  ///   - quotes: whether values may stand in double quotes.
  ///   - missing: the texts that stand for a missing value.
  /// - Throws: `FileError` with the line of the fault, `TableError` if a name stands twice.
  public init(
    file path: String, separator: Unicode.Scalar = ",", names: [String]? = nil,
    quotes: Bool = true, missing: Set<String> = usualMissing
  ) throws {
    try self.init(
      parsing: try readUnpackedFile(path), path: path, separator: separator, names: names,
      quotes: quotes, missing: missing)
  }

  /// Parses comma-separated values; `path` names them in errors.
  ///
  /// - Throws: `FileError` with the line of the fault, `TableError` if a name stands twice.
  public init(
    parsing bytes: [UInt8], path: String = "CSV", separator: Unicode.Scalar = ",",
    names: [String]? = nil, quotes: Bool = true, missing: Set<String> = usualMissing
  ) throws {
    precondition(
      separator.isASCII && !"\"\n\r".unicodeScalars.contains(separator),
      "the separator must be one ASCII character, not a quote or a line break")
    try checkEncoding(bytes, path)
    let (columns, lines) = try bytes.withUnsafeBufferPointer { bytes in
      var reader = CSVReader(
        bytes: bytes, path: path, separator: UInt8(ascii: separator), quotes: quotes)
      try reader.readAll(names)
      return (reader.columns(missing: missing), reader.lines)
    }
    try self.init(columns, source: path, lines: lines)
  }
}

private func checkEncoding(_ bytes: [UInt8], _ path: String) throws {
  guard let offset = bytes.withUnsafeBufferPointer(\.firstInvalidUTF8) else { return }
  let isWide = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
  let line = bytes[..<offset].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
  throw FileError(
    .corrupt, path, at: .line(line, column: nil), expected: "text in UTF-8",
    found: isWide ? "UTF-16" : "the byte \(bytes[offset]) at \(offset)",
    hint: "save the file as UTF-8")
}

/// A value in the text of a file.
private struct Field {
  var range: Range<Int>
  var hasDoubledQuotes = false
}

private struct CSVReader {
  let bytes: UnsafeBufferPointer<UInt8>
  let path: String
  let separator: UInt8
  let quotes: Bool
  var names: [String] = []
  var fields: [Field] = []
  var lines: [Int] = []
  private var position = 0
  private var line = 1

  init(bytes: UnsafeBufferPointer<UInt8>, path: String, separator: UInt8, quotes: Bool) {
    self.bytes = bytes
    self.path = path
    self.separator = separator
    self.quotes = quotes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  mutating func readAll(_ givenNames: [String]?) throws {
    skipBlankLines()
    if let givenNames { names = givenNames } else { try readNames() }
    while position < bytes.count {
      let (start, first) = (line, fields.count)
      try readRecord()
      lines.append(start)
      try checkWidth(fields.count - first, line: start)
      skipBlankLines()
    }
  }

  private mutating func readNames() throws {
    guard position < bytes.count else {
      throw FileError(
        .truncated, path, expected: "a first line with the names of the columns",
        found: bytes.isEmpty ? "an empty file" : "only blank lines")
    }
    try readRecord()
    names = fields.enumerated().map { index, field in
      let name = text(of: field).trimmed
      return name.isEmpty ? "column \(index + 1)" : name
    }
    fields = []
  }

  private func checkWidth(_ width: Int, line: Int) throws {
    guard width != names.count else { return }
    let isOtherSeparator = names.count == 1 || width == 1
    throw FileError(
      .corrupt, path, at: .line(line, column: nil), expected: "\(names.count) values",
      found: "\(width)",
      hint: isOtherSeparator
        ? "is '\(Unicode.Scalar(separator))' the separator of this file?"
        : "a value that holds the separator must stand in double quotes")
  }

  /// Reads the fields of one record and the line break behind it.
  private mutating func readRecord() throws {
    while true {
      if quotes, position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
        fields.append(try readQuoted())
      } else {
        fields.append(readPlain())
      }
      guard position < bytes.count, bytes[position] == separator else { break }
      position += 1
    }
    skipLineBreak()
  }

  private mutating func readPlain() -> Field {
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      if byte == separator || byte == 0x0A || byte == 0x0D { break }
      position += 1
    }
    return Field(range: start..<position)
  }

  private mutating func readQuoted() throws -> Field {
    let firstLine = line
    position += 1
    var field = Field(range: position..<position)
    while true {
      guard position < bytes.count else {
        throw FileError(
          .truncated, path, at: .line(firstLine, column: nil),
          expected: "a closing quote for the value that starts here",
          found: "the end of the file")
      }
      let byte = bytes[position]
      position += 1
      if byte == 0x0A { line += 1 }
      guard byte == UInt8(ascii: "\"") else { continue }
      field.range = field.range.lowerBound..<position - 1
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { break }
      field.hasDoubledQuotes = true
      position += 1
    }
    guard atEndOfField else {
      throw FileError(
        .corrupt, path, at: .line(line, column: nil),
        expected: "a separator or the end of the line after a closing quote",
        found: "'\(text(of: Field(range: position..<nextBoundary)))'",
        hint: "a quote within quotes is written twice")
    }
    return field
  }

  private var atEndOfField: Bool {
    guard position < bytes.count else { return true }
    return [separator, 0x0A, 0x0D].contains(bytes[position])
  }

  /// The end of the text character at `position`.
  private var nextBoundary: Int {
    bytes[(position + 1)...].firstIndex { $0 & 0xC0 != 0x80 } ?? bytes.count
  }

  private mutating func skipLineBreak() {
    guard position < bytes.count else { return }
    if bytes[position] == 0x0D { position += 1 }
    if position < bytes.count, bytes[position] == 0x0A { position += 1 }
    line += 1
  }

  private mutating func skipBlankLines() {
    while position < bytes.count, bytes[position] == 0x0A || bytes[position] == 0x0D {
      skipLineBreak()
    }
  }

  private func text(of field: Field) -> String {
    guard field.hasDoubledQuotes else {
      return String(decoding: bytes[field.range], as: UTF8.self)
    }
    var content: [UInt8] = []
    var previousIsQuote = false
    for byte in bytes[field.range] {
      let isQuote = byte == UInt8(ascii: "\"")
      if isQuote && previousIsQuote {
        previousIsQuote = false
      } else {
        content.append(byte)
        previousIsQuote = isQuote
      }
    }
    return String(decoding: content, as: UTF8.self)
  }
}

// MARK: - Types of columns

extension CSVReader {
  func columns(missing: Set<String>) -> [Column] {
    names.indices.map { index in
      let texts = (0..<lines.count).lazy.map { row in
        let text = self.text(of: fields[row * names.count + index])
        return missing.contains(text.trimmed) ? nil : text
      }
      return Column(names[index], Self.inferred(texts))
    }
  }

  private static func inferred(_ texts: some Collection<String?>) -> Column.Values {
    if texts.allSatisfy({ $0 == nil }) { return .numbers(texts.map { _ in nil }) }
    if let values = converted(texts, { Int($0) }) { return .integers(values) }
    if let values = converted(texts, finiteNumber) { return .numbers(values) }
    if let values = converted(texts, truthValue) { return .booleans(values) }
    return .texts(Array(texts))
  }

  /// All texts converted, or nil at the first that cannot be.
  private static func converted<Value>(
    _ texts: some Collection<String?>, _ convert: (String) -> Value?
  ) -> [Value?]? {
    var values: [Value?] = []
    values.reserveCapacity(texts.count)
    for text in texts {
      guard let text else {
        values.append(nil)
        continue
      }
      guard let value = convert(text.trimmed) else { return nil }
      values.append(value)
    }
    return values
  }
}

/// The number a text is, in the decimal notation of CSV files.
func finiteNumber(_ text: String) -> Double? {
  let isDecimal = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }
  guard isDecimal, let value = Double(text), value.isFinite else { return nil }
  return value
}

private func truthValue(_ text: String) -> Bool? {
  switch text {
  case "true", "True", "TRUE": true
  case "false", "False", "FALSE": false
  default: nil
  }
}

extension String {
  /// The text without spaces and tabs at its ends.
  fileprivate var trimmed: String {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
    guard let first = utf8.first, let last = utf8.last, isBlank(first) || isBlank(last) else {
      return self
    }
    guard let start = utf8.firstIndex(where: { !isBlank($0) }),
      let end = utf8.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(self[start...end])
  }
}
