extension ConfusionMatrix {
  /// The matrix as a drawing: the darker a cell, the larger its part of the row's samples.
  ///
  /// ```swift
  /// try writeFile("confusion.svg", matrix.drawing().svg())
  /// ```
  public func drawing(title: String = "Confusion matrix") -> Drawing {
    ConfusionMatrixDrawing(self, title: title).drawing()
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
    cell = max(40, Drawing.width(of: String(longest), size: 13) + 18)
    let name = matrix.names.map { Drawing.width(of: $0, size: 12) }.max() ?? 0
    isTurned = name > cell - 6
    left = Self.margin + 28 + name + 10
    top = 76 + (isTurned ? name * 0.75 + 16 : 20)
  }

  private var subtitle: String {
    "accuracy \((matrix.accuracy * 100).fixed(2)) % of \(matrix.sampleCount) samples"
  }

  func drawing() -> Drawing {
    let size = Double(matrix.names.count) * cell
    // The last turned name leans out to the right.
    let lean = isTurned ? max(0, top - 92 - cell / 2) : 0
    let head = max(Drawing.width(of: title, size: 17) * 1.1, Drawing.width(of: subtitle, size: 12))
    var drawing = Drawing(
      width: max(head + 2 * Self.margin, left + size + lean + Self.margin),
      height: top + size + Self.margin + 20, title: title)
    drawing.text(title, at: [Self.margin, 30], size: 17, color: 0x111827, isBold: true)
    drawing.text(subtitle, at: [Self.margin, 50], color: 0x6B7280)
    drawing.text(
      "prediction", at: [left + size / 2, top + size + 24], size: 13, anchor: .middle, isBold: true)
    drawing.text(
      "truth", at: [Self.margin + 10, top + size / 2], size: 13, anchor: .middle, isBold: true,
      rotation: -90)
    for (number, name) in matrix.names.enumerated() {
      let place = (Double(number) + 0.5) * cell
      drawing.text(name, at: [left - 10, top + place + 4], anchor: .end)
      drawing.text(
        name, at: [left + place, top - 10], anchor: isTurned ? .start : .middle,
        rotation: isTurned ? -45 : 0)
    }
    for row in matrix.counts.indices { draw(row, on: &drawing) }
    return drawing
  }

  private func draw(_ row: Int, on drawing: inout Drawing) {
    let total = Double(max(1, matrix.counts[row].reduce(0, +)))
    for (column, count) in matrix.counts[row].enumerated() {
      // A root lets the few mistakes of a good classifier be seen.
      let share = Double(count) / total
      let strength = row == column ? share : share.squareRoot()
      let corner = Drawing.Point(left + Double(column) * cell, top + Double(row) * cell)
      drawing.rectangle(
        at: corner + 1, size: [cell - 2, cell - 2],
        fill: Self.color(strength, isRight: row == column), radius: 4)
      drawing.text(
        "\(count)", at: corner + [cell / 2, cell / 2 + 5], size: 13,
        color: strength > 0.55 ? 0xFFFFFF : count == 0 ? 0x9CA3AF : 0x111827, anchor: .middle)
    }
  }

  /// From near white to blue where the answer is right, to red where it is wrong.
  private static func color(_ strength: Double, isRight: Bool) -> Drawing.Color {
    let none: Drawing.Color = 0xF6F6F6
    return none.mixed(with: isRight ? 0x1D4ED8 : 0xB91C1C, strength)
  }
}
