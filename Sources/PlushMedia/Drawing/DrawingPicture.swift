import PlushData
import PlushNN

extension Drawing {
  /// The drawing in pixels, with smooth edges.
  ///
  /// - Parameter scale: how many pixels a length of 1 has; 2 suits the screens of today. Drawings
  ///   that would have more pixels than 4096×4096 get fewer.
  public func picture(scale: Double = 2) -> Picture {
    let most = (Double(1 << 24) / max(1, width * height)).squareRoot()
    let scale = min(scale, most)
    var raster = Raster(
      width: max(1, Int((width * scale).rounded())), height: max(1, Int((height * scale).rounded()))
    )
    for element in elements { raster.draw(element, scale: scale) }
    return raster.picture
  }

  /// Writes the drawing to a file, as the end of its name says: `.svg`, `.png` or `.jpg`.
  ///
  /// ```swift
  /// try history.drawing(title: "digits").write(to: "curves.png")
  /// ```
  ///
  /// - Throws: `FileError` if the name tells no format or writing fails.
  public func write(to path: String, scale: Double = 2) throws {
    if path.lowercased().hasSuffix(".svg") { return try writeFile(path, svg()) }
    guard PictureFormat(path: path) != nil else {
      throw FileError(
        .unsupported, path, expected: "a name that ends in .svg, .png or .jpg", found: "another")
    }
    try picture(scale: scale).write(to: path)
  }
}

extension Raster {
  fileprivate mutating func draw(_ element: Drawing.Element, scale: Double) {
    switch element {
    case .text(let text):
      self.text(
        text.text, at: text.place * scale, size: text.size * scale, color: text.color,
        anchor: text.anchor, isBold: text.isBold, rotation: text.rotation)
    case .rectangle(let rectangle): draw(rectangle, scale: scale)
    case .path(let path):
      let lines = path.lines.map { line in line.map { $0 * scale } }
      stroke(lines, width: path.width * scale, color: path.stroke)
    case .circle(let center, let radius, let fill):
      let (center, radius) = (center * scale, radius * scale)
      self.fill(from: center - radius - 1, to: center + radius + 1, color: fill) { point in
        let offset = point - center
        return (offset * offset).sum().squareRoot() - radius
      }
    case .polygon(let corners, let fill): draw(corners.map { $0 * scale }, fill)
    }
  }

  private mutating func draw(_ rectangle: Drawing.Rectangle, scale: Double) {
    let half = rectangle.size * scale / 2
    let middle = rectangle.origin * scale + half
    let radius = min(rectangle.radius * scale, half.x, half.y)
    func distance(_ point: Point) -> Double {
      let offset = point - middle
      let beyond = Point(abs(offset.x), abs(offset.y)) - half + radius
      let outside = pointwiseMax(beyond, Point.zero)
      return (outside * outside).sum().squareRoot() + min(beyond.max(), 0) - radius
    }
    let (low, high) = (middle - half - scale - 1, middle + half + scale + 1)
    fill(from: low, to: high, color: rectangle.fill, distance)
    if let stroke = rectangle.stroke {
      fill(from: low, to: high, color: stroke) { abs(distance($0)) - scale / 2 }
    }
  }

  /// Fills a convex polygon.
  private mutating func draw(_ corners: [Point], _ color: Drawing.Color) {
    guard let first = corners.first else { return }
    let low = corners.reduce(first, pointwiseMin)
    let high = corners.reduce(first, pointwiseMax)
    let sides = zip(corners, corners.dropFirst() + [first]).map { start, end in
      (start: start, along: end - start)
    }
    let area = sides.reduce(0) { $0 + $1.start.x * $1.along.y - $1.start.y * $1.along.x }
    fill(from: low - 1, to: high + 1, color: color) { point in
      sides.reduce(-.infinity) { farthest, side in
        let offset = point - side.start
        let across = offset.x * side.along.y - offset.y * side.along.x
        let length = max((side.along * side.along).sum().squareRoot(), 1e-9)
        return max(farthest, (area > 0 ? across : -across) / length)
      }
    }
  }
}

extension Drawing.Step {
  fileprivate var end: Drawing.Point {
    switch self {
    case .move(let end), .line(let end), .curve(_, _, let end): end
    }
  }
}

extension Drawing.Path {
  /// The path as points that straight lines join, its dashes apart.
  fileprivate var lines: [[Drawing.Point]] {
    var lines: [[Drawing.Point]] = []
    for step in steps {
      // What does not begin with a move begins where its first step ends.
      if lines.isEmpty { lines.append([step.end]) }
      switch step {
      case .move(let end): lines.append([end])
      case .line(let end): lines[lines.count - 1].append(end)
      case .curve(let first, let second, let end):
        let start = lines[lines.count - 1].last ?? end
        lines[lines.count - 1] += (1...24).map { step in
          let t = Double(step) / 24
          let (a, b, c) = (
            start + (first - start) * t, first + (second - first) * t, second + (end - second) * t
          )
          let (d, e) = (a + (b - a) * t, b + (c - b) * t)
          return d + (e - d) * t
        }
      }
    }
    let strokes = lines.filter { $0.count > 1 }
    return isDashed ? strokes.flatMap(dashes) : strokes
  }

  /// The dashes along a line; round ends make each longer by the width, so they begin later.
  private func dashes(_ line: [Drawing.Point]) -> [[Drawing.Point]] {
    var dashes: [[Drawing.Point]] = []
    let end = min(width, Self.dash / 2) / 2
    // Where the next change is, from the start of the running side, and whether a dash runs.
    var (next, isDash) = (end, false)
    for (start, stop) in zip(line, line.dropFirst()) {
      let along = stop - start
      let length = (along * along).sum().squareRoot()
      guard length > 0 else { continue }
      while next < length {
        let point = start + along * (next / length)
        if isDash {
          dashes[dashes.count - 1].append(point)
        } else {
          dashes.append([point])
        }
        next += isDash ? Self.gap + 2 * end : Self.dash - 2 * end
        isDash.toggle()
      }
      if isDash { dashes[dashes.count - 1].append(stop) }
      next -= length
    }
    return dashes
  }
}
