/// Where source code stands while it is laid out from left to right: the line so far and the open
/// brackets.
public struct LayoutCursor: Sendable {
  /// An open bracket.
  public struct Bracket: Sendable {
    /// The bracket, a sign of ASCII.
    public let sign: UInt8
    /// The indentation of its line.
    public let indentation: Int
    /// The number of the token that begins its line.
    public let lineStart: Int
    /// Whether its line ends with it.
    public fileprivate(set) var breaksAfter = false
    /// Whether the last comma right within it ended a line.
    public fileprivate(set) var breaksAtComma = false
  }

  /// How wide the line is so far.
  public private(set) var column = 0
  /// The indentation of the line.
  public private(set) var indentation = 0
  /// How many tokens the line has so far.
  public private(set) var tokensOnLine = 0
  /// The number of the token that begins the line.
  public private(set) var lineStart = 0
  /// The open brackets, the innermost last.
  public private(set) var brackets: [Bracket] = []
  private var count = 0
  private var lastToken: SourceToken?

  /// Stands before the first token.
  public init() {}

  /// The indentation from which those of lines are counted here.
  public var base: Int { brackets.last?.indentation ?? 0 }

  /// The gap that white space makes here.
  public func gap(_ bytes: [UInt8]) -> Gap {
    let breaks = bytes.count { $0 == 0x0A }
    guard breaks > 0, let end = bytes.lastIndex(of: 0x0A) else { return .spaces(bytes.count) }
    return .breaks(breaks, indentation: bytes.count - 1 - end - base)
  }

  /// The white space of a gap here.
  public func bytes(of gap: Gap, _ style: GapStyle) -> [UInt8] {
    switch gap {
    case .spaces(let count): return Array(repeating: 0x20, count: count)
    case .breaks(let count, let indentation):
      let end: [UInt8] = style.hasCarriageReturns ? [0x0D, 0x0A] : [0x0A]
      return Array(repeatElement(end, count: count).joined())
        + Array(repeating: style.indentation, count: max(0, base + indentation))
    }
  }

  /// Goes past a gap and the token after it.
  public mutating func advance(_ gap: Gap, _ token: SourceToken) {
    switch gap {
    case .spaces(let spaces): column += spaces
    case .breaks(_, let relative):
      indentation = max(0, base + relative)
      column = indentation
      tokensOnLine = 0
    }
    if tokensOnLine == 0 { lineStart = count }
    note(gap)
    let sign = token.utf8.count == 1 ? token.utf8[0] : 0
    if sign.closesBracket { _ = brackets.popLast() }
    if sign.opensBracket {
      brackets.append(Bracket(sign: sign, indentation: indentation, lineStart: lineStart))
    }
    column = token.lastLineWidth(from: column)
    tokensOnLine += 1
    count += 1
    lastToken = token
  }

  private mutating func note(_ gap: Gap) {
    guard let last = brackets.indices.last, let token = lastToken?.utf8, token.count == 1 else {
      return
    }
    if token[0].opensBracket { brackets[last].breaksAfter = gap.breaksLine }
    if token[0] == UInt8(ascii: ",") { brackets[last].breaksAtComma = gap.breaksLine }
  }
}

extension UInt8 {
  /// Whether this is `(`, `[` or `{`.
  var opensBracket: Bool { self == 0x28 || self == 0x5B || self == 0x7B }
  /// Whether this is `)`, `]` or `}`.
  var closesBracket: Bool { self == 0x29 || self == 0x5D || self == 0x7D }
}

extension SourceToken {
  /// How many columns it takes: its characters.
  public var width: Int { text.count }

  /// Whether it goes over several lines.
  public var isMultiline: Bool { utf8.contains(0x0A) }

  /// The column after the token, if it begins at a column.
  func lastLineWidth(from column: Int) -> Int {
    guard let end = utf8.lastIndex(of: 0x0A) else { return column + width }
    return String(decoding: utf8[(end + 1)...], as: UTF8.self).count
  }
}
