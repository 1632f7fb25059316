/// Rows and named columns, each column of one type.
///
/// A table is a value: `select`, `filter`, `split` and the rest give new tables. Every row
/// remembers its line in the file it came from, so that errors can point there.
public struct Table: Sendable, Hashable {
  /// The columns in order.
  public let columns: [Column]
  /// The number of rows.
  public let rowCount: Int
  /// The file the table came from, for errors.
  public let source: String
  /// For each row its line in the source, from 1.
  public let lines: [Int]

  /// Makes a table of columns.
  ///
  /// - Throws: `TableError` if lengths differ or a name stands twice.
  public init(_ columns: [Column], source: String = "table") throws {
    let count = columns.first?.count ?? 0
    for column in columns where column.count != count {
      throw TableError(
        .unequalLengths, source, column: column.name, expected: "\(count) values",
        found: "\(column.count)")
    }
    try self.init(columns, source: source, lines: Array(1..<count + 1))
  }

  init(_ columns: [Column], source: String, lines: [Int]) throws {
    var names: Set<String> = []
    for column in columns where !names.insert(column.name).inserted {
      throw TableError(
        .duplicateColumn, source, column: column.name, expected: "every column name once",
        found: "'\(column.name)' twice")
    }
    self.init(unchecked: columns, source: source, lines: lines)
  }

  private init(unchecked columns: [Column], source: String, lines: [Int]) {
    self.columns = columns
    self.source = source
    self.lines = lines
    rowCount = lines.count
  }

  /// The names of the columns in order.
  public var columnNames: [String] { columns.map(\.name) }

  /// The column with this name.
  ///
  /// - Throws: `TableError` that suggests the nearest name.
  public func column(_ name: String) throws -> Column {
    if let column = columns.first(where: { $0.name == name }) { return column }
    let names = columnNames
    let hint =
      names.nearest(to: name).map { "did you mean '\($0)'?" }
      ?? "the columns are \(names.map { "'\($0)'" }.joined(separator: ", "))"
    throw TableError(
      .unknownColumn, source, expected: "a column '\(name)'", found: "no such column",
      hint: hint)
  }
}

// MARK: - Columns

extension Table {
  /// The table with only these columns, in this order.
  ///
  /// - Throws: `TableError` if there is no column of a name.
  public func select(_ names: String...) throws -> Table { try select(names) }

  /// The table with only these columns, in this order.
  ///
  /// - Throws: `TableError` if there is no column of a name.
  public func select(_ names: [String]) throws -> Table {
    try Table(try names.map(column), source: source, lines: lines)
  }

  /// The table without these columns.
  ///
  /// - Throws: `TableError` if there is no column of a name.
  public func drop(_ names: String...) throws -> Table { try drop(names) }

  /// The table without these columns.
  ///
  /// - Throws: `TableError` if there is no column of a name.
  public func drop(_ names: [String]) throws -> Table {
    for name in names { _ = try column(name) }
    return Table(
      unchecked: columns.filter { !names.contains($0.name) }, source: source, lines: lines)
  }

  /// The table with the column of this name, if any, replaced by these columns; where there is
  /// none they come last.
  ///
  /// - Throws: `TableError` if lengths differ or a name stands twice.
  public func replace(_ name: String, with replacements: [Column]) throws -> Table {
    for column in replacements where column.count != rowCount {
      throw TableError(
        .unequalLengths, source, column: column.name, expected: "\(rowCount) values",
        found: "\(column.count)")
    }
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      return try Table(columns + replacements, source: source, lines: lines)
    }
    var columns = columns
    columns.replaceSubrange(index...index, with: replacements)
    return try Table(columns, source: source, lines: lines)
  }

  /// The table with one more column.
  ///
  /// - Throws: `TableError` if its length differs or its name is taken.
  public func add(_ column: Column) throws -> Table {
    if columnNames.contains(column.name) {
      throw TableError(
        .duplicateColumn, source, column: column.name, expected: "a new column name",
        found: "'\(column.name)' again")
    }
    return try replace(column.name, with: [column])
  }
}

// MARK: - Rows

extension Table {
  /// One row of a table.
  public struct Row {
    let table: Table
    /// The place in the table, from 0.
    public let index: Int

    /// The value in a column.
    public subscript(_ name: String) -> Value {
      get throws { try table.column(name)[index] }
    }
  }

  /// The rows in order.
  public var rows: some RandomAccessCollection<Row> {
    (0..<rowCount).lazy.map { Row(table: self, index: $0) }
  }

  /// The rows at these places, in this order.
  ///
  /// - Precondition: every place is less than `rowCount`.
  public func rows(at indices: [Int]) -> Table {
    Table(
      unchecked: columns.map { $0.rows(at: indices) }, source: source,
      lines: indices.map { lines[$0] })
  }

  /// The rows for which the closure says true, as in
  /// `try table.filter { try $0["age"].number ?? 0 >= 18 }`.
  public func filter(_ isIncluded: (Row) throws -> Bool) rethrows -> Table {
    rows(at: try rows.filter(isIncluded).map(\.index))
  }

  /// The rows in an order that depends only on the seed.
  public func shuffled(seed: UInt64) -> Table {
    var generator = SeededGenerator(seed: seed)
    return rows(at: generator.permutation(of: rowCount))
  }

  /// Two tables of shuffled rows; the first has this share of them.
  ///
  /// - Precondition: the share is between 0 and 1.
  public func split(_ share: Double, seed: UInt64) -> (Table, Table) {
    precondition((0...1).contains(share), "a share is between 0 and 1, got \(share)")
    var generator = SeededGenerator(seed: seed)
    let order = generator.permutation(of: rowCount)
    let count = Int((Double(rowCount) * share).rounded())
    return (rows(at: Array(order[..<count])), rows(at: Array(order[count...])))
  }
}
