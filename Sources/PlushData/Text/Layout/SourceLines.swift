extension LexedSource {
  /// A line of source code as far as its layout goes: its tokens and the white space around them.
  struct Line: Hashable {
    let firstToken: Int
    let bytes: [UInt8]
  }

  /// The lines, and for the number of each token that begins one how many empty lines stand before.
  private var lines: (lines: Set<Line>, emptyLines: [Int: Int]) {
    var (lines, empty) = (Set<Line>(), [Int: Int]())
    var (first, bytes) = (0, [UInt8]())
    for (place, gap) in gaps.enumerated() {
      if let end = gap.lastIndex(of: 0x0A) {
        let breaks = gap.count { $0 == 0x0A }
        if place > 0 {
          lines.insert(Line(firstToken: first, bytes: bytes + gap.prefix { $0 != 0x0A }))
        }
        empty[place] = place > 0 ? breaks - 1 : breaks
        (first, bytes) = (place, Array(gap[(end + 1)...]))
      } else {
        bytes += gap
      }
      if place < tokens.count { bytes += tokens[place].utf8 }
    }
    if !bytes.isEmpty { lines.insert(Line(firstToken: first, bytes: bytes)) }
    return (lines, empty)
  }

  /// How many gaps another layout of the same tokens has in common with this, and how many lines,
  /// empty ones included; with the number of both here.
  ///
  /// - Precondition: the tokens are the same.
  public func agreement(with other: LexedSource) -> LayoutAgreement {
    precondition(tokens.count == other.tokens.count, "layouts of other tokens do not compare")
    let (mine, theirs) = (lines, other.lines)
    let empty = mine.emptyLines.map { min($0.value, theirs.emptyLines[$0.key] ?? 0) }
    return LayoutAgreement(
      gaps: zip(gaps, other.gaps).count { $0 == $1 }, allGaps: gaps.count,
      lines: mine.lines.intersection(theirs.lines).count + empty.reduce(0, +),
      allLines: mine.lines.count + mine.emptyLines.values.reduce(0, +))
  }
}

/// How much two layouts of the same tokens have in common.
public struct LayoutAgreement: Sendable, Hashable {
  /// Gaps that are the same, byte for byte.
  public var gaps = 0
  /// All gaps.
  public var allGaps = 0
  /// Lines that are the same, byte for byte.
  public var lines = 0
  /// All lines.
  public var allLines = 0

  /// No layouts.
  public init() {}

  init(gaps: Int, allGaps: Int, lines: Int, allLines: Int) {
    self.gaps = gaps
    self.allGaps = allGaps
    self.lines = lines
    self.allLines = allLines
  }

  /// The part of the gaps that are the same.
  public var gapShare: Double { Double(gaps) / Double(max(1, allGaps)) }
  /// The part of the lines that are the same.
  public var lineShare: Double { Double(lines) / Double(max(1, allLines)) }

  /// Counts other layouts too.
  public static func += (total: inout LayoutAgreement, other: LayoutAgreement) {
    total.gaps += other.gaps
    total.allGaps += other.allGaps
    total.lines += other.lines
    total.allLines += other.allLines
  }
}
