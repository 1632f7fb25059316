extension [Double] {
  /// The sum divided by the count; nil of nothing.
  var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }

  /// The middle value, or the mean of the two in the middle; nil of nothing.
  var median: Double? {
    if isEmpty { return nil }
    let ordered = sorted()
    let middle = ordered[count / 2]
    return count % 2 == 1 ? middle : (ordered[count / 2 - 1] + middle) / 2
  }

  /// The square root of the mean squared distance to the mean; nil of nothing.
  var standardDeviation: Double? {
    guard let mean else { return nil }
    return map { ($0 - mean) * ($0 - mean) }.mean?.squareRoot()
  }
}

extension Array where Element: Hashable & Comparable {
  /// The most frequent value; of equally frequent ones the smallest; nil of nothing.
  var mode: Element? {
    let counts = reduce(into: [:]) { $0[$1, default: 0] += 1 }
    return counts.min { ($0.value, $1.key) > ($1.value, $0.key) }?.key
  }
}

extension Table {
  /// The numbers of a column, missing ones left out; truth values are 0 and 1.
  ///
  /// - Throws: `TableError` with the line of the first text.
  func presentNumbers(_ column: Column) throws -> [Double] {
    try (0..<rowCount).compactMap { row in
      if case .text(let text) = column[row] { throw notANumber(text, column, row) }
      return column[row].number
    }
  }

  func notANumber(_ text: String, _ column: Column, _ row: Int) -> TableError {
    TableError(
      .wrongType, source, line: lines[row], column: column.name, expected: "a number",
      found: "'\(text)'",
      hint: "turn texts into numbers with CategoryEncoder, or drop the column")
  }
}
