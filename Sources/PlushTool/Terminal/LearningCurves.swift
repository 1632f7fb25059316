import Plush

/// The curves of a training: losses in one chart, accuracies and their like in another.
struct LearningCurves {
  /// A chart of some curves.
  struct Chart {
    let title: String
    let curves: [(name: String, values: [Double])]

    /// From the smallest to the largest value; from zero if all are the same.
    var range: ClosedRange<Double> {
      let values = curves.flatMap(\.values).filter(\.isFinite)
      let (low, high) = (values.min() ?? 0, values.max() ?? 1)
      if low < high { return low...high }
      return low == 0 ? 0...1 : min(0, low)...max(0, low)
    }
  }

  let epochs: Int
  let charts: [Chart]

  init(_ history: History) {
    epochs = history.epochs.count
    let titles = history.names.map { $0.hasPrefix("val_") ? String($0.dropFirst(4)) : $0 }
    var seen: Set<String> = []
    charts = titles.filter { seen.insert($0).inserted }.map { title in
      let names = [title, "val_\(title)"].filter(history.names.contains)
      return Chart(title: title, curves: names.map { ($0, history[$0]) })
    }
  }

  /// Draws the charts beside each other, or below each other on a narrow terminal.
  func draw(_ style: Style, width: Int) -> String {
    guard epochs > 1 else { return "" }
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
