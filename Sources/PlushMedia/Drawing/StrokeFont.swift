import PlushNN

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A font of strokes, which looks the same in every size: the letters of `glyphs`, drawn by a pen.
///
/// Capitals are 10 units high and small letters 7.2; a unit is 0.072 of the size of the font.
struct StrokeFont {
  typealias Point = SIMD2<Double>

  /// A letter: lines from point to point, and how far the next letter is.
  struct Glyph {
    let lines: [[Point]]
    let advance: Double
  }

  /// The lines of a text, and its width; y grows downwards from the line on which letters stand.
  static func lines(
    of text: String, size: Double, isBold: Bool = false
  ) -> (lines: [[Point]], width: Double) {
    let unit = size * 0.072
    var (lines, x) = ([[Point]](), 0.0)
    for character in text {
      let glyph = glyph(for: character)
      lines += glyph.lines.map { line in
        line.map { Point((x + bearing + $0.x) * unit, -$0.y * unit) }
      }
      // Thick strokes take room on both sides.
      x += glyph.advance + (isBold ? 0.5 : 0)
    }
    return (lines, x * unit)
  }

  /// The room on each side of a letter.
  private static let bearing = 1.4

  private static func glyph(for character: Character) -> Glyph {
    if let glyph = known[character] { return glyph }
    return character.isWhitespace ? Glyph(lines: [], advance: 3.9) : unknown
  }

  private static let known: [Character: Glyph] = {
    var known = glyphs.mapValues(parse)
    for (mark, (letters, bases)) in accented {
      let lines = parse(mark).lines
      for (letter, base) in zip(letters, bases) {
        guard let glyph = known[base] else { continue }
        known[letter] = marked(glyph, with: lines, isCapital: letter.isUppercase)
      }
    }
    for digit in "0123456789" {
      known[digit] = Glyph(lines: known[digit]?.lines ?? [], advance: 5.8 + 2 * bearing)
    }
    known["\u{2009}"] = Glyph(lines: [], advance: 2)
    return known
  }()

  private static let unknown = parse("M0 0L0 10 5 10 5 0 0 0")

  /// Puts a mark over the middle of a letter.
  private static func marked(_ glyph: Glyph, with mark: [[Point]], isCapital: Bool) -> Glyph {
    let middle = (glyph.advance - 2 * bearing) / 2
    let moved = mark.map { line in line.map { $0 + Point(middle, isCapital ? 3 : 0) } }
    return Glyph(lines: glyph.lines + moved, advance: glyph.advance)
  }

  /// Reads strokes: M begins one, L leads straight on, Q along a curve by its control point.
  private static func parse(_ text: String) -> Glyph {
    var lines: [[Point]] = []
    var command: Character = "M"
    var numbers: [Double] = []
    var digits = ""
    func isDone() -> Bool { numbers.count == (command == "Q" ? 4 : 2) }
    func take() {
      if let number = Double(digits) { numbers.append(number) }
      digits = ""
      guard isDone() else { return }
      let end = Point(numbers[numbers.count - 2], numbers[numbers.count - 1])
      switch command {
      case "M": lines.append([end])
      case "L": lines[lines.count - 1].append(end)
      default:
        let control = Point(numbers[0], numbers[1])
        lines[lines.count - 1] += curve(from: lines[lines.count - 1].last ?? end, control, end)
      }
      numbers = []
    }
    for character in text {
      if character.isLetter || character == " " {
        take()
        if character != " " { command = character }
      } else {
        digits.append(character)
      }
    }
    take()
    let width = lines.joined().reduce(0) { max($0, $1.x) }
    return Glyph(lines: lines, advance: width + 2 * bearing)
  }

  private static func curve(from start: Point, _ control: Point, _ end: Point) -> [Point] {
    (1...8).map { step in
      let t = Double(step) / 8
      let (a, b) = (start + (control - start) * t, control + (end - control) * t)
      return a + (b - a) * t
    }
  }
}

extension Raster {
  /// Writes a line of text; see `Drawing.text`.
  mutating func text(
    _ text: String, at place: Point, size: Double, color: Drawing.Color,
    anchor: Drawing.Anchor = .start, isBold: Bool = false, rotation: Double = 0
  ) {
    let (lines, width) = StrokeFont.lines(of: text, size: size, isBold: isBold)
    let shift =
      switch anchor {
      case .start: 0.0
      case .middle: -width / 2
      case .end: -width
      }
    let angle = rotation * .pi / 180
    let (cosine, sine) = (cos(angle), sin(angle))
    let placed = lines.map { line in
      line.map { point in
        let x = point.x + shift
        return place + Point(cosine * x - sine * point.y, sine * x + cosine * point.y)
      }
    }
    stroke(placed, width: size * (isBold ? 0.135 : 0.085), color: color)
  }
}
