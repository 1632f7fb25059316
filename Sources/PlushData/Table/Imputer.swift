/// Fills missing values with what the training rows suggest.
public struct Imputer: Sendable, Hashable, Codable {
  /// What to fill in.
  public enum Strategy: Sendable, Hashable {
    /// The mean of a column of numbers.
    case mean
    /// The median of a column of numbers.
    case median
    /// The most frequent value; of equally frequent ones the smallest.
    case mode
    /// This number.
    case number(Double)
    /// This text.
    case text(String)
  }

  /// For each column what stands for a missing value.
  public let fillings: [Filling]

  /// What stands for a missing value of one column.
  public struct Filling: Sendable, Hashable, Codable {
    /// The column.
    public let column: String
    /// The number, for a column of numbers or truth values.
    public let number: Double?
    /// The text, for a column of texts.
    public let text: String?
  }

  /// Learns the fillings from the training rows.
  ///
  /// - Throws: `TableError` if a column is unknown, of the wrong type or without any value.
  public init(_ strategy: Strategy, fitting table: Table, _ columns: String...) throws {
    fillings = try columns.map { try Self.filling(of: table.column($0), strategy, table) }
  }

  /// The table with the missing values of the columns filled.
  ///
  /// - Throws: `TableError` if a column is unknown or of another type than in training.
  public func apply(to table: Table) throws -> Table {
    try fillings.reduce(table) { table, filling in
      let column = try table.column(filling.column)
      return try table.replace(column.name, with: [try filling.fill(column, of: table)])
    }
  }

  private static func filling(
    of column: Column, _ strategy: Strategy, _ table: Table
  ) throws -> Filling {
    if case .text(let text) = strategy {
      return Filling(column: column.name, number: nil, text: text)
    }
    if case .number(let number) = strategy {
      return Filling(column: column.name, number: number, text: nil)
    }
    if case (.mode, .texts(let values)) = (strategy, column.values) {
      let text = try some(values.compactMap(\.self).mode, column, table)
      return Filling(column: column.name, number: nil, text: text)
    }
    let numbers = try table.presentNumbers(column)
    let number =
      switch strategy {
      case .mean: numbers.mean
      case .median: numbers.median
      default: numbers.mode
      }
    return Filling(column: column.name, number: try some(number, column, table), text: nil)
  }

  private static func some<Result>(
    _ value: Result?, _ column: Column, _ table: Table
  ) throws -> Result {
    if let value { return value }
    throw TableError(
      .missingValue, table.source, column: column.name, expected: "at least one value",
      found: "only missing ones", hint: "fill with a constant or drop the column")
  }
}

extension Imputer.Filling {
  fileprivate func fill(_ column: Column, of table: Table) throws -> Column {
    switch (column.values, number, text) {
    case (.texts(let values), _, let text?):
      return Column(column.name, .texts(values.map { $0 ?? text }))
    case (.integers(let values), let number?, _):
      if let whole = Int(exactly: number) {
        return Column(column.name, .integers(values.map { $0 ?? whole }))
      }
      return Column(column.name, .numbers(values.map { $0.map(Double.init) ?? number }))
    case (.numbers(let values), let number?, _):
      return Column(column.name, .numbers(values.map { $0 ?? number }))
    case (.booleans(let values), let number?, _) where number == 0 || number == 1:
      return Column(column.name, .booleans(values.map { $0 ?? (number == 1) }))
    default:
      let filling = text.map { "'\($0)'" } ?? number.map { "\($0)" } ?? "nothing"
      throw TableError(
        .wrongType, table.source, column: column.name,
        expected: "values that \(filling) can stand beside", found: "\(column.typeName) values")
    }
  }
}
