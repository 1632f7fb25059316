import PlushNN

/// Paper of pixels on which shapes are drawn with smooth edges: how much of a pixel a shape covers
/// follows from how far the middle of the pixel is from its edge.
struct Raster {
  typealias Point = SIMD2<Double>

  let width: Int
  let height: Int
  private var colors: [SIMD3<Float>]

  /// White paper.
  init(width: Int, height: Int) {
    (self.width, self.height) = (width, height)
    colors = Array(repeating: [255, 255, 255], count: width * height)
  }

  /// The picture that was drawn.
  var picture: Picture {
    let pixels = [UInt8](unsafeUninitializedCapacity: colors.count * 3) { pixels, initialized in
      for (place, color) in colors.enumerated() {
        for channel in 0..<3 { pixels[3 * place + channel] = UInt8(rounding: color[channel]) }
      }
      initialized = colors.count * 3
    }
    return Picture(width: width, height: height, channels: 3, pixels: pixels)
  }

  /// Fills a shape.
  ///
  /// - Parameters:
  ///   - low: the upper left corner of a box around the shape.
  ///   - high: the lower right one.
  ///   - color: the color.
  ///   - distance: how far a point is from the edge, below zero inside.
  mutating func fill(
    from low: Point, to high: Point, color: Drawing.Color, _ distance: (Point) -> Double
  ) {
    for y in pixels(low.y, high.y, limit: height) {
      for x in pixels(low.x, high.x, limit: width) {
        blend(color, 0.5 - distance([Double(x) + 0.5, Double(y) + 0.5]), at: y * width + x)
      }
    }
  }

  /// Draws lines with round ends; where they cross each other color does not add up.
  mutating func stroke(_ lines: [[Point]], width thickness: Double, color: Drawing.Color) {
    let reach = thickness / 2 + 1
    let points = lines.joined()
    guard let first = points.first else { return }
    let rows = pixels(
      points.reduce(first.y) { min($0, $1.y) } - reach,
      points.reduce(first.y) { max($0, $1.y) } + reach, limit: height)
    let columns = pixels(
      points.reduce(first.x) { min($0, $1.x) } - reach,
      points.reduce(first.x) { max($0, $1.x) } + reach, limit: width)
    var cover = [Double](repeating: 0, count: rows.count * columns.count)
    for line in lines {
      for (a, b) in zip(line, line.count == 1 ? line[...] : line.dropFirst()) {
        let (low, high) = (pointwiseMin(a, b) - reach, pointwiseMax(a, b) + reach)
        let along = b - a
        let length = max((along * along).sum(), 1e-12)
        for y in pixels(low.y, high.y, limit: height) {
          for x in pixels(low.x, high.x, limit: width) {
            let offset = Point(Double(x) + 0.5, Double(y) + 0.5) - a
            let part = min(max((offset * along).sum() / length, 0), 1)
            let away = offset - along * part
            let place = (y - rows.lowerBound) * columns.count + x - columns.lowerBound
            let amount = thickness / 2 + 0.5 - (away * away).sum().squareRoot()
            cover[place] = max(cover[place], amount)
          }
        }
      }
    }
    for (place, amount) in cover.enumerated() where amount > 0 {
      let (row, column) = (place / columns.count, place % columns.count)
      // A line thinner than a pixel is paler.
      blend(
        color, min(amount, thickness),
        at: (row + rows.lowerBound) * width + column + columns.lowerBound)
    }
  }

  private mutating func blend(_ color: Drawing.Color, _ amount: Double, at place: Int) {
    guard amount > 0 else { return }
    let full = SIMD3<Float>(color.parts)
    colors[place] += (full - colors[place]) * Float(min(amount, 1))
  }

  /// The pixels between two places that are on the paper.
  private func pixels(_ low: Double, _ high: Double, limit: Int) -> Range<Int> {
    guard low.isFinite && high.isFinite else { return 0..<0 }
    let first = Int(min(max(low.rounded(.down), 0), Double(limit)))
    return first..<max(first, Int(min(max(high.rounded(.up), 0), Double(limit))))
  }
}
