import PlushTensor

/// A penalty on weights or outputs, added to the loss.
///
/// Definitions as in Keras 3: https://keras.io/api/layers/regularizers.
public enum Regularizer: Sendable, Hashable {
  /// On large values: `l1 · Σ|w| + l2 · Σw²`.
  case l1l2(l1: Double = 0.01, l2: Double = 0.01)
  /// On rows or columns of a matrix that are not orthogonal: `factor` times the mean magnitude of
  /// the cosines between them.
  case orthogonal(factor: Double = 0.01, mode: MatrixPart = .rows)

  /// What of a matrix shall be orthogonal.
  public enum MatrixPart: String, Sendable, Hashable, CaseIterable {
    /// The rows.
    case rows
    /// The columns.
    case columns
  }

  /// `factor · Σ|w|`: makes weights of little use small or zero.
  public static func l1(_ factor: Double = 0.01) -> Regularizer { .l1l2(l1: factor, l2: 0) }
  /// `factor · Σw²`: keeps weights small.
  public static func l2(_ factor: Double = 0.01) -> Regularizer { .l1l2(l1: 0, l2: factor) }

  /// The penalty, a scalar.
  ///
  /// - Precondition: the penalty of `orthogonal` is on a matrix.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .l1l2(let l1, let l2):
      let terms = (l1 == 0 ? [] : [x.abs().sum() * l1]) + (l2 == 0 ? [] : [x.square().sum() * l2])
      return terms.dropFirst().reduce(terms.first ?? Tensor(Float(0)), +)
    case .orthogonal(let factor, let mode):
      precondition(x.rank == 2, "the orthogonal regularizer expects a matrix; got \(x.shape)")
      let rows = (mode == .rows ? x : x.transpose()).unitNormalization(axes: [1], epsilon: 1e-14)
      let count = rows.shape[0]
      let cosines = rows.matmul(rows.transpose()) * (1 - Tensor.eye(count))
      let pairs = Double(max(1, count * (count - 1))) / 2
      return cosines.abs().sum() * (factor * 0.5 / pairs)
    }
  }
}

extension Regularizer {
  /// The class of Keras and its arguments.
  public var config: JSON {
    switch self {
    case .l1l2(let l1, let l2):
      ["class_name": "L1L2", "config": ["l1": .double(l1), "l2": .double(l2)]]
    case .orthogonal(let factor, let mode):
      [
        "class_name": "OrthogonalRegularizer",
        "config": ["factor": .double(factor), "mode": .string(mode.rawValue)],
      ]
    }
  }

  /// Reads a regularizer from a configuration; nil if there is none.
  ///
  /// - Throws: `ModelError` if there is no such regularizer.
  public static func read(config: JSON?) throws -> Regularizer? {
    guard let config, !config.isNull else { return nil }
    let name = config.string ?? config["class_name"]?.string ?? ""
    let arguments = config["config"] ?? [:]
    func number(_ key: String) -> Double? { arguments[key]?.double }
    switch name.lowercased() {
    case "l1": return .l1(number("l1") ?? 0.01)
    case "l2": return .l2(number("l2") ?? 0.01)
    case "l1l2", "l1_l2": return .l1l2(l1: number("l1") ?? 0, l2: number("l2") ?? 0)
    case "orthogonalregularizer", "orthogonal_regularizer":
      let mode = arguments["mode"]?.string ?? "rows"
      guard let part = MatrixPart(rawValue: mode) else {
        throw ModelError(expected: "the mode rows or columns", found: mode)
      }
      return .orthogonal(factor: number("factor") ?? 0.01, mode: part)
    default:
      throw ModelError(
        expected: "one of the regularizers L1, L2, L1L2, OrthogonalRegularizer",
        found: config["class_name"]?.summary ?? config.summary)
    }
  }
}
