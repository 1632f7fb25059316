extension Drawing {
  /// The drawing as the text of an SVG file.
  ///
  /// ```swift
  /// try writeFile("curves.svg", history.drawing().svg())
  /// ```
  public func svg() -> String {
    let size = "\(width.svg)\" height=\"\(height.svg)"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(size)" viewBox="0 0 \(width.svg) \
      \(height.svg)" font-family="Helvetica, Arial, sans-serif">
      <title>\(title.escapedForXML)</title>
      <rect width="100%" height="100%" fill="white"/>
      \(elements.map(\.svg).joined(separator: "\n"))
      </svg>

      """
  }
}

extension Drawing.Element {
  fileprivate var svg: String {
    switch self {
    case .text(let text): text.svg
    case .rectangle(let rectangle): rectangle.svg
    case .path(let path): path.svg
    case .circle(let center, let radius, let fill):
      "<circle cx=\"\(center.x.svg)\" cy=\"\(center.y.svg)\" r=\"\(radius.svg)\" "
        + "fill=\"\(fill.svg)\"/>"
    case .polygon(let corners, let fill):
      "<polygon points=\"\(corners.map(\.svg).joined(separator: ","))\" fill=\"\(fill.svg)\"/>"
    }
  }
}

extension Drawing.Text {
  fileprivate var svg: String {
    let weight = isBold ? " font-weight=\"bold\"" : ""
    let turn =
      rotation == 0 ? "" : " transform=\"rotate(\(rotation.svg) \(place.x.svg) \(place.y.svg))\""
    return "<text x=\"\(place.x.svg)\" y=\"\(place.y.svg)\" font-size=\"\(size.svg)\" "
      + "fill=\"\(color.svg)\" text-anchor=\"\(anchor.rawValue)\"\(weight)\(turn)>"
      + "\(text.escapedForXML)</text>"
  }
}

extension Drawing.Rectangle {
  fileprivate var svg: String {
    let line = stroke.map { " stroke=\"\($0.svg)\"" } ?? ""
    return "<rect x=\"\(origin.x.svg)\" y=\"\(origin.y.svg)\" width=\"\(size.x.svg)\" "
      + "height=\"\(size.y.svg)\" rx=\"\(radius.svg)\" fill=\"\(fill.svg)\"\(line)/>"
  }
}

extension Drawing.Path {
  fileprivate var svg: String {
    let dashes = isDashed ? " stroke-dasharray=\"\(Self.dash.svg) \(Self.gap.svg)\"" : ""
    return "<path d=\"\(notation)\" fill=\"none\" stroke=\"\(stroke.svg)\" "
      + "stroke-width=\"\(width.svg)\" stroke-linejoin=\"round\"\(dashes)/>"
  }

  private var notation: String {
    var last = Drawing.Point.zero
    return steps.reduce(into: "") { text, step in
      switch step {
      case .move(let end):
        text += "M\(end.svg)"
        last = end
      case .line(let end):
        let isUpright = end.x == last.x
        text += isUpright ? "V\(end.y.svg)" : end.y == last.y ? "H\(end.x.svg)" : "L\(end.svg)"
        last = end
      case .curve(let first, let second, let end):
        text += "C\(first.svg) \(second.svg) \(end.svg)"
        last = end
      }
    }
  }
}

extension Drawing.Color {
  fileprivate var svg: String {
    "#"
      + (0..<3).map { place in
        let digits = String(parts[place], radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }
}

extension Drawing.Point {
  fileprivate var svg: String { "\(x.svg) \(y.svg)" }
}

extension Double {
  /// The number with at most two digits after the point.
  fileprivate var svg: String {
    guard isFinite else { return "0" }
    let whole = rounded()
    return self == whole && magnitude < 1e15 ? "\(Int(whole))" : fixed(2)
  }
}

extension String {
  /// The text with what has a meaning in XML written as references; control characters go.
  fileprivate var escapedForXML: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      case "\u{0}"..<" ": text += " "
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}
