/// How well a classifier knows each class.
///
/// Its text is that of scikit-learn's `classification_report`. Classes that occur neither in truths
/// nor in predictions are left out, unless that leaves none; what would be divided by zero is 0.
public struct ClassificationReport: Sendable, Hashable {
  /// The figures of a class, or means over classes.
  public struct Row: Sendable, Hashable {
    /// The name of the class or mean.
    public let name: String
    /// Which part of the samples that were taken for the class are of it.
    public let precision: Double
    /// Which part of the samples of the class were taken for it.
    public let recall: Double
    /// The harmonic mean of precision and recall.
    public let f1: Double
    /// How many samples are of the class.
    public let support: Int
  }

  /// The figures of each class.
  public let classes: [Row]
  /// Their means, all classes counting the same.
  public let macroAverage: Row
  /// Their means, each class counting as much as it has samples.
  public let weightedAverage: Row
  /// Which part of the samples was taken for what it is.
  public let accuracy: Double

  /// The report of what was counted.
  public init(_ matrix: ConfusionMatrix) {
    let predicted = matrix.counts.indices.map { column in
      matrix.counts.reduce(0) { $0 + $1[column] }
    }
    classes = matrix.counts.indices.compactMap { number in
      let support = matrix.counts[number].reduce(0, +)
      if support == 0 && predicted[number] == 0 { return nil }
      let hits = Double(matrix.counts[number][number])
      return Row(
        name: matrix.names[number],
        precision: predicted[number] == 0 ? 0 : hits / Double(predicted[number]),
        recall: support == 0 ? 0 : hits / Double(support),
        f1: 2 * hits / Double(support + predicted[number]), support: support)
    }
    macroAverage = Self.average("macro avg", classes) { _ in 1 }
    weightedAverage = Self.average("weighted avg", classes) { Double($0.support) }
    accuracy = matrix.accuracy
  }

  private static func average(
    _ name: String, _ rows: [Row], weight: (Row) -> Double
  ) -> Row {
    let total = rows.reduce(0) { $0 + weight($1) }
    func mean(_ value: (Row) -> Double) -> Double {
      rows.reduce(0) { $0 + weight($1) * value($1) } / total
    }
    return Row(
      name: name, precision: mean(\.precision), recall: mean(\.recall), f1: mean(\.f1),
      support: rows.reduce(0) { $0 + $1.support })
  }

  /// The figures by name.
  public var json: JSON {
    [
      "classes": .array(classes.map(\.json)), "macro_average": macroAverage.json,
      "weighted_average": weightedAverage.json, "accuracy": .double(accuracy),
    ]
  }
}

extension ClassificationReport.Row {
  fileprivate var json: JSON {
    [
      "name": .string(name), "precision": .double(precision), "recall": .double(recall),
      "f1": .double(f1), "support": .int(support),
    ]
  }
}

extension ClassificationReport: CustomStringConvertible {
  /// A line for each class and mean.
  public var description: String {
    let width = max("weighted avg".count, classes.map(\.name.count).max() ?? 0)
    func line(_ name: String, _ cells: [String]) -> String {
      let cells = cells.map { " " + $0.leftPadded(to: 9) }
      return name.leftPadded(to: width) + " " + cells.joined()
    }
    func line(_ row: Row) -> String {
      let figures = [row.precision, row.recall, row.f1].map { $0.fixed(2) }
      return line(row.name, figures + ["\(row.support)"])
    }
    let total = macroAverage.support
    let lines =
      [line("", ["precision", "recall", "f1-score", "support"]), ""] + classes.map { line($0) }
      + ["", line("accuracy", ["", "", accuracy.fixed(2), "\(total)"])]
      + [line(macroAverage), line(weightedAverage)]
    return lines.joined(separator: "\n")
  }
}
