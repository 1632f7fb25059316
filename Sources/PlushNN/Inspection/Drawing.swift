/// A picture of shapes and texts, which can be written as SVG.
///
/// Lengths are pixels of a screen; y grows downwards. `PlushMedia` writes drawings as PNG too.
///
/// ```swift
/// var drawing = Drawing(width: 200, height: 60, title: "A line")
/// drawing.line(from: [20, 40], to: [180, 20], stroke: 0x2563EB, width: 2)
/// try writeFile("line.svg", drawing.svg())
/// ```
public struct Drawing: Sendable, Hashable {
  /// A place, from the left and from the top.
  public typealias Point = SIMD2<Double>

  /// A color, red, green and blue from 0 to 255; `0xRRGGBB` is one.
  public struct Color: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// The parts: red, green, blue.
    public let parts: SIMD3<UInt8>

    /// A color of its parts.
    public init(red: UInt8, green: UInt8, blue: UInt8) { parts = [red, green, blue] }

    /// A color as the web writes it: `0xFF0000` is red.
    public init(integerLiteral hex: UInt32) {
      parts = [UInt8(hex >> 16 & 255), UInt8(hex >> 8 & 255), UInt8(hex & 255)]
    }

    /// A color between this one and another.
    ///
    /// - Parameter part: how much of the other, from 0 to 1.
    public func mixed(with other: Color, _ part: Double) -> Color {
      let part = part.isFinite ? min(max(part, 0), 1) : 0
      let (from, to) = (SIMD3<Double>(parts), SIMD3<Double>(other.parts))
      let mix = (from + (to - from) * part).rounded(.toNearestOrAwayFromZero)
      return Color(red: UInt8(mix.x), green: UInt8(mix.y), blue: UInt8(mix.z))
    }
  }

  /// The side of a text that lies at its place.
  public enum Anchor: String, Sendable {
    /// The left one: the text goes on to the right.
    case start
    /// The middle.
    case middle
    /// The right one.
    case end
  }

  /// A part of a path.
  public enum Step: Sendable, Hashable {
    /// Begins a stroke.
    case move(Point)
    /// A straight line to a place.
    case line(Point)
    /// A cubic Bézier curve, by its two control points and its end.
    case curve(Point, Point, Point)
  }

  /// A text of one line; its place is on the line on which letters stand.
  package struct Text: Sendable, Hashable {
    package let text: String
    package let place: Point
    package let size: Double
    package let color: Color
    package let anchor: Anchor
    package let isBold: Bool
    /// In degrees, clockwise, around the place.
    package let rotation: Double
  }

  package struct Rectangle: Sendable, Hashable {
    package let origin: Point
    package let size: Point
    package let fill: Color
    /// The color of a line of width 1 around it.
    package let stroke: Color?
    package let radius: Double
  }

  package struct Path: Sendable, Hashable {
    package let steps: [Step]
    package let stroke: Color
    package let width: Double
    package let isDashed: Bool
    /// Lengths of a dash and of the gap after it.
    package static let (dash, gap) = (6.0, 4.0)
  }

  package enum Element: Sendable, Hashable {
    case text(Text)
    case rectangle(Rectangle)
    case circle(center: Point, radius: Double, fill: Color)
    case path(Path)
    case polygon([Point], fill: Color)
  }

  /// The width.
  public let width: Double
  /// The height.
  public let height: Double
  /// What is shown, for those who cannot see it.
  public let title: String
  /// What is drawn, later things over earlier ones.
  package private(set) var elements: [Element] = []

  /// An empty drawing on white.
  public init(width: Double, height: Double, title: String) {
    (self.width, self.height, self.title) = (width.rounded(.up), height.rounded(.up), title)
  }

  /// About the width of a text in Helvetica, a little generous since fonts differ.
  public static func width(of text: String, size: Double) -> Double {
    text.reduce(0) { sum, character in
      let part = "iljft.,:;|'! []()".contains(character) ? 0.36 : character.isUppercase ? 0.74 : 0.6
      return sum + part * size
    }
  }

  /// Adds a text of one line.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - place: the end that `anchor` names, on the line on which letters stand.
  ///   - size: the size of the font.
  ///   - color: the color.
  ///   - anchor: which part of the text lies at the place.
  ///   - isBold: whether letters are thick.
  ///   - rotation: degrees, clockwise, around the place.
  public mutating func text(
    _ text: String, at place: Point, size: Double = 12, color: Color = 0x374151,
    anchor: Anchor = .start, isBold: Bool = false, rotation: Double = 0
  ) {
    elements.append(
      .text(
        Text(
          text: text, place: place, size: size, color: color, anchor: anchor, isBold: isBold,
          rotation: rotation)))
  }

  /// Adds a filled rectangle, perhaps with a line around it and round corners.
  public mutating func rectangle(
    at origin: Point, size: Point, fill: Color, stroke: Color? = nil, radius: Double = 0
  ) {
    elements.append(
      .rectangle(
        Rectangle(origin: origin, size: size, fill: fill, stroke: stroke, radius: radius)))
  }

  /// Adds a straight line.
  public mutating func line(
    from start: Point, to end: Point, stroke: Color, width: Double = 1, isDashed: Bool = false
  ) {
    path([.move(start), .line(end)], stroke: stroke, width: width, isDashed: isDashed)
  }

  /// Adds straight lines from point to point.
  public mutating func polyline(
    _ points: [Point], stroke: Color, width: Double = 1, isDashed: Bool = false
  ) {
    let steps = points.enumerated().map { $0 == 0 ? Step.move($1) : .line($1) }
    path(steps, stroke: stroke, width: width, isDashed: isDashed)
  }

  /// Adds a line along a path of straight lines and curves.
  public mutating func path(
    _ steps: [Step], stroke: Color, width: Double = 1, isDashed: Bool = false
  ) {
    elements.append(.path(Path(steps: steps, stroke: stroke, width: width, isDashed: isDashed)))
  }

  /// Adds a disc.
  public mutating func circle(at center: Point, radius: Double, fill: Color) {
    elements.append(.circle(center: center, radius: radius, fill: fill))
  }

  /// Adds a filled convex polygon.
  public mutating func polygon(_ corners: [Point], fill: Color) {
    elements.append(.polygon(corners, fill: fill))
  }
}
