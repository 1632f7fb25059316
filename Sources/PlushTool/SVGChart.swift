import Plush

/// The curves of a training as a picture.
struct SVGChart {
  private let curves: LearningCurves
  private let title: String

  init(_ curves: LearningCurves, title: String) {
    self.curves = curves
    self.title = title
  }

  private static let (width, height) = (440.0, 300.0)
  private static let (left, top, right, bottom) = (58.0, 56.0, 18.0, 44.0)
  private static let colors = ["#2563eb", "#db2777"]

  /// The text of the file.
  func text() -> String {
    let count = Double(max(1, curves.charts.count))
    let size = "width=\"\(Int(Self.width * count))\" height=\"\(Int(Self.height))\""
    let box = "viewBox=\"0 0 \(Int(Self.width * count)) \(Int(Self.height))\""
    let panels = curves.charts.enumerated().map { panel($0.element, Double($0.offset)) }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" \(size) \(box) font-family="sans-serif">
      <rect width="100%" height="100%" fill="white"/>
      <text x="16" y="22" font-size="15" font-weight="bold" fill="#111">\(title)</text>
      \(panels.joined(separator: "\n"))
      </svg>

      """
  }

  private func panel(_ chart: LearningCurves.Chart, _ place: Double) -> String {
    let parts =
      grid(chart) + chart.curves.enumerated().flatMap { curve($0.element, $0.offset, chart) }
    return """
      <g transform="translate(\(place * Self.width) 0)">
      \(parts.joined(separator: "\n"))
      </g>
      """
  }

  private func grid(_ chart: LearningCurves.Chart) -> [String] {
    let (x0, x1) = (Self.left, Self.width - Self.right)
    let lines = (0...4).map { step -> String in
      let range = chart.range
      let value = range.lowerBound + (range.upperBound - range.lowerBound) * Double(step) / 4
      let y = vertical(value, range).short
      let label = "text x=\"\(x0 - 6)\" y=\"\(y)\" dy=\"4\" text-anchor=\"end\" font-size=\"11\""
      return """
        <line x1="\(x0)" y1="\(y)" x2="\(x1)" y2="\(y)" stroke="#e5e7eb"/>
        <\(label) fill="#555">\(value.short)</text>
        """
    }
    let y = Self.height - 16
    let axis = "font-size=\"11\" fill=\"#555\""
    return lines + [
      "<text x=\"\(x0)\" y=\"\(y)\" \(axis)>epoch 1</text>",
      "<text x=\"\(x1)\" y=\"\(y)\" text-anchor=\"end\" \(axis)>\(curves.epochs)</text>",
    ]
  }

  private func curve(
    _ curve: (name: String, values: [Double]), _ number: Int, _ chart: LearningCurves.Chart
  ) -> [String] {
    let color = Self.colors[number % Self.colors.count]
    let span = Self.width - Self.left - Self.right
    let points = curve.values.enumerated().filter { $0.element.isFinite }.map { place, value in
      let x = Self.left + span * Double(place) / Double(max(1, curve.values.count - 1))
      return "\(x.short),\(vertical(value, chart.range).short)"
    }
    let x = Self.left + Double(number) * 130
    return [
      "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" "
        + "stroke-width=\"2\" stroke-linejoin=\"round\"/>",
      "<text x=\"\(x)\" y=\"44\" font-size=\"12\" fill=\"\(color)\">\(curve.name)</text>",
    ]
  }

  private func vertical(_ value: Double, _ range: ClosedRange<Double>) -> Double {
    let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    return Self.height - Self.bottom - share * (Self.height - Self.top - Self.bottom)
  }
}
