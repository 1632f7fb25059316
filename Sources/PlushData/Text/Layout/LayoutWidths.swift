/// How wide the code after each token would be on one line: whether what follows fits is the first
/// question of every line break.
public struct LayoutWidths: Sendable {
  /// What a width goes to.
  public enum End: Int, Sendable, CaseIterable {
    /// The end of the token.
    case token
    /// The next comma right within the same brackets, or their end.
    case comma
    /// The next `{` or `;` right within the same brackets, or their end.
    case block
    /// The bracket that closes the innermost one that is open.
    case bracket
  }

  /// What a line comment, or a token of several lines, counts: nothing fits after it.
  private static let tooWide = 1000

  private let starts: [Int]
  private let widths: [Int]
  private let ends: [End: [Int]]

  /// Measures tokens; gaps are taken as they usually are.
  public init(_ tokens: [SourceToken]) {
    var (starts, position) = ([Int](), 0)
    for (place, token) in tokens.enumerated() {
      if place > 0, Self.usuallyApart(tokens[place - 1], token) { position += 1 }
      starts.append(position)
      let isTooWide = token.kind == .lineComment || token.isMultiline
      position += token.width + (isTooWide ? Self.tooWide : 0)
    }
    self.starts = starts
    widths = tokens.map(\.width)
    ends = Self.findEnds(tokens)
  }

  /// The width from the start of a token to an end.
  public func width(from token: Int, to end: End) -> Int {
    guard token < starts.count else { return 0 }
    let last = end == .token ? token : ends[end]?[token] ?? token
    return starts[last] + widths[last] - starts[token]
  }

  /// For each token the number of that at which a width from it ends.
  private static func findEnds(_ tokens: [SourceToken]) -> [End: [Int]] {
    let last = max(0, tokens.count - 1)
    var ends: [End: [Int]] = [:]
    for end in End.allCases { ends[end] = Array(repeating: last, count: tokens.count) }
    // From the end, what comes next within each of the brackets that are open.
    var nexts = [[End.comma: last, .block: last, .bracket: last]]
    for (place, token) in tokens.enumerated().reversed() {
      let sign = token.utf8.count == 1 ? token.utf8[0] : 0
      if sign.closesBracket { nexts.append([.comma: place, .block: place, .bracket: place]) }
      if sign.opensBracket, nexts.count > 1 { nexts.removeLast() }
      let level = nexts.count - 1
      if sign == UInt8(ascii: ",") { nexts[level][.comma] = place }
      if sign == UInt8(ascii: "{") || sign == UInt8(ascii: ";") { nexts[level][.block] = place }
      for end in [End.comma, .block, .bracket] { ends[end]?[place] = nexts[level][end] ?? last }
    }
    return ends
  }

  /// Whether a space usually stands between two tokens.
  private static func usuallyApart(_ first: SourceToken, _ second: SourceToken) -> Bool {
    let (before, after) = (first.text, second.text)
    if ["(", "[", ".", "\\", "&", "..."].contains(before) { return false }
    if [")", "]", ",", ";", ".", ":", "?.", "..."].contains(after) { return false }
    let isValue = first.kind == .identifier || before == ")" || before == "]" || before == ">"
    if ["(", "[", "<", "?", "!", "++", "--"].contains(after), isValue { return false }
    if before == "<" || after == ">" && first.kind == .identifier { return false }
    return true
  }
}
