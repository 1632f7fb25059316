import PlushData
import Testing

@Suite struct LayoutTests {
  let source = "func a(\n  b: Int\n) {\n\n  c(b)\n}\n"

  func lexed(_ text: String) -> LexedSource { LexedSource(Array(text.utf8), language: .swift) }

  /// The gaps of a source, and the same source made of them again.
  func gaps(_ source: LexedSource) -> (gaps: [Gap], again: [UInt8]) {
    var cursor = LayoutCursor()
    let style = GapStyle(of: source)
    var (gaps, bytes) = ([Gap](), [UInt8]())
    for (place, white) in source.gaps.enumerated() {
      let gap = cursor.gap(white)
      gaps.append(gap)
      bytes += cursor.bytes(of: gap, style)
      guard place < source.tokens.count else { break }
      cursor.advance(gap, source.tokens[place])
      bytes += source.tokens[place].utf8
    }
    return (gaps, bytes)
  }

  @Test func indentationsCountFromTheBracket() {
    let (found, again) = gaps(lexed(source))
    #expect(again == Array(source.utf8))
    #expect(
      found == [
        .spaces(0), .spaces(1), .spaces(0), .breaks(1, indentation: 2), .spaces(0), .spaces(1),
        .breaks(1, indentation: 0), .spaces(1), .breaks(2, indentation: 2), .spaces(0), .spaces(0),
        .spaces(0), .breaks(1, indentation: 0), .breaks(1, indentation: 0),
      ])
  }

  @Test(arguments: [
    "if a {\r\n\tb\r\n}\r\n", "a", "", "\n\n  a\n", "x = \"\"\"\n  a\n  \"\"\" + b",
  ])
  func stylesComeBack(_ text: String) {
    #expect(gaps(lexed(text)).again == Array(text.utf8))
  }

  @Test func theCursorKnowsTheLine() {
    var cursor = LayoutCursor()
    let tokens = lexed("let abc = f(").tokens
    for (place, token) in tokens.enumerated() {
      cursor.advance(.spaces(place == 0 || place == 4 ? 0 : 1), token)
    }
    #expect(cursor.column == 12)
    #expect(cursor.tokensOnLine == 5)
    cursor.advance(.breaks(1, indentation: 2), tokens[1])
    #expect(cursor.column == 5 && cursor.indentation == 2 && cursor.lineStart == 5)
    #expect(cursor.brackets.last?.breaksAfter == true)
  }

  @Test func widthsGoToTheirEnds() {
    let widths = LayoutWidths(lexed("f(a, b) { c }").tokens)
    #expect(widths.width(from: 0, to: .token) == 1)
    #expect(widths.width(from: 2, to: .comma) == 2)
    #expect(widths.width(from: 2, to: .bracket) == 5)
    #expect(widths.width(from: 0, to: .block) == 9)
    #expect(widths.width(from: 7, to: .bracket) == 3)
    #expect(LayoutWidths(lexed("f( // a\nb)").tokens).width(from: 2, to: .bracket) > 1000)
    #expect(LayoutWidths([]).width(from: 0, to: .bracket) == 0)
  }

  @Test func agreementCountsGapsAndLines() {
    let other = lexed("func a(b: Int) {\n  c(b)\n}\n")
    let same = lexed(source).agreement(with: lexed(source))
    #expect(same.gaps == 14 && same.allGaps == 14 && same.lines == 6 && same.allLines == 6)
    let some = lexed(source).agreement(with: other)
    #expect(some.gaps == 11)
    #expect(some.lines == 2)
    #expect(some.allLines == 6)
  }

  @Test func rareGapsBecomeThoseLikeThem() {
    let known: [Gap] = [
      .spaces(0), .spaces(1), .breaks(1, indentation: 2), .breaks(2, indentation: 0),
    ]
    #expect(Gap.spaces(7).nearest(in: known) == .spaces(1))
    #expect(Gap.breaks(1, indentation: -4).nearest(in: known) == .breaks(1, indentation: 2))
    #expect(Gap.breaks(5, indentation: 2).nearest(in: known) == .breaks(2, indentation: 0))
    #expect(Gap.spaces(1).nearest(in: []) == nil)
  }
}
