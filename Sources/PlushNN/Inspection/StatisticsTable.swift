/// Figures of tensors with names, such as the weights of a model.
public struct StatisticsTable: Sendable, Hashable {
  /// The figures of a tensor.
  public struct Row: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The shape.
    public let shape: [Int]
    /// The figures.
    public let statistics: TensorStatistics
  }

  /// The figures of each tensor, in order.
  public let rows: [Row]

  /// The figures of the tensor with this name; nil if there is none.
  public subscript(_ name: String) -> TensorStatistics? {
    rows.first { $0.name == name }?.statistics
  }

  /// What looks wrong: numbers that are none or infinite, and tensors of zeros only.
  ///
  /// Zeros are expected where `zerosAreUsual` says it, such as in the biases of a new model.
  public func warnings(zerosAreUsual: (Row) -> Bool = { _ in false }) -> [String] {
    rows.flatMap { row -> [String] in
      let figures = row.statistics
      var found: [String] = []
      if figures.nanCount > 0 {
        found.append("\(row.name): \(figures.nanCount) of \(figures.count) are NaN")
      }
      if figures.infiniteCount > 0 {
        found.append("\(row.name): \(figures.infiniteCount) of \(figures.count) are infinite")
      }
      if figures.isAllZero && !zerosAreUsual(row) { found.append("\(row.name): all are zero") }
      return found
    }
  }

  /// The figures of each tensor by their names.
  public var json: JSON {
    .array(
      rows.map { row in
        var json = row.statistics.json
        json["name"] = .string(row.name)
        json["shape"] = .array(row.shape.map(JSON.int))
        return json
      })
  }
}

extension StatisticsTable: CustomStringConvertible {
  /// A line for each tensor.
  public var description: String {
    let titles = ["name", "shape", "mean", "std", "min", "max", "zeros", "histogram"]
    let cells = rows.map { row in
      let figures = row.statistics
      let numbers = [figures.mean, figures.standardDeviation, figures.min, figures.max]
      return [row.name, row.shape.map(String.init).joined(separator: "×")]
        + numbers.map(\.fourDigits)
        + ["\((figures.zeroShare * 100).fixed(1)) %", figures.histogram.text]
    }
    return TextTable(rows: [titles] + cells, textColumns: [0, 1, 7]).description
  }
}
