/// How one writer bends a skeleton on one occasion.
struct Hand {
  /// Coefficients of the bending in x and y.
  private let bend: [Point]
  private let slant: Double
  private let turn: Point
  private let width: Double

  init(_ generator: inout SeededGenerator) {
    bend = (0..<6).map { _ in Point(generator.bell(), generator.bell()) * 0.12 }
    slant = 0.18 + 0.25 * generator.bell()
    let angle = 0.09 * generator.bell()
    // Sine and cosine of a small angle, equal on every machine.
    turn = Point(1 - angle * angle / 2, angle - angle * angle * angle / 6)
    width = max(0.5, 0.92 + 0.19 * generator.bell())
  }

  /// The strokes of a skeleton as this hand writes them, as fine polylines.
  func write(_ skeleton: DigitSkeleton, _ generator: inout SeededGenerator) -> [[Point]] {
    var moved: [Point: Point] = [:]
    return skeleton.strokes.map { stroke in
      var points = stride(from: 0, to: stroke.count, by: 2).map { index in
        let point = Point(stroke[index], stroke[index + 1])
        // Strokes that meet in a corner meet after the move, too.
        if let known = moved[point] { return known }
        let shaken = point + 0.022 * Point(generator.bell(), generator.bell())
        moved[point] = bent(shaken)
        return bent(shaken)
      }
      stretchEnds(of: &points, &generator)
      return Self.curve(through: points)
    }
  }

  /// Bends a point by a polynomial of the third degree, then slants and turns it.
  private func bent(_ point: Point) -> Point {
    let p = 2 * point - 1
    let terms = [
      p.x * p.y, p.x * p.x, p.y * p.y, p.x * p.y * p.y, p.x * p.x * p.y, p.y * p.y * p.y,
    ]
    var q = p
    for (term, coefficient) in zip(terms, bend) { q += term * coefficient }
    q.x = width * q.x - slant * q.y
    return Point(turn.x * q.x - turn.y * q.y, turn.y * q.x + turn.x * q.y)
  }

  /// Lets the first and the last span be a little shorter or longer.
  private func stretchEnds(of points: inout [Point], _ generator: inout SeededGenerator) {
    let last = points.count - 1
    points[0] += (points[0] - points[1]) * (0.12 * generator.bell())
    points[last] += (points[last] - points[last - 1]) * (0.12 * generator.bell())
  }

  /// A smooth curve through the points (Catmull and Rom, 1974), eight pieces to a span.
  private static func curve(through points: [Point]) -> [Point] {
    let last = points.count - 1
    var curve = [points[0]]
    for index in 0..<last {
      let (b, c) = (points[index], points[index + 1])
      let a = index > 0 ? points[index - 1] : 2 * b - c
      let d = index + 1 < last ? points[index + 2] : 2 * c - b
      for step in 1...8 {
        let t = Double(step) / 8
        let linear = 2 * b + (c - a) * t
        let square = (2 * a - 5 * b + 4 * c - d) * (t * t)
        let cube = (3 * b - a - 3 * c + d) * (t * t * t)
        curve.append((linear + square + cube) * 0.5)
      }
    }
    return curve
  }
}
