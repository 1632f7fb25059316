import PlushTensor

/// How often samples of each class were taken for each class.
///
/// ```swift
/// let matrix = try ConfusionMatrix(truths: y, predictions: model.predict(x))
/// print(matrix)
/// print(matrix.report)
/// ```
public struct ConfusionMatrix: Sendable, Hashable {
  /// The counts: `counts[truth][prediction]`.
  public let counts: [[Int]]
  /// The names of the classes.
  public let names: [String]

  /// Counts classes.
  ///
  /// - Parameters:
  ///   - truths: the class of each sample, from 0.
  ///   - predictions: the class that each was taken for.
  ///   - names: the names of the classes; by default their numbers.
  /// - Throws: `DataError` if counts differ, there is no sample, or a class has no name.
  public init(truths: [Int], predictions: [Int], names: [String]? = nil) throws {
    try self.init(truths, predictions, names, classCount: 1)
  }

  /// Counts what a model said.
  ///
  /// - Parameters:
  ///   - truths: class numbers, or one-hot rows.
  ///   - predictions: what a classifier gives: a row of probabilities for each sample, or one
  ///     probability of class 1, of shape [samples, 1]; or class numbers, of shape [samples].
  ///   - names: the names of the classes; by default their numbers.
  /// - Throws: `DataError` if counts differ, there is no sample, or a class has no name.
  public init(truths: Tensor, predictions: Tensor, names: [String]? = nil) throws {
    let isProbability = predictions.rank == 2 && predictions.shape[1] == 1
    let answers =
      isProbability && predictions.dtype.isFloating ? predictions .> 0.5 : predictions
    let width = [truths, predictions].map { $0.rank == 2 ? $0.shape[1] : 1 }.max() ?? 1
    try self.init(try truths.classNumbers(), try answers.classNumbers(), names, classCount: width)
  }

  private init(
    _ truths: [Int], _ predictions: [Int], _ names: [String]?, classCount: Int
  ) throws {
    guard truths.count == predictions.count, !truths.isEmpty else {
      throw DataError(
        .count, expected: "as many predictions as truths, and at least one",
        found: "\(truths.count) truths and \(predictions.count) predictions")
    }
    let largest = max(truths.max() ?? 0, predictions.max() ?? 0)
    let count = names?.count ?? max(classCount, largest + 1)
    for row in truths.indices {
      for number in [truths[row], predictions[row]] where !(0..<count).contains(number) {
        throw DataError(
          .label, expected: "classes from 0 to \(count - 1)", found: "\(number) in row \(row)",
          hint: names == nil ? "classes are counted from 0" : "give a name for every class",
          row: row)
      }
    }
    let matrix = confusionMatrix(
      labels: Tensor(truths.map { Int32($0) }), predictions: Tensor(predictions.map { Int32($0) }),
      classCount: count)
    let values = matrix.dataSync(as: Int32.self).map { Int($0) }
    counts = (0..<count).map { Array(values[$0 * count..<($0 + 1) * count]) }
    self.names = names ?? (0..<count).map(String.init)
  }

  /// How many samples were counted.
  public var sampleCount: Int { counts.joined().reduce(0, +) }

  /// Which part of the samples was taken for what it is.
  public var accuracy: Double {
    Double(counts.indices.reduce(0) { $0 + counts[$1][$1] }) / Double(sampleCount)
  }

  /// Precision, recall and F1 of each class.
  public var report: ClassificationReport { ClassificationReport(self) }
}

extension ConfusionMatrix: CustomStringConvertible {
  /// A table with a row for each class, and a column for what its samples were taken for.
  public var description: String {
    let titles = ["truth \\ prediction"] + names
    let rows = zip(names, counts).map { [$0] + $1.map(String.init) }
    return TextTable(rows: [titles] + rows).description
  }
}

extension Tensor {
  /// Class numbers, also of one-hot rows and probabilities.
  fileprivate func classNumbers() throws -> [Int] {
    guard rank == 1 || rank == 2 else {
      throw DataError(
        .shape, expected: "classes of shape [samples] or [samples, classes]", found: "\(shape)")
    }
    if rank == 2 && shape[1] > 1 {
      return argMax(axis: -1).dataSync(as: Int32.self).map { Int($0) }
    }
    return try dataSync(as: Double.self).enumerated().map { row, value in
      guard let number = Int(exactly: value) else {
        throw DataError(
          .label, expected: "class numbers", found: "\(value) in row \(row)",
          hint: "probabilities of class 1 have the shape [samples, 1]", row: row)
      }
      return number
    }
  }
}
