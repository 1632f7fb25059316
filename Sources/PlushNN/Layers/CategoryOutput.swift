import PlushTensor

/// In what form layers give the numbers of categories.
public enum CategoryOutput: String, Sendable, Hashable, CaseIterable {
  /// The numbers themselves: [batch, …] gives [batch, …].
  case int
  /// For each number a one in its place: [batch, …] gives [batch, …, categories]; a last axis of
  /// size 1 goes away.
  case oneHot = "one_hot"
  /// For each sample a one in the places of all its numbers: [batch, n] gives [batch, categories].
  case multiHot = "multi_hot"
  /// For each sample how often it has each number: [batch, n] gives [batch, categories].
  case count
  /// Counts times weights, which are larger for rare categories.
  case tfIDF = "tf_idf"

  /// Reads the form from a configuration, also by the older names of Keras.
  ///
  /// - Throws: `ModelError` if there is no such form.
  init(config: JSON?, default missing: CategoryOutput) throws {
    guard let name = config?.string else {
      self = missing
      return
    }
    let aliases: [String: CategoryOutput] = ["binary": .multiHot, "tf-idf": .tfIDF]
    guard let found = CategoryOutput(rawValue: name.snakeCase) ?? aliases[name] else {
      let names = CategoryOutput.allCases.map(\.rawValue).joined(separator: ", ")
      throw ModelError(expected: "one of the output modes \(names)", found: name)
    }
    self = found
  }

  /// Whether the numbers of a sample become one vector.
  private var joins: Bool { ![.int, .oneHot].contains(self) }

  /// The shape for numbers of a shape; nil if they have too many axes.
  func shape(for shape: Shape, depth: Int) -> Shape? {
    if self == .int { return shape }
    if joins { return shape.count > 2 ? nil : shape.dropLast() + [depth] }
    return (shape.count > 1 && shape.last == 1 ? shape.dropLast() : shape) + [depth]
  }

  /// The form for numbers; those below 0 or from `depth` on leave no trace.
  ///
  /// - Parameter weights: factors [depth] of counts.
  func encode(_ numbers: Tensor, depth: Int, weights: Tensor? = nil) -> Tensor {
    if self == .int { return numbers }
    let isColumn = self == .oneHot && numbers.rank > 1 && numbers.shape.last == 1
    let ones = (isColumn ? numbers.squeeze(axis: -1) : numbers).oneHot(depth)
    switch self {
    case .int, .oneHot: return ones
    case .multiHot: return ones.max(axis: -2)
    case .count, .tfIDF:
      let counts = ones.sum(axis: -2)
      return weights.map { counts * $0 } ?? counts
    }
  }
}

extension Layer {
  /// The shape of categories in some form.
  ///
  /// - Throws: `ModelError` if there is no such form for the shape.
  func outputShape(of output: CategoryOutput, for shape: Shape, depth: Int) throws -> Shape {
    guard let result = output.shape(for: shape, depth: depth) else {
      throw shapeError(
        expected: "an input [batch, n] for the output mode \(output.rawValue)", found: shape.text)
    }
    return result
  }
}
