/// The tokens of Swift (The Swift Programming Language, "Lexical structure").
///
/// A `?` or `!` right after a value is a token of its own, as are angle brackets around types.
struct SwiftGrammar: SourceGrammar {
  private static let keywords: Set<String> = [
    "actor", "any", "as", "associatedtype", "async", "await", "borrowing", "break", "case", "catch",
    "class", "consuming", "continue", "convenience", "default", "defer", "deinit", "didSet", "do",
    "dynamic", "else", "enum", "extension", "fallthrough", "false", "fileprivate", "final", "for",
    "func", "get", "guard", "if", "import", "in", "indirect", "infix", "init", "inout", "internal",
    "is", "isolated", "lazy", "let", "mutating", "nil", "nonisolated", "open", "operator",
    "override", "package", "postfix", "precedencegroup", "prefix", "private", "protocol", "public",
    "repeat", "required", "rethrows", "return", "self", "Self", "set", "some", "static",
    "subscript", "super", "switch", "throw", "throws", "true", "try", "typealias", "unowned", "var",
    "weak", "where", "while", "willSet", "yield",
  ]
  /// Words that are values, after which a slash divides.
  private static let values: Set<String> = ["false", "nil", "self", "Self", "super", "true"]
  private static let operatorSigns = Set("/=-+!*%<>&|^~?".utf8)

  /// Whether a value stands before, so that a slash divides and a `?` or `!` belongs to it.
  private var followsValue = false
  /// How many angle brackets are open.
  private var angles = 0

  mutating func scan(_ scanner: inout SourceScanner, isApart: Bool) -> SourceToken.Kind {
    if scanner.sees("//") || scanner.position == 0 && scanner.sees("#!") {
      scanner.skipLine()
      return .lineComment
    }
    if scanner.sees("/*") {
      scanner.skipBlockComment(isNested: true)
      return .blockComment
    }
    guard let byte = scanner.peek() else { return .other }
    switch byte {
    case UInt8(ascii: "\""):
      Self.skipString(&scanner)
      return .string
    case UInt8(ascii: "#"): return scanHash(&scanner)
    case UInt8(ascii: "`"):
      scanner.skipQuoted()
      return .identifier
    case _ where byte.isDigit:
      scanner.skipNumber()
      return .number
    case _ where byte.isNameByte:
      let start = scanner.position
      scanner.skipName()
      let name = String(decoding: scanner.text(from: start), as: UTF8.self)
      return Self.keywords.contains(name) ? .keyword : .identifier
    case UInt8(ascii: "@"):
      scanner.skip()
      scanner.skipName()
      return .keyword
    default: return scanSign(byte, &scanner, isApart: isApart)
    }
  }

  mutating func note(_ token: SourceToken) {
    switch token.kind {
    case .lineComment, .blockComment: break
    case .keyword: followsValue = Self.values.contains(token.text)
    case .operator: followsValue = token.text == "?" || token.text == "!" || token.text == ">"
    case .punctuation:
      followsValue = [")", "]", "}"].contains(token.text)
      if token.text == "{" || token.text == "}" { angles = 0 }
    default: followsValue = true
    }
  }

  /// A raw string, a regular expression between `#/` and `/#`, or a directive such as `#if`.
  private func scanHash(_ scanner: inout SourceScanner) -> SourceToken.Kind {
    var hashes = 0
    while scanner.peek(hashes) == UInt8(ascii: "#") { hashes += 1 }
    if scanner.sees("\"", after: hashes) {
      Self.skipString(&scanner, hashes: hashes)
      return .string
    }
    if scanner.sees("/", after: hashes) {
      Self.skipRawRegularExpression(&scanner, hashes: hashes)
      return .regularExpression
    }
    scanner.skip()
    scanner.skipName()
    return .keyword
  }

  private mutating func scanSign(
    _ byte: UInt8, _ scanner: inout SourceScanner, isApart: Bool
  ) -> SourceToken.Kind {
    let next = scanner.peek(1)
    if byte == UInt8(ascii: "."), next == byte {
      scanner.skip { $0 == byte || Self.operatorSigns.contains($0) }
      return .operator
    }
    guard Self.operatorSigns.contains(byte) else {
      scanner.skip()
      return .punctuation
    }
    let isQuery = byte == UInt8(ascii: "?") || byte == UInt8(ascii: "!")
    if isQuery, followsValue, !isApart, next != UInt8(ascii: "=") {
      scanner.skip()
    } else if byte == UInt8(ascii: "<"), followsValue, !isApart, next != byte, next != 0x3D {
      angles += 1
      scanner.skip()
    } else if byte == UInt8(ascii: ">"), angles > 0, !isApart {
      angles -= 1
      scanner.skip()
    } else if byte == UInt8(ascii: "/"), !followsValue, !(next?.isSpace ?? true),
      scanner.skipRegularExpression()
    {
      return .regularExpression
    } else {
      skipOperator(&scanner)
    }
    return .operator
  }

  private func skipOperator(_ scanner: inout SourceScanner) {
    scanner.skip()
    while let byte = scanner.peek(), Self.operatorSigns.contains(byte) {
      if scanner.sees("//") || scanner.sees("/*") { return }
      scanner.skip()
    }
  }

  /// Moves past a string of one or several lines, with what is inserted into it.
  private static func skipString(_ scanner: inout SourceScanner, hashes: Int = 0) {
    scanner.skip(hashes)
    let isMultiline = scanner.sees("\"\"\"")
    let quotes = isMultiline ? 3 : 1
    scanner.skip(quotes)
    while let byte = scanner.peek() {
      if !isMultiline, byte == 0x0A || byte == 0x0D { return }
      if sees(&scanner, UInt8(ascii: "\""), quotes, UInt8(ascii: "#"), hashes) {
        return scanner.skip(quotes + hashes)
      }
      if sees(&scanner, UInt8(ascii: "\\"), 1, UInt8(ascii: "#"), hashes) {
        scanner.skip(1 + hashes)
        if scanner.peek() == UInt8(ascii: "(") { skipInsertion(&scanner) } else { scanner.skip() }
      } else {
        scanner.skip()
      }
    }
  }

  /// Whether a sign comes some times, then another some times.
  private static func sees(
    _ scanner: inout SourceScanner, _ first: UInt8, _ times: Int, _ second: UInt8, _ more: Int
  ) -> Bool {
    (0..<times).allSatisfy { scanner.peek($0) == first }
      && (0..<more).allSatisfy { scanner.peek(times + $0) == second }
  }

  private static func skipInsertion(_ scanner: inout SourceScanner) {
    var grammar = SwiftGrammar()
    var depth = 0
    repeat {
      let space = scanner.takeSpace()
      let start = scanner.position
      let kind = grammar.scan(&scanner, isApart: !space.isEmpty)
      if scanner.position == start { return }
      let token = SourceToken(kind, utf8: scanner.text(from: start))
      grammar.note(token)
      if token.utf8 == [UInt8(ascii: "(")] { depth += 1 }
      if token.utf8 == [UInt8(ascii: ")")] { depth -= 1 }
    } while depth > 0
  }

  private static func skipRawRegularExpression(_ scanner: inout SourceScanner, hashes: Int) {
    scanner.skip(hashes + 1)
    while !scanner.isAtEnd {
      if sees(&scanner, UInt8(ascii: "/"), 1, UInt8(ascii: "#"), hashes) {
        return scanner.skip(1 + hashes)
      }
      scanner.skip(scanner.peek() == UInt8(ascii: "\\") ? 2 : 1)
    }
  }
}
