/// The tokens of JavaScript (ECMAScript 2023, chapter 12).
struct JavaScriptGrammar: SourceGrammar {
  private static let keywords: Set<String> = [
    "async", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default",
    "delete", "do", "else", "export", "extends", "false", "finally", "for", "function", "if",
    "import", "in", "instanceof", "let", "new", "null", "of", "return", "static", "super", "switch",
    "this", "throw", "true", "try", "typeof", "undefined", "var", "void", "while", "with", "yield",
  ]
  /// Words after which a slash divides nothing.
  private static let wordsBeforeValue: Set<String> = [
    "await", "case", "delete", "do", "else", "extends", "in", "instanceof", "new", "of", "return",
    "throw", "typeof", "void", "yield",
  ]
  /// Words whose brackets hold a condition.
  private static let wordsBeforeCondition: Set<String> = ["if", "while", "for", "with"]
  /// The longest first.
  private static let operators: [StaticString] = [
    ">>>=", "...", "===", "!==", "**=", "<<=", ">>=", ">>>", "&&=", "||=", "??=", "=>", "==", "!=",
    "<=", ">=", "&&", "||", "??", "?.", "++", "--", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=",
    "<<", ">>", "**", "+", "-", "*", "/", "%", "=", "<", ">", "!", "&", "|", "^", "~", "?", ":",
  ]

  /// Whether a slash begins a regular expression, as no value stands before it.
  private var expectsValue = true
  private var last = ""
  /// For each open round bracket, whether it holds a condition.
  private var conditions: [Bool] = []

  mutating func scan(_ scanner: inout SourceScanner, isApart: Bool) -> SourceToken.Kind {
    if scanner.sees("//") || scanner.position == 0 && scanner.sees("#!") {
      scanner.skipLine()
      return .lineComment
    }
    if scanner.sees("/*") {
      scanner.skipBlockComment(isNested: false)
      return .blockComment
    }
    guard let byte = scanner.peek() else { return .other }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      scanner.skipQuoted()
      return .string
    case UInt8(ascii: "`"):
      Self.skipTemplate(&scanner)
      return .string
    case UInt8(ascii: "/") where expectsValue:
      return scanner.skipRegularExpression() ? .regularExpression : scanOperator(&scanner)
    case _ where byte.isDigit, UInt8(ascii: ".") where scanner.peek(1)?.isDigit ?? false:
      scanner.skip()
      scanner.skipNumber()
      return .number
    case _ where byte.isNameByte:
      let start = scanner.position
      scanner.skipName()
      return Self.kind(ofName: scanner.text(from: start))
    case UInt8(ascii: "#"):
      scanner.skip()
      scanner.skipName()
      return .identifier
    default: return scanOperator(&scanner)
    }
  }

  mutating func note(_ token: SourceToken) {
    if token.kind == .lineComment || token.kind == .blockComment { return }
    let text = token.text
    switch token.kind {
    case .keyword: expectsValue = Self.wordsBeforeValue.contains(text)
    case .operator: expectsValue = text != "++" && text != "--"
    case .punctuation: notePunctuation(text)
    default: expectsValue = false
    }
    last = text
  }

  private mutating func notePunctuation(_ text: String) {
    switch text {
    case "(":
      conditions.append(Self.wordsBeforeCondition.contains(last))
      expectsValue = true
    case ")": expectsValue = conditions.popLast() ?? false
    case "]", ".": expectsValue = false
    // After a block a statement begins; few divide an object they have just written.
    default: expectsValue = true
    }
  }

  private static func kind(ofName name: [UInt8]) -> SourceToken.Kind {
    keywords.contains(String(decoding: name, as: UTF8.self)) ? .keyword : .identifier
  }

  private func scanOperator(_ scanner: inout SourceScanner) -> SourceToken.Kind {
    for sign in Self.operators where scanner.sees(sign) {
      // `a?.5:b` has no optional chaining.
      if scanner.sees("?."), scanner.peek(2)?.isDigit ?? false {
        scanner.skip()
      } else {
        scanner.skip(sign.utf8CodeUnitCount)
      }
      return .operator
    }
    scanner.skip()
    return .punctuation
  }

  /// Moves past a template and what is inserted into it, which may hold templates.
  private static func skipTemplate(_ scanner: inout SourceScanner) {
    scanner.skip()
    while let byte = scanner.peek() {
      if byte == UInt8(ascii: "`") { return scanner.skip() }
      if scanner.sees("${") {
        scanner.skip(2)
        skipInsertion(&scanner)
      } else {
        scanner.skip(byte == UInt8(ascii: "\\") ? 2 : 1)
      }
    }
  }

  private static func skipInsertion(_ scanner: inout SourceScanner) {
    var grammar = JavaScriptGrammar()
    var depth = 1
    while depth > 0 {
      _ = scanner.takeSpace()
      let start = scanner.position
      let kind = grammar.scan(&scanner, isApart: false)
      if scanner.position == start { return }
      let token = SourceToken(kind, utf8: scanner.text(from: start))
      grammar.note(token)
      if token.utf8 == [UInt8(ascii: "{")] { depth += 1 }
      if token.utf8 == [UInt8(ascii: "}")] { depth -= 1 }
    }
  }
}
