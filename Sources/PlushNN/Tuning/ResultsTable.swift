/// What several trainings gave: a row for each.
public struct ResultsTable: Sendable, Hashable {
  /// A training.
  public struct Row: Sendable, Hashable {
    /// What it was made with.
    public let parameters: [String: JSON]
    /// What it gave.
    public let results: Logs
  }

  /// The rows, in the order of the trainings.
  public private(set) var rows: [Row] = []

  /// No rows.
  public init() {}

  mutating func append(_ parameters: [String: JSON], _ results: Logs) {
    rows.append(Row(parameters: parameters, results: results))
  }

  /// The values of one result that are there, row by row.
  public subscript(_ name: String) -> [Double] { rows.compactMap { $0.results[name] } }

  /// The mean of a result; nil if no row has it.
  public func mean(_ name: String) -> Double? {
    let values = self[name]
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// How far results lie from their mean: the root of the mean square; nil if no row has them.
  public func standardDeviation(_ name: String) -> Double? {
    guard let mean = mean(name) else { return nil }
    let squares = self[name].map { ($0 - mean) * ($0 - mean) }
    return (squares.reduce(0, +) / Double(squares.count)).squareRoot()
  }

  /// The row with the best result, numbers that are none counting as worst; nil if no row has it.
  ///
  /// - Parameters:
  ///   - name: the name of the result.
  ///   - mode: which way it improves.
  public func best(
    by name: String = "val_loss", mode: EarlyStopping.Mode = .automatic
  ) -> Row? {
    sorted(by: name, mode: mode).first
  }

  /// The rows that have a result, best first.
  public func sorted(
    by name: String = "val_loss", mode: EarlyStopping.Mode = .automatic
  ) -> [Row] {
    let isBetterUp = mode == .automatic ? isLargerBetter(name) : mode == .up
    func cost(_ row: Row) -> Double {
      let value = row.results[name] ?? .nan
      return value.isNaN ? .infinity : isBetterUp ? -value : value
    }
    return rows.filter { $0.results[name] != nil }.sorted { cost($0) < cost($1) }
  }

  private var parameterNames: [String] { Set(rows.flatMap(\.parameters.keys)).sorted() }

  private var resultNames: [String] {
    rows.reduce(into: [String]()) { names, row in
      names += row.results.names.filter { !names.contains($0) }
    }
  }

  /// The cells as texts, the names first.
  private func cells(number: (Double) -> String) -> [[String]] {
    let (parameters, results) = (parameterNames, resultNames)
    return [parameters + results]
      + rows.map { row in
        parameters.map { row.parameters[$0].map { $0.cell } ?? "" }
          + results.map { row.results[$0].map(number) ?? "" }
      }
  }

  /// The table as text of comma-separated values.
  public var csv: String {
    cells { "\($0)" }.map { row in
      row.map { $0.contains { ",\"\n".contains($0) } ? "\"\($0.doublingQuotes)\"" : $0 }
        .joined(separator: ",") + "\n"
    }.joined()
  }
}

extension ResultsTable: CustomStringConvertible {
  /// The table in columns.
  public var description: String {
    let cells = cells { $0.fourDigits }
    let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    return cells.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
        .joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension JSON {
  fileprivate var cell: String {
    string ?? double.map { int.map(String.init) ?? "\($0)" } ?? (try? text()) ?? ""
  }
}

extension String {
  fileprivate var doublingQuotes: String {
    split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
  }
}
