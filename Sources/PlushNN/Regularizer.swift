import PlushTensor

/// A penalty on large weights or outputs, added to the loss: `l1 · Σ|w| + l2 · Σw²`.
public struct Regularizer: Sendable, Hashable {
  /// Factor of the sum of magnitudes.
  public var l1: Double
  /// Factor of the sum of squares.
  public var l2: Double

  /// A penalty of both kinds.
  public static func l1l2(l1: Double = 0.01, l2: Double = 0.01) -> Regularizer {
    Regularizer(l1: l1, l2: l2)
  }
  /// A penalty on the sum of magnitudes.
  public static func l1(_ factor: Double = 0.01) -> Regularizer { Regularizer(l1: factor, l2: 0) }
  /// A penalty on the sum of squares.
  public static func l2(_ factor: Double = 0.01) -> Regularizer { Regularizer(l1: 0, l2: factor) }

  /// The penalty, a scalar.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let terms = (l1 == 0 ? [] : [x.abs().sum() * l1]) + (l2 == 0 ? [] : [x.square().sum() * l2])
    return terms.dropFirst().reduce(terms.first ?? Tensor(Float(0)), +)
  }
}

extension Regularizer {
  /// The class of Keras and its arguments.
  public var config: JSON {
    let arguments: JSON = ["l1": .double(l1), "l2": .double(l2)]
    return ["class_name": "L1L2", "config": arguments]
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
    default:
      throw ModelError(
        expected: "one of the regularizers L1, L2, L1L2",
        found: config["class_name"]?.summary ?? config.summary)
    }
  }
}
