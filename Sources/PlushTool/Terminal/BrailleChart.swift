/// Curves drawn with dots of Braille, two by four in a character.
struct BrailleChart {
  private let width: Int
  private let height: Int
  private var dots: [UInt8]
  private var owners: [Int?]

  /// Creates an empty chart of so many characters.
  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    dots = Array(repeating: 0, count: width * height)
    owners = Array(repeating: nil, count: width * height)
  }

  /// Draws a curve whose values lie in a range; its number decides the colour.
  mutating func draw(_ values: [Double], in range: ClosedRange<Double>, curve: Int) {
    guard !values.isEmpty else { return }
    let (columns, rows) = (width * 2, height * 4)
    var previous: Int?
    for column in 0..<columns {
      let place = Double(column) / Double(max(1, columns - 1)) * Double(values.count - 1)
      let (low, share) = (Int(place), place - place.rounded(.down))
      let next = values[min(low + 1, values.count - 1)]
      let value = values[low] + (next - values[low]) * share
      guard value.isFinite else { continue }
      let span = max(range.upperBound - range.lowerBound, .leastNormalMagnitude)
      let height = (value - range.lowerBound) / span
      let row = rows - 1 - Int((min(1, max(0, height)) * Double(rows - 1)).rounded())
      // A steep curve fills the column between its dots.
      for between in min(row, previous ?? row)...max(row, previous ?? row) {
        set(column, between, curve)
      }
      previous = row
    }
  }

  private mutating func set(_ column: Int, _ row: Int, _ curve: Int) {
    let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    let cell = row / 4 * width + column / 2
    dots[cell] |= bits[row % 4][column % 2]
    owners[cell] = curve
  }

  /// The lines of the chart; `color` is given the number of the curve that a character shows.
  func lines(color: (String, Int) -> String) -> [String] {
    (0..<height).map { row in
      (0..<width).map { column in
        let cell = row * width + column
        guard let owner = owners[cell] else { return " " }
        return color(String(UnicodeScalar(0x2800 + UInt32(dots[cell])) ?? " "), owner)
      }.joined()
    }
  }
}
