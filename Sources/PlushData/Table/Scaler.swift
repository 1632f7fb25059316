/// Brings columns of numbers to a common range, by the values of the training rows.
public struct Scaler: Sendable, Hashable, Codable {
  /// The range to bring the values to.
  public enum Method: String, Sendable, Codable {
    /// Mean 0 and standard deviation 1.
    case standard
    /// From 0 to 1.
    case minMax
  }

  /// How one column is scaled: `(value - offset) / scale`.
  public struct Scale: Sendable, Hashable, Codable {
    /// The column.
    public let column: String
    /// What is subtracted.
    public let offset: Double
    /// What is divided by; 1 for a column of equal values.
    public let scale: Double
  }

  /// How each column is scaled.
  public let scales: [Scale]

  /// Learns offsets and scales from the training rows.
  ///
  /// - Throws: `TableError` if a column is unknown, has texts or has no value.
  public init(_ method: Method, fitting table: Table, _ columns: String...) throws {
    try self.init(method, fitting: table, columns)
  }

  /// Learns offsets and scales from the training rows.
  ///
  /// - Throws: `TableError` if a column is unknown, has texts or has no value.
  public init(_ method: Method, fitting table: Table, _ columns: [String]) throws {
    scales = try columns.map { try Self.scale(of: table.column($0), method, table) }
  }

  /// The table with the columns scaled; missing values stay missing.
  ///
  /// - Throws: `TableError` if a column is unknown or has texts.
  public func apply(to table: Table) throws -> Table {
    try map(table) { ($0 - $1.offset) / $1.scale }
  }

  /// The table with scaled columns brought back to their first range.
  ///
  /// - Throws: `TableError` if a column is unknown or has texts.
  public func invert(_ table: Table) throws -> Table {
    try map(table) { $0 * $1.scale + $1.offset }
  }

  private func map(_ table: Table, _ change: (Double, Scale) -> Double) throws -> Table {
    try scales.reduce(table) { table, scale in
      let column = try table.column(scale.column)
      _ = try table.presentNumbers(column)
      let values = (0..<column.count).map { row in
        column[row].number.map { change($0, scale) }
      }
      return try table.replace(column.name, with: [Column(column.name, .numbers(values))])
    }
  }

  private static func scale(
    of column: Column, _ method: Method, _ table: Table
  ) throws -> Scale {
    let numbers = try table.presentNumbers(column)
    guard let mean = numbers.mean, let deviation = numbers.standardDeviation,
      let low = numbers.min(), let high = numbers.max()
    else {
      throw TableError(
        .missingValue, table.source, column: column.name, expected: "at least one value",
        found: "only missing ones", hint: "drop the column")
    }
    let (offset, scale) = method == .standard ? (mean, deviation) : (low, high - low)
    return Scale(column: column.name, offset: offset, scale: low < high ? scale : 1)
  }
}
