/// Cells in columns as wide as their widest cell.
struct TextTable {
  /// The rows, the titles of the columns first.
  let rows: [[String]]
  /// Which columns hold texts, which begin at the left; numbers end at the right.
  var textColumns: Set<Int> = [0]

  var description: String {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        textColumns.contains(column)
          ? cell.padded(to: widths[column]) : cell.leftPadded(to: widths[column])
      }
      return cells.joined(separator: "  ").trimmingEnd
    }.joined(separator: "\n")
  }
}

extension String {
  /// The text with spaces at its end up to a width.
  package func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  /// The text with spaces before it up to a width.
  package func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }

  fileprivate var trimmingEnd: String {
    String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)])
  }
}

extension Double {
  /// The number with so many digits after the point.
  func fixed(_ digits: Int) -> String {
    guard isFinite, magnitude < 1e15 else { return "\(self)" }
    let power = (0..<digits).reduce(1) { power, _ in power * 10 }
    let scaled = Int((magnitude * Double(power)).rounded(.toNearestOrEven))
    let sign = self < 0 && scaled > 0 ? "-" : ""
    let fraction = String(scaled % power)
    let zeros = String(repeating: "0", count: max(0, digits - fraction.count))
    return digits == 0 ? "\(sign)\(scaled)" : "\(sign)\(scaled / power).\(zeros)\(fraction)"
  }
}
