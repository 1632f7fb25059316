import Plush

extension LearningCurves {
  /// Draws the charts beside each other, or below each other on a narrow terminal.
  func draw(_ style: Style, width: Int) -> String {
    guard epochs.count > 1 else { return "" }
    let chosen = charts.prefix(2)
    let isWide = width >= 84 && chosen.count == 2
    let chartWidth = isWide ? min(48, (width - 28) / 2) : min(60, width - 12)
    let blocks = chosen.map { Self.block($0, style, width: chartWidth) }
    guard isWide, blocks.count == 2 else { return blocks.joined().map { $0 + "\n" }.joined() }
    return zip(blocks[0], blocks[1]).map { "\($0)   \($1)\n" }.joined()
  }

  private static let labelWidth = 9

  private static func block(_ chart: Chart, _ style: Style, width: Int) -> [String] {
    var drawing = BrailleChart(width: width, height: 7)
    for (curve, entry) in chart.curves.enumerated().reversed() {
      drawing.draw(entry.values, in: chart.range, curve: curve)
    }
    let colors = [style.cyan, style.magenta]
    let names = chart.curves.enumerated().map { colors[$0.offset % 2]($0.element.name) }
    let plain = chart.curves.map(\.name).joined(separator: "  ").count
    let head =
      String(repeating: " ", count: labelWidth) + names.joined(separator: "  ")
      + String(repeating: " ", count: max(0, width - plain))
    let lines = drawing.lines { colors[$1 % 2]($0) }
    return [head]
      + lines.enumerated().map { row, line in
        let label =
          row == 0
          ? chart.range.upperBound.short
          : row == lines.count - 1 ? chart.range.lowerBound.short : ""
        return style.dim(label.leftPadded(to: labelWidth - 2)) + style.dim(" ┤") + line
      }
  }
}
