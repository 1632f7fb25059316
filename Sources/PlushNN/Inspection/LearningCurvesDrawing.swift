extension History {
  /// The learning curves as a picture in SVG: a chart for each figure, validation beside training.
  ///
  /// ```swift
  /// try writeFile("curves.svg", history.svg(title: "digits"))
  /// ```
  public func svg(title: String = "Learning curves") -> String {
    LearningCurvesDrawing(LearningCurves(self), title: title).text()
  }
}

private struct LearningCurvesDrawing {
  let curves: LearningCurves
  let title: String

  private static let (width, height) = (460.0, 320.0)
  private static let (left, top, right, bottom) = (70.0, 62.0, 22.0, 50.0)
  private static let head = 40.0
  private static let colors = ["#2563eb", "#db2777"]
  private static let grey = "#6b7280"

  private let columns: Int
  private let epochTicks: RoundTicks

  init(_ curves: LearningCurves, title: String) {
    (self.curves, self.title) = (curves, title)
    let count = curves.charts.count
    columns = count <= 3 ? max(1, count) : count == 4 ? 2 : 3
    let epochs = curves.epochs
    epochTicks = RoundTicks(
      Double(epochs.lowerBound)...Double(epochs.upperBound), count: 6, isWhole: true)
  }

  func text() -> String {
    let rows = max(1, (curves.charts.count + columns - 1) / columns)
    var drawing = SVGDrawing(
      width: max(
        Self.width * Double(columns), 40 + SVGDrawing.width(of: title, size: 17) * 1.1),
      height: Self.head + Self.height * Double(rows))
    drawing.text(title, x: 20, y: 28, size: 17, color: "#111827", isBold: true)
    if curves.charts.isEmpty { drawing.text("no epochs", x: 20, y: 80, color: Self.grey) }
    for (place, chart) in curves.charts.enumerated() {
      let panel = Panel(
        x: Double(place % columns) * Self.width,
        y: Self.head + Double(place / columns) * Self.height,
        values: RoundTicks(chart.range, count: 5), epochs: curves.epochs)
      panel.drawAxes(epochTicks, on: &drawing)
      panel.draw(chart, on: &drawing)
    }
    return drawing.text(title: title)
  }

  /// A chart in its place.
  private struct Panel {
    let x: Double
    let y: Double
    let values: RoundTicks
    let epochs: ClosedRange<Int>

    private var left: Double { x + LearningCurvesDrawing.left }
    private var right: Double { x + width - LearningCurvesDrawing.right }
    private var top: Double { y + LearningCurvesDrawing.top }
    private var bottom: Double { y + height - LearningCurvesDrawing.bottom }

    private func horizontal(_ epoch: Double) -> Double {
      let span = Double(epochs.upperBound - epochs.lowerBound)
      if span == 0 { return (left + right) / 2 }
      return left + (right - left) * (epoch - Double(epochs.lowerBound)) / span
    }

    private func vertical(_ value: Double) -> Double {
      let (low, high) = (values.range.lowerBound, values.range.upperBound)
      return bottom - (bottom - top) * (value - low) / (high - low)
    }

    func drawAxes(_ epochTicks: RoundTicks, on drawing: inout SVGDrawing) {
      for tick in values.ticks {
        let y = vertical(tick.value)
        drawing.line(x1: left, y1: y, x2: right, y2: y, stroke: "#e5e7eb")
        drawing.text(tick.label, x: left - 8, y: y + 4, size: 11, color: grey, anchor: .end)
      }
      // The first epoch is a tick of its own; round ones beside it would touch its label.
      let first = Double(epochs.lowerBound)
      let step = epochTicks.ticks[1].value - epochTicks.ticks[0].value
      let round = epochTicks.ticks.filter {
        $0.value >= first + step * 0.4 && $0.value <= Double(epochs.upperBound)
      }
      for (value, label) in [(first, "\(epochs.lowerBound)")] + round {
        let x = horizontal(value)
        drawing.line(x1: x, y1: bottom, x2: x, y2: bottom + 5, stroke: "#9ca3af")
        drawing.text(label, x: x, y: bottom + 19, size: 11, color: grey, anchor: .middle)
      }
      drawing.line(x1: left, y1: bottom, x2: right, y2: bottom, stroke: "#9ca3af")
      drawing.text(
        "epoch", x: (left + right) / 2, y: bottom + 38, size: 12, color: grey, anchor: .middle)
    }

    func draw(_ chart: LearningCurves.Chart, on drawing: inout SVGDrawing) {
      drawing.text(chart.title, x: left, y: y + 22, size: 14, color: "#111827", isBold: true)
      var legend = left
      for curve in chart.curves {
        let isValidation = curve.name != chart.title
        let color = colors[isValidation ? 1 : 0]
        let name = isValidation ? "validation" : "training"
        drawing.path(
          "M\(legend.svg) \((y + 42).svg)h22", stroke: color, width: 2, isDashed: isValidation)
        drawing.text(name, x: legend + 28, y: y + 46, size: 12)
        legend += 52 + SVGDrawing.width(of: name, size: 12)
        draw(curve, color: color, isDashed: isValidation, on: &drawing)
      }
    }

    /// Draws the curve with gaps where values are not finite.
    private func draw(
      _ curve: LearningCurves.Curve, color: String, isDashed: Bool, on drawing: inout SVGDrawing
    ) {
      let parts = curve.points.split { !$0.value.isFinite }
      for part in parts {
        let places = part.map { (x: horizontal(Double($0.epoch)), y: vertical($0.value)) }
        if places.count > 1 {
          let path = "M" + places.map { "\($0.x.svg) \($0.y.svg)" }.joined(separator: "L")
          drawing.path(path, stroke: color, width: 2, isDashed: isDashed)
        }
        // Few values are told apart by dots.
        if places.count == 1 || curve.points.count <= 12 {
          for place in places { drawing.circle(x: place.x, y: place.y, radius: 3, fill: color) }
        }
      }
    }
  }
}
