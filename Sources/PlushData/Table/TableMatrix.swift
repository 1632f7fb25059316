extension Table {
  /// The columns as one row-major matrix of floats; truth values are 0 and 1.
  ///
  /// - Parameter names: the columns in order; all if left out.
  /// - Returns: the values, and the shape, which is rows and columns.
  /// - Throws: `TableError` with the line and column of the first text or missing value.
  public func matrix(_ names: [String]? = nil) throws -> (values: [Float], shape: [Int]) {
    let columns = try names.map { try $0.map(column) } ?? columns
    var values = [Float](repeating: 0, count: rowCount * columns.count)
    for (place, column) in columns.enumerated() {
      for row in 0..<rowCount {
        values[row * columns.count + place] = Float(try number(column, row))
      }
    }
    return (values, [rowCount, columns.count])
  }

  /// The values of a column as numbers; truth values are 0 and 1.
  ///
  /// - Throws: `TableError` with the line of the first text or missing value.
  public func numbers(_ name: String) throws -> [Double] {
    let column = try column(name)
    return try (0..<rowCount).map { try number(column, $0) }
  }

  /// The values of a column as texts.
  ///
  /// - Throws: `TableError` with the line of the first missing value.
  public func texts(_ name: String) throws -> [String] {
    let column = try column(name)
    return try (0..<rowCount).map { row in
      guard let text = column[row].text else { throw missing(column, row, expected: "a text") }
      return text
    }
  }

  private func number(_ column: Column, _ row: Int) throws -> Double {
    if let number = column[row].number { return number }
    if case .text(let text) = column[row] { throw notANumber(text, column, row) }
    throw missing(column, row, expected: "a number")
  }

  private func missing(_ column: Column, _ row: Int, expected: String) -> TableError {
    TableError(
      .missingValue, source, line: lines[row], column: column.name, expected: expected,
      found: "a missing value", hint: "fill missing values with Imputer, or filter them out")
  }
}
