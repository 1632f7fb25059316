extension Model {
  /// The graph of the model as a picture in SVG: a box for each call of a layer, with its class and
  /// name, the shape of its output and how many weights it has. A model inside is one box.
  ///
  /// ```swift
  /// try writeFile("model.svg", model.svg())
  /// ```
  ///
  /// - Throws: `ModelError` if the model cannot be built yet.
  public func svg() throws -> String {
    try build()
    guard let graph else { return "" }
    return ModelDrawing(self, graph).text()
  }
}

private struct ModelDrawing {
  private struct Box {
    let title: String
    let name: String
    let figures: String
    let fill: String
    let stroke: String

    var width: Double {
      let widths = [
        SVGDrawing.width(of: title, size: 13) * 1.08, SVGDrawing.width(of: name, size: 12),
        SVGDrawing.width(of: figures, size: 12),
      ]
      return max(130, (widths.max() ?? 0) + 28)
    }
  }

  private static let (boxHeight, rowGap, margin, head) = (66.0, 40.0, 24.0, 44.0)
  private static let lineColor = "#9ca3af"

  private let title: String
  private let boxes: [Box]
  private let edges: [(from: Int, to: Int)]
  private let layout: GraphLayout

  init(_ model: Model, _ graph: Graph) {
    title = "\(model.name) · \(model.parameterCount.grouped) parameters"
    boxes = graph.nodes.map { Self.box($0, in: model) }
    let places = Dictionary(
      uniqueKeysWithValues: graph.nodes.enumerated().map { (ObjectIdentifier($1), $0) })
    edges = graph.nodes.enumerated().flatMap { place, node in
      Set(node.inputs.compactMap { places[ObjectIdentifier($0.node)] }).sorted()
        .map { ($0, place) }
    }
    layout = GraphLayout(widths: boxes.map(\.width), edges: edges)
  }

  private static func box(_ node: Node, in model: Model) -> Box {
    // The call of a model that overrides `call` stands for the whole model.
    let isInput = node.layer is InputLayer
    let layer = model.callsItself && !isInput ? model : node.layer
    let shapes = "output " + node.outputs.map { $0.shape.pictureText }.joined(separator: ", ")
    let count = layer.parameterCount
    let weights = count == 0 ? "" : count == 1 ? " · 1 parameter" : " · \(count.grouped) parameters"
    let inner = (layer as? Model)?.layers.filter { !($0 is InputLayer) }.count
    let inside = inner.map { " · \($0) layer\($0 == 1 ? "" : "s")" } ?? ""
    let colors =
      isInput
      ? ("#ecfdf5", "#10b981")
      : inner != nil
        ? ("#f5f3ff", "#8b5cf6") : count > 0 ? ("#eff6ff", "#3b82f6") : ("#f9fafb", "#9ca3af")
    return Box(
      title: type(of: layer).className, name: layer.name + inside, figures: shapes + weights,
      fill: colors.0, stroke: colors.1)
  }

  func text() -> String {
    let head = SVGDrawing.width(of: title, size: 15) * 1.1
    let width = max(layout.width, head) + 2 * Self.margin
    let left = (width - layout.width) / 2
    let rows = Double(layout.rowCount)
    var drawing = SVGDrawing(
      width: width,
      height: Self.head + rows * Self.boxHeight + (rows - 1) * Self.rowGap + Self.margin)
    drawing.text(title, x: Self.margin, y: 28, size: 15, color: "#111827", isBold: true)
    for (edge, route) in zip(edges, layout.routes) {
      draw([edge.from] + route + [edge.to], left, on: &drawing)
    }
    for (place, box) in boxes.enumerated() { draw(box, place, left, on: &drawing) }
    return drawing.text(title: title)
  }

  private func top(_ item: Int) -> Double {
    Self.head + Double(layout.rows[item]) * (Self.boxHeight + Self.rowGap)
  }

  /// Draws an arrow: bent between rows, straight down beside the boxes of a row.
  private func draw(_ way: [Int], _ left: Double, on drawing: inout SVGDrawing) {
    let xs = way.map { left + layout.middles[$0] }
    var path = "M\(xs[0].svg) \((top(way[0]) + Self.boxHeight).svg)"
    for place in 1..<way.count {
      let isLast = place == way.count - 1
      let start = top(way[place - 1]) + Self.boxHeight
      let end = top(way[place]) - (isLast ? 6 : 0)
      let middle = (start + end) / 2
      path += "C\(xs[place - 1].svg) \(middle.svg) \(xs[place].svg) \(middle.svg)"
      path += " \(xs[place].svg) \(end.svg)"
      if !isLast { path += "V\((top(way[place]) + Self.boxHeight).svg)" }
    }
    drawing.path(path, stroke: Self.lineColor, width: 1.5)
    drawing.arrowhead(x: xs[way.count - 1], y: top(way[way.count - 1]), fill: Self.lineColor)
  }

  private func draw(_ box: Box, _ item: Int, _ left: Double, on drawing: inout SVGDrawing) {
    let (x, y) = (left + layout.middles[item], top(item))
    drawing.rectangle(
      x: x - box.width / 2, y: y, width: box.width, height: Self.boxHeight, fill: box.fill,
      stroke: box.stroke, radius: 8)
    drawing.text(
      box.title, x: x, y: y + 21, size: 13, color: "#111827", anchor: .middle, isBold: true)
    drawing.text(box.name, x: x, y: y + 38, color: "#6b7280", anchor: .middle)
    drawing.text(box.figures, x: x, y: y + 56, anchor: .middle)
  }
}

extension Shape {
  /// The sizes of one sample: `28 × 28 × 1`, or `?` for any size.
  fileprivate var pictureText: String {
    let sizes = dropFirst().map { $0.map(String.init) ?? "?" }
    return sizes.isEmpty ? "one number" : sizes.joined(separator: " × ")
  }
}

extension Int {
  /// The number with its thousands apart: `535 818`.
  fileprivate var grouped: String {
    let digits = String(self)
    return digits.enumerated().reduce(into: "") { text, digit in
      if digit.offset > 0 && (digits.count - digit.offset) % 3 == 0 { text += "\u{2009}" }
      text.append(digit.element)
    }
  }
}
