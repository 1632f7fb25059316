extension Model {
  /// The graph of the model as a drawing: a box for each call of a layer, with its class and name,
  /// the shape of its output and how many weights it has. A model inside is one box.
  ///
  /// ```swift
  /// try writeFile("model.svg", model.drawing().svg())
  /// ```
  ///
  /// - Throws: `ModelError` if the model cannot be built yet.
  public func drawing() throws -> Drawing {
    try build()
    guard let graph else { return Drawing(width: 0, height: 0, title: name) }
    return ModelDrawing(self, graph).drawing()
  }
}

private struct ModelDrawing {
  private struct Box {
    let title: String
    let name: String
    let figures: String
    let fill: Drawing.Color
    let stroke: Drawing.Color

    var width: Double {
      let widths = [
        Drawing.width(of: title, size: 13) * 1.08, Drawing.width(of: name, size: 12),
        Drawing.width(of: figures, size: 12),
      ]
      return max(130, (widths.max() ?? 0) + 28)
    }
  }

  private static let (boxHeight, rowGap, margin, head) = (66.0, 40.0, 24.0, 44.0)
  private static let lineColor: Drawing.Color = 0x9CA3AF

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
    let colors: (Drawing.Color, Drawing.Color) =
      isInput
      ? (0xECFDF5, 0x10B981)
      : inner != nil
        ? (0xF5F3FF, 0x8B5CF6) : count > 0 ? (0xEFF6FF, 0x3B82F6) : (0xF9FAFB, 0x9CA3AF)
    return Box(
      title: type(of: layer).className, name: layer.name + inside, figures: shapes + weights,
      fill: colors.0, stroke: colors.1)
  }

  func drawing() -> Drawing {
    let head = Drawing.width(of: title, size: 15) * 1.1
    let width = max(layout.width, head) + 2 * Self.margin
    let left = (width - layout.width) / 2
    let rows = Double(layout.rowCount)
    var drawing = Drawing(
      width: width,
      height: Self.head + rows * Self.boxHeight + (rows - 1) * Self.rowGap + Self.margin,
      title: title)
    drawing.text(title, at: [Self.margin, 28], size: 15, color: 0x111827, isBold: true)
    for (edge, route) in zip(edges, layout.routes) {
      draw([edge.from] + route + [edge.to], left, on: &drawing)
    }
    for (place, box) in boxes.enumerated() { draw(box, place, left, on: &drawing) }
    return drawing
  }

  private func top(_ item: Int) -> Double {
    Self.head + Double(layout.rows[item]) * (Self.boxHeight + Self.rowGap)
  }

  /// Draws an arrow: bent between rows, straight down beside the boxes of a row.
  private func draw(_ way: [Int], _ left: Double, on drawing: inout Drawing) {
    let xs = way.map { left + layout.middles[$0] }
    var path = [Drawing.Step.move([xs[0], top(way[0]) + Self.boxHeight])]
    for place in 1..<way.count {
      let isLast = place == way.count - 1
      let start = top(way[place - 1]) + Self.boxHeight
      let end = top(way[place]) - (isLast ? 6 : 0)
      let middle = (start + end) / 2
      path.append(.curve([xs[place - 1], middle], [xs[place], middle], [xs[place], end]))
      if !isLast { path.append(.line([xs[place], top(way[place]) + Self.boxHeight])) }
    }
    drawing.path(path, stroke: Self.lineColor, width: 1.5)
    let tip = Drawing.Point(xs[way.count - 1], top(way[way.count - 1]))
    drawing.polygon([tip + [-4, -7], tip + [4, -7], tip], fill: Self.lineColor)
  }

  private func draw(_ box: Box, _ item: Int, _ left: Double, on drawing: inout Drawing) {
    let head = Drawing.Point(left + layout.middles[item], top(item))
    drawing.rectangle(
      at: head - [box.width / 2, 0], size: [box.width, Self.boxHeight], fill: box.fill,
      stroke: box.stroke, radius: 8)
    drawing.text(
      box.title, at: head + [0, 21], size: 13, color: 0x111827, anchor: .middle, isBold: true)
    drawing.text(box.name, at: head + [0, 38], color: 0x6B7280, anchor: .middle)
    drawing.text(box.figures, at: head + [0, 56], anchor: .middle)
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
