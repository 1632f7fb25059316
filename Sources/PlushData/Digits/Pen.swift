/// The paper: how much ink, from 0 to 1, each pixel has.
struct Canvas {
  static let size = 28
  private(set) var ink = [Float](repeating: 0, count: size * size)

  /// Puts soft ink along a straight line whose width changes evenly from end to end.
  mutating func line(from a: Point, to b: Point, radii: (Double, Double), softness: Double) {
    let reach = max(radii.0, radii.1) + softness
    let along = b - a
    let length = max((along * along).sum(), 1e-12)
    let low = pointwiseMin(a, b) - reach
    let high = pointwiseMax(a, b) + reach
    for y in Self.pixels(low.y, high.y) {
      for x in Self.pixels(low.x, high.x) {
        let offset = Point(Double(x) + 0.5, Double(y) + 0.5) - a
        let t = min(max((offset * along).sum() / length, 0), 1)
        let distance = offset - along * t
        let radius = radii.0 + (radii.1 - radii.0) * t
        let edge = radius + softness / 2 - (distance * distance).sum().squareRoot()
        let amount = Float(min(max(edge / softness, 0), 1))
        let place = y * Self.size + x
        ink[place] = max(ink[place], amount)
      }
    }
  }

  private static func pixels(_ low: Double, _ high: Double) -> Range<Int> {
    let first = max(0, Int(low.rounded(.down)))
    return first..<max(first, min(size, Int(high.rounded(.up))))
  }

  /// The picture in bytes, with the grain of paper and scanner.
  func developed(_ generator: inout SeededGenerator) -> [UInt8] {
    let strength = Float(generator.uniform(1.0, 1.3))
    return ink.map { ink in
      if ink == 0 { return 0 }
      let grain = Float(generator.uniform(-0.07, 0.03))
      return UInt8(min(max((ink * strength + grain) * 255, 0), 255))
    }
  }
}

/// A pen: how wide it writes and how softly.
struct Pen {
  private let radius: Double
  private let softness: Double
  /// How much wider and narrower the line becomes on its way.
  private let pressure = 0.14

  init(_ generator: inout SeededGenerator) {
    radius = min(max(1.2 + 0.36 * generator.bell(), 0.6), 2.3)
    softness = generator.uniform(1.0, 1.6)
  }

  /// Brings strokes to the canvas as MNIST does: the ink fits a box of 20 pixels, and its centre
  /// of mass is the centre of the picture.
  func place(_ strokes: [[Point]], _ generator: inout SeededGenerator) -> [[Point]] {
    let points = strokes.joined()
    let low = points.reduce(Point(repeating: .infinity), pointwiseMin)
    let high = points.reduce(Point(repeating: -.infinity), pointwiseMax)
    let box = generator.uniform(18.8, 20.2) - 2 * radius
    let scale = box / (high - low).max()
    let centre = Self.centreOfMass(strokes)
    let shift = Point(generator.bell(), generator.bell()) * 0.35
    let middle = Point(repeating: Double(Canvas.size) / 2) + shift
    return strokes.map { $0.map { ($0 - centre) * scale + middle } }
  }

  private static func centreOfMass(_ strokes: [[Point]]) -> Point {
    var (sum, total) = (Point.zero, 0.0)
    for stroke in strokes {
      for (a, b) in zip(stroke, stroke.dropFirst()) {
        let length = ((b - a) * (b - a)).sum().squareRoot()
        sum += (a + b) * (length / 2)
        total += length
      }
    }
    return total > 0 ? sum / total : strokes[0][0]
  }

  /// Draws one stroke, pressing now more and now less.
  func trace(_ stroke: [Point], on canvas: inout Canvas, _ generator: inout SeededGenerator) {
    var from = radius * (1 + pressure * generator.bell())
    var change = 0.0
    for (index, (a, b)) in zip(stroke, stroke.dropFirst()).enumerated() {
      // A new aim with every span of the curve.
      if index % 8 == 0 {
        let aim = radius * (1 + pressure * generator.bell())
        change = (aim - from) / 8
      }
      canvas.line(from: a, to: b, radii: (from, from + change), softness: softness)
      from += change
    }
  }
}
