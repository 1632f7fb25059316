/// What stands between two tokens of source code: spaces, or ends of lines and an indentation.
public enum Gap: Sendable, Hashable {
  /// Spaces within a line; none for tokens that touch.
  case spaces(Int)
  /// Ends of lines, then an indentation, counted from that of the line in which the innermost open
  /// bracket stands.
  case breaks(Int, indentation: Int)

  /// Whether the next token begins a line.
  public var breaksLine: Bool {
    if case .breaks = self { true } else { false }
  }

  /// Of the gaps that may stand here, the one most like this; nil if there is none.
  public func nearest(in gaps: [Gap]) -> Gap? {
    gaps.min { distance(to: $0) < distance(to: $1) }
  }

  private func distance(to other: Gap) -> Int {
    switch (self, other) {
    case (.spaces(let first), .spaces(let second)): abs(first - second)
    case (.breaks(let first, let from), .breaks(let second, let to)):
      1000 * abs(first - second) + abs(from - to)
    default: 1 << 40
    }
  }
}

extension Gap: Codable {}

/// The bytes of which a file makes its gaps.
public struct GapStyle: Sendable, Hashable {
  /// What indents lines: spaces or tabs.
  public var indentation: UInt8
  /// Whether lines end as on Windows.
  public var hasCarriageReturns: Bool

  /// Creates a style.
  public init(usesTabs: Bool = false, hasCarriageReturns: Bool = false) {
    indentation = usesTabs ? 0x09 : 0x20
    self.hasCarriageReturns = hasCarriageReturns
  }

  /// The style of most lines of source code.
  public init(of source: LexedSource) {
    var (tabs, lines, returns) = (0, 0, 0)
    for gap in source.gaps {
      guard let end = gap.lastIndex(of: 0x0A) else { continue }
      lines += 1
      if gap.contains(0x0D) { returns += 1 }
      if end + 1 < gap.count { tabs += gap[end + 1] == 0x09 ? 1 : -1 }
    }
    self.init(usesTabs: tabs > 0, hasCarriageReturns: 2 * returns > lines)
  }
}
