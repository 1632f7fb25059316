/// Source code as tokens and the white space between them; together they give the file back.
///
/// White space is what ASCII has of it: spaces, tabs and ends of lines. Anything else, invalid bytes
/// too, belongs to a token.
public struct LexedSource: Sendable, Hashable {
  /// The tokens, in order.
  public let tokens: [SourceToken]
  /// The white space before each token, and at last that after the last one.
  public let gaps: [[UInt8]]

  /// Cuts source code into tokens. There is no source code that cannot be cut: a string or comment
  /// without its end goes to the end of its line or of the file.
  public init(_ utf8: [UInt8], language: SourceLanguage) {
    var scanner = SourceScanner(utf8)
    var tokens: [SourceToken] = []
    var gaps: [[UInt8]] = []
    var grammar = language.grammar
    while true {
      gaps.append(scanner.takeSpace())
      guard !scanner.isAtEnd else { break }
      let start = scanner.position
      var kind = grammar.scan(&scanner, isApart: !(gaps.last ?? []).isEmpty)
      // Whatever a grammar does not take is a token all the same.
      if scanner.position == start {
        scanner.skipScalar()
        kind = .other
      }
      let token = SourceToken(kind, utf8: scanner.text(from: start))
      grammar.note(token)
      tokens.append(token)
    }
    self.tokens = tokens
    self.gaps = gaps
  }

  /// Puts tokens and white space together.
  ///
  /// - Precondition: there is one gap more than there are tokens.
  public init(tokens: [SourceToken], gaps: [[UInt8]]) {
    precondition(
      gaps.count == tokens.count + 1, "\(tokens.count) tokens have one gap more, not \(gaps.count)")
    self.tokens = tokens
    self.gaps = gaps
  }

  /// The source code.
  public var utf8: [UInt8] {
    var bytes = gaps[0]
    for (token, gap) in zip(tokens, gaps.dropFirst()) { bytes += token.utf8 + gap }
    return bytes
  }
}
