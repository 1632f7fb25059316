extension ConfusionMatrix {
  /// The matrix as a picture in SVG: the darker a cell, the larger its part of the row's samples.
  ///
  /// ```swift
  /// try writeFile("confusion.svg", matrix.svg())
  /// ```
  public func svg(title: String = "Confusion matrix") -> String {
    ConfusionMatrixDrawing(self, title: title).text()
  }
}

private struct ConfusionMatrixDrawing {
  private let matrix: ConfusionMatrix
  private let title: String
  private let cell: Double
  private let left: Double
  private let top: Double
  private let isTurned: Bool

  private static let margin = 24.0

  init(_ matrix: ConfusionMatrix, title: String) {
    (self.matrix, self.title) = (matrix, title)
    let longest = matrix.counts.joined().max() ?? 0
    cell = max(40, SVGDrawing.width(of: String(longest), size: 13) + 18)
    let name = matrix.names.map { SVGDrawing.width(of: $0, size: 12) }.max() ?? 0
    isTurned = name > cell - 6
    left = Self.margin + 28 + name + 10
    top = 76 + (isTurned ? name * 0.75 + 16 : 20)
  }

  private var subtitle: String {
    "accuracy \((matrix.accuracy * 100).fixed(2)) % of \(matrix.sampleCount) samples"
  }

  func text() -> String {
    let size = Double(matrix.names.count) * cell
    // The last turned name leans out to the right.
    let lean = isTurned ? max(0, top - 92 - cell / 2) : 0
    let head = max(
      SVGDrawing.width(of: title, size: 17) * 1.1, SVGDrawing.width(of: subtitle, size: 12))
    var drawing = SVGDrawing(
      width: max(head + 2 * Self.margin, left + size + lean + Self.margin),
      height: top + size + Self.margin + 20)
    drawing.text(title, x: Self.margin, y: 30, size: 17, color: "#111827", isBold: true)
    drawing.text(subtitle, x: Self.margin, y: 50, color: "#6b7280")
    drawing.text(
      "prediction", x: left + size / 2, y: top + size + 24, size: 13, anchor: .middle, isBold: true)
    drawing.text(
      "truth", x: Self.margin + 10, y: top + size / 2, size: 13, anchor: .middle, isBold: true,
      rotation: -90)
    for (number, name) in matrix.names.enumerated() {
      let place = (Double(number) + 0.5) * cell
      drawing.text(name, x: left - 10, y: top + place + 4, anchor: .end)
      drawing.text(
        name, x: left + place, y: top - 10, anchor: isTurned ? .start : .middle,
        rotation: isTurned ? -45 : nil)
    }
    for row in matrix.counts.indices { draw(row, on: &drawing) }
    return drawing.text(title: title)
  }

  private func draw(_ row: Int, on drawing: inout SVGDrawing) {
    let total = Double(max(1, matrix.counts[row].reduce(0, +)))
    for (column, count) in matrix.counts[row].enumerated() {
      // A root lets the few mistakes of a good classifier be seen.
      let share = Double(count) / total
      let strength = row == column ? share : share.squareRoot()
      let (x, y) = (left + Double(column) * cell, top + Double(row) * cell)
      drawing.rectangle(
        x: x + 1, y: y + 1, width: cell - 2, height: cell - 2,
        fill: Self.color(strength, isRight: row == column), radius: 4)
      drawing.text(
        "\(count)", x: x + cell / 2, y: y + cell / 2 + 5, size: 13,
        color: strength > 0.55 ? "#ffffff" : count == 0 ? "#9ca3af" : "#111827", anchor: .middle)
    }
  }

  /// From near white to blue where the answer is right, to red where it is wrong.
  private static func color(_ strength: Double, isRight: Bool) -> String {
    let full: [Double] = isRight ? [29, 78, 216] : [185, 28, 28]
    let parts = full.map { Int((246 + ($0 - 246) * strength).rounded()) }
    return "rgb(\(parts[0]),\(parts[1]),\(parts[2]))"
  }
}
