extension History {
  /// The learning curves as a drawing: a chart for each figure, validation beside training.
  ///
  /// ```swift
  /// try writeFile("curves.svg", history.drawing(title: "digits").svg())
  /// ```
  public func drawing(title: String = "Learning curves") -> Drawing {
    LearningCurvesDrawing(LearningCurves(self), title: title).drawing()
  }
}

private struct LearningCurvesDrawing {
  let curves: LearningCurves
  let title: String

  private static let (width, height) = (460.0, 320.0)
  private static let (left, top, right, bottom) = (70.0, 62.0, 22.0, 50.0)
  private static let head = 40.0
  private static let colors: [Drawing.Color] = [0x2563EB, 0xDB2777]
  private static let grey: Drawing.Color = 0x6B7280
  private static let axisColor: Drawing.Color = 0x9CA3AF

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

  func drawing() -> Drawing {
    let rows = max(1, (curves.charts.count + columns - 1) / columns)
    var drawing = Drawing(
      width: max(Self.width * Double(columns), 40 + Drawing.width(of: title, size: 17) * 1.1),
      height: Self.head + Self.height * Double(rows), title: title)
    drawing.text(title, at: [20, 28], size: 17, color: 0x111827, isBold: true)
    if curves.charts.isEmpty { drawing.text("no epochs", at: [20, 80], color: Self.grey) }
    for (place, chart) in curves.charts.enumerated() {
      let panel = Panel(
        x: Double(place % columns) * Self.width,
        y: Self.head + Double(place / columns) * Self.height,
        values: RoundTicks(chart.range, count: 5), epochs: curves.epochs)
      panel.drawAxes(epochTicks, on: &drawing)
      panel.draw(chart, on: &drawing)
    }
    return drawing
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

    func drawAxes(_ epochTicks: RoundTicks, on drawing: inout Drawing) {
      for tick in values.ticks {
        let y = vertical(tick.value)
        drawing.line(from: [left, y], to: [right, y], stroke: 0xE5E7EB)
        drawing.text(tick.label, at: [left - 8, y + 4], size: 11, color: grey, anchor: .end)
      }
      // The first epoch is a tick of its own; round ones beside it would touch its label.
      let first = Double(epochs.lowerBound)
      let step = epochTicks.ticks[1].value - epochTicks.ticks[0].value
      let round = epochTicks.ticks.filter {
        $0.value >= first + step * 0.4 && $0.value <= Double(epochs.upperBound)
      }
      for (value, label) in [(first, "\(epochs.lowerBound)")] + round {
        let x = horizontal(value)
        drawing.line(from: [x, bottom], to: [x, bottom + 5], stroke: axisColor)
        drawing.text(label, at: [x, bottom + 19], size: 11, color: grey, anchor: .middle)
      }
      drawing.line(from: [left, bottom], to: [right, bottom], stroke: axisColor)
      drawing.text(
        "epoch", at: [(left + right) / 2, bottom + 38], color: grey, anchor: .middle)
    }

    func draw(_ chart: LearningCurves.Chart, on drawing: inout Drawing) {
      drawing.text(chart.title, at: [left, y + 22], size: 14, color: 0x111827, isBold: true)
      var legend = left
      for curve in chart.curves {
        let isValidation = curve.name != chart.title
        let color = colors[isValidation ? 1 : 0]
        let name = isValidation ? "validation" : "training"
        drawing.line(
          from: [legend, y + 42], to: [legend + 22, y + 42], stroke: color, width: 2,
          isDashed: isValidation)
        drawing.text(name, at: [legend + 28, y + 46])
        legend += 52 + Drawing.width(of: name, size: 12)
        draw(curve, color: color, isDashed: isValidation, on: &drawing)
      }
    }

    /// Draws the curve with gaps where values are not finite.
    private func draw(
      _ curve: LearningCurves.Curve, color: Drawing.Color, isDashed: Bool, on drawing: inout Drawing
    ) {
      let parts = curve.points.split { !$0.value.isFinite }
      for part in parts {
        let places = part.map {
          Drawing.Point(horizontal(Double($0.epoch)), vertical($0.value))
        }
        if places.count > 1 {
          drawing.polyline(places, stroke: color, width: 2, isDashed: isDashed)
        }
        // Few values are told apart by dots.
        if places.count == 1 || curve.points.count <= 12 {
          for place in places { drawing.circle(at: place, radius: 3, fill: color) }
        }
      }
    }
  }
}
