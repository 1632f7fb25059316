/// A picture of shapes and texts, written as SVG.
struct SVGDrawing {
  /// The side of a text that lies at its place.
  enum Anchor: String {
    case start
    case middle
    case end
  }

  let width: Double
  let height: Double
  private var elements: [String] = []

  init(width: Double, height: Double) {
    (self.width, self.height) = (width, height)
  }

  /// The text of the file.
  ///
  /// - Parameter title: what the picture shows, for those who cannot see it.
  func text(title: String) -> String {
    let size = "\(Int(width.rounded(.up)))\" height=\"\(Int(height.rounded(.up)))"
    let box = "0 0 \(Int(width.rounded(.up))) \(Int(height.rounded(.up)))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" width="\(size)" viewBox="\(box)" \
      font-family="Helvetica, Arial, sans-serif">
      <title>\(title.escapedForXML)</title>
      <rect width="100%" height="100%" fill="white"/>
      \(elements.joined(separator: "\n"))
      </svg>

      """
  }

  /// The width of a text in Helvetica, a little generous since fonts differ.
  static func width(of text: String, size: Double) -> Double {
    text.reduce(0) { sum, character in
      let part = "iljft.,:;|'! []()".contains(character) ? 0.36 : character.isUppercase ? 0.74 : 0.6
      return sum + part * size
    }
  }

  mutating func text(
    _ text: String, x: Double, y: Double, size: Double = 12, color: String = "#374151",
    anchor: Anchor = .start, isBold: Bool = false, rotation: Double? = nil
  ) {
    let weight = isBold ? " font-weight=\"bold\"" : ""
    let turn = rotation.map { " transform=\"rotate(\($0.svg) \(x.svg) \(y.svg))\"" } ?? ""
    elements.append(
      "<text x=\"\(x.svg)\" y=\"\(y.svg)\" font-size=\"\(size.svg)\" fill=\"\(color)\" "
        + "text-anchor=\"\(anchor.rawValue)\"\(weight)\(turn)>\(text.escapedForXML)</text>")
  }

  mutating func rectangle(
    x: Double, y: Double, width: Double, height: Double, fill: String, stroke: String? = nil,
    radius: Double = 0
  ) {
    let line = stroke.map { " stroke=\"\($0)\"" } ?? ""
    elements.append(
      "<rect x=\"\(x.svg)\" y=\"\(y.svg)\" width=\"\(width.svg)\" height=\"\(height.svg)\" "
        + "rx=\"\(radius.svg)\" fill=\"\(fill)\"\(line)/>")
  }

  mutating func line(
    x1: Double, y1: Double, x2: Double, y2: Double, stroke: String, width: Double = 1
  ) {
    elements.append(
      "<line x1=\"\(x1.svg)\" y1=\"\(y1.svg)\" x2=\"\(x2.svg)\" y2=\"\(y2.svg)\" "
        + "stroke=\"\(stroke)\" stroke-width=\"\(width.svg)\"/>")
  }

  mutating func circle(x: Double, y: Double, radius: Double, fill: String) {
    elements.append(
      "<circle cx=\"\(x.svg)\" cy=\"\(y.svg)\" r=\"\(radius.svg)\" fill=\"\(fill)\"/>")
  }

  /// A line along a path in the notation of SVG.
  mutating func path(
    _ path: String, stroke: String, width: Double, isDashed: Bool = false
  ) {
    let dashes = isDashed ? " stroke-dasharray=\"6 4\"" : ""
    elements.append(
      "<path d=\"\(path)\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(width.svg)\" "
        + "stroke-linejoin=\"round\"\(dashes)/>")
  }

  /// A triangle that points down to a place.
  mutating func arrowhead(x: Double, y: Double, fill: String) {
    let corners = "\((x - 4).svg),\((y - 7).svg) \((x + 4).svg),\((y - 7).svg) \(x.svg),\(y.svg)"
    elements.append("<polygon points=\"\(corners)\" fill=\"\(fill)\"/>")
  }
}

extension Double {
  /// The number with at most two digits after the point.
  var svg: String {
    guard isFinite else { return "0" }
    let whole = rounded()
    return self == whole ? "\(Int(whole))" : fixed(2)
  }
}

extension String {
  /// The text with what has a meaning in XML written as references; control characters go.
  var escapedForXML: String {
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
