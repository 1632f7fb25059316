/// Tokens as most languages have them: comments, quoted strings, names, numbers, runs of signs.
struct GeneralGrammar: SourceGrammar {
  private static let operatorSigns = Set("+-*/%=<>!&|^~?:".utf8)

  let lineComment: StaticString
  let hasBlockComments: Bool

  mutating func scan(_ scanner: inout SourceScanner, isApart: Bool) -> SourceToken.Kind {
    if scanner.sees(lineComment) {
      scanner.skipLine()
      return .lineComment
    }
    if hasBlockComments, scanner.sees("/*") {
      scanner.skipBlockComment(isNested: false)
      return .blockComment
    }
    guard let byte = scanner.peek() else { return .other }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
      scanner.skipQuoted()
      return .string
    case _ where byte.isDigit:
      scanner.skipNumber()
      return .number
    case _ where byte.isNameByte:
      scanner.skipName()
      return .identifier
    case _ where Self.operatorSigns.contains(byte):
      skipOperator(&scanner)
      return .operator
    default:
      scanner.skip()
      return .punctuation
    }
  }

  private func skipOperator(_ scanner: inout SourceScanner) {
    scanner.skip()
    while let byte = scanner.peek(), Self.operatorSigns.contains(byte) {
      if scanner.sees(lineComment) || hasBlockComments && scanner.sees("/*") { return }
      scanner.skip()
    }
  }
}
