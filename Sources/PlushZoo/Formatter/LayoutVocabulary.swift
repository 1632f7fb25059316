import Plush

/// What a formatter has learned to know of tokens and gaps, and how it sees code.
struct LayoutVocabulary {
  /// Numbers that tell of a token alone.
  static let sizeCount = 3
  /// Numbers that tell of the line so far and of what is to come.
  static let measureCount = 16 + 2 * LayoutWidths.End.allCases.count
  /// The gaps that are known at most.
  private static let gapLimit = 60

  /// Words, and names of kinds of tokens after a space.
  let words: TokenVocabulary
  /// The gaps, the most frequent first.
  let gaps: [Gap]
  /// How wide lines may be.
  let lineWidth: Int

  /// Learns from source code.
  init(_ sources: [LexedSource], words: Int) {
    var wordCounts: [String: Int] = [:]
    var gapCounts: [Gap: Int] = [:]
    var widths: [Int] = []
    for source in sources {
      for token in source.tokens { wordCounts[Self.word(of: token), default: 0] += 1 }
      source.forEachGap { _, cursor, gap in
        gapCounts[gap, default: 0] += 1
        if gap.breaksLine { widths.append(cursor.column) }
      }
    }
    // What is not known by its word is known by its kind.
    for kind in SourceToken.Kind.allCases { wordCounts[" \(kind.rawValue)"] = .max }
    self.words = TokenVocabulary(counts: wordCounts, minimumCount: 3, maximum: words)
    gaps = gapCounts.sorted { ($1.value, "\($0.key)") < ($0.value, "\($1.key)") }
      .prefix(Self.gapLimit).map(\.key)
    widths.sort()
    lineWidth = max(40, widths.isEmpty ? 100 : widths[(widths.count - 1) * 199 / 200])
  }

  /// The word by which a token is known, if it is frequent.
  private static func word(of token: SourceToken) -> String {
    switch token.kind {
    case .keyword, .operator, .punctuation: token.text
    case .identifier: token.utf8.count <= 24 ? token.text : " identifier"
    case .lineComment:
      token.utf8.starts(with: Array("///".utf8)) ? " documentation" : " lineComment"
    default: " \(token.kind.rawValue)"
    }
  }

  /// The number of a token.
  func number(of token: SourceToken) -> Int32 {
    let number = words.number(of: Self.word(of: token))
    if number != TokenVocabulary.unknown { return Int32(number) }
    // Names of types are laid out otherwise than others.
    let isType = token.utf8.first.map { (0x41...0x5A).contains($0) } ?? false
    return isType
      ? Int32(TokenVocabulary.unknown) : Int32(words.number(of: " \(token.kind.rawValue)"))
  }

  /// The number of a gap, or of the one most like it.
  func number(of gap: Gap) -> Int32 {
    let place =
      gaps.firstIndex(of: gap) ?? gap.nearest(in: gaps).flatMap { gaps.firstIndex(of: $0) }
    return Int32(place ?? 0)
  }

  /// Numbers that tell of a token alone; the end of a file is none.
  func sizes(_ place: Int, _ tokens: [SourceToken], _ widths: LayoutWidths) -> [Float] {
    guard place < tokens.count else { return [0, 0, 0] }
    return [
      min(2, Float(widths.width(from: place, to: .token)) / 20),
      tokens[place].isMultiline ? 1 : 0,
      min(2, Float(widths.width(from: place, to: .bracket)) / Float(lineWidth)),
    ]
  }

  /// Numbers that tell of the line so far and of what is to come at the gap before a token.
  func measures(_ cursor: LayoutCursor, _ place: Int, _ widths: LayoutWidths) -> [Float] {
    let (inner, outer) = (cursor.brackets.last, cursor.brackets.dropLast().last)
    var measures: [Float] = [
      Float(cursor.column) / Float(lineWidth),
      Float(cursor.indentation) / 40,
      Float(cursor.indentation - cursor.base) / 8,
      min(1, Float(cursor.tokensOnLine) / 10),
      cursor.tokensOnLine == 1 ? 1 : 0,
      min(1, Float(cursor.brackets.count) / 8),
      inner?.sign == UInt8(ascii: "(") ? 1 : 0, inner?.sign == UInt8(ascii: "[") ? 1 : 0,
      inner?.sign == UInt8(ascii: "{") ? 1 : 0,
      inner?.breaksAfter == true ? 1 : 0, inner?.breaksAtComma == true ? 1 : 0,
      inner?.lineStart == cursor.lineStart ? 1 : 0,
      outer?.sign == UInt8(ascii: "{") ? 1 : 0, outer?.breaksAfter == true ? 1 : 0,
      outer?.breaksAtComma == true ? 1 : 0, outer?.lineStart == cursor.lineStart ? 1 : 0,
    ]
    for end in LayoutWidths.End.allCases {
      // The room that is left if nothing breaks before that end: by and large, and to the column.
      let room = Float(lineWidth - cursor.column - 1 - widths.width(from: place, to: end))
      measures.append(max(-1, min(1, room / Float(lineWidth))))
      measures.append(max(-1, min(1, room / 5)))
    }
    return measures
  }

  /// The numbers of the tokens that begin the line and that of the innermost bracket.
  func lineWords(_ cursor: LayoutCursor, _ numbers: [Int32]) -> [Int32] {
    let line = cursor.tokensOnLine > 0 ? numbers[cursor.lineStart] : 0
    return [line, cursor.brackets.last.map { numbers[$0.lineStart] } ?? 0]
  }
}

extension LayoutVocabulary {
  init(json: JSON) throws {
    words = try TokenVocabulary(json.get("words", \.array).compactMap(\.string))
    lineWidth = try json.get("line_width", \.int)
    gaps = try json.get("gaps", \.array).map { gap in
      guard let breaks = gap[0]?.int, let width = gap[1]?.int, abs(width) <= 1 << 16,
        (0...1 << 16).contains(breaks)
      else { throw ZooError("the record of a formatter has a gap that is none") }
      return breaks == 0 ? .spaces(max(0, width)) : .breaks(breaks, indentation: width)
    }
    guard !gaps.isEmpty, lineWidth > 0 else {
      throw ZooError("the record of a formatter knows no gaps")
    }
  }

  var json: JSON {
    let pairs = gaps.map { gap -> JSON in
      switch gap {
      case .spaces(let count): [0, .int(count)]
      case .breaks(let count, let indentation): [.int(count), .int(indentation)]
      }
    }
    return [
      "words": .array(words.tokens.map(JSON.string)), "gaps": .array(pairs),
      "line_width": .int(lineWidth),
    ]
  }
}

extension LexedSource {
  /// Goes through the gaps as they are: what comes before each, and the gap.
  func forEachGap(_ body: (_ place: Int, _ cursor: LayoutCursor, _ gap: Gap) -> Void) {
    var cursor = LayoutCursor()
    for (place, bytes) in gaps.enumerated() {
      let gap = cursor.gap(bytes)
      body(place, cursor, gap)
      if place < tokens.count { cursor.advance(gap, tokens[place]) }
    }
  }
}
