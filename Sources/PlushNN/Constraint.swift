import PlushTensor

/// What a weight must satisfy after each step of training.
///
/// Norms are taken along `axes`: 0 for the inputs of each unit of a `Dense` layer, 0, 1 and 2 for
/// each filter of a `Conv2D`. Definitions as in Keras 3: https://keras.io/api/layers/constraints.
public enum Constraint: Sendable, Hashable {
  /// No norm above `maximum`.
  case maxNorm(_ maximum: Double = 2, axes: [Int] = [0])
  /// Norms moved by `rate` of the way into `minimum ... maximum`.
  case minMaxNorm(minimum: Double = 0, maximum: Double = 1, rate: Double = 1, axes: [Int] = [0])
  /// No value below zero.
  case nonNegative
  /// Every norm 1.
  case unitNorm(axes: [Int] = [0])

  /// The weight made to satisfy the constraint, in the same shape.
  public func callAsFunction(_ weight: Tensor) -> Tensor {
    switch self {
    case .nonNegative: weight.maximum(0)
    case .maxNorm(let maximum, let axes):
      rescaled(weight, axes) { $0.clip(min: 0, max: maximum) }
    case .minMaxNorm(let minimum, let maximum, let rate, let axes):
      rescaled(weight, axes) { norms in
        norms.clip(min: minimum, max: maximum) * rate + norms * (1 - rate)
      }
    case .unitNorm(let axes): rescaled(weight, axes) { Tensor.ones(like: $0) }
    }
  }

  private func rescaled(
    _ weight: Tensor, _ axes: [Int], to desired: (Tensor) -> Tensor
  ) -> Tensor {
    let norms = weight.square().sum(axes: axes, keepDims: true).sqrt()
    return weight * (desired(norms) / (norms + 1e-7))
  }
}

extension Constraint {
  /// The class of Keras and its arguments.
  public var config: JSON {
    switch self {
    case .nonNegative: ["class_name": "NonNeg", "config": [:]]
    case .maxNorm(let maximum, let axes):
      [
        "class_name": "MaxNorm",
        "config": ["max_value": .double(maximum), "axis": axes.axisConfig],
      ]
    case .minMaxNorm(let minimum, let maximum, let rate, let axes):
      [
        "class_name": "MinMaxNorm",
        "config": [
          "min_value": .double(minimum), "max_value": .double(maximum), "rate": .double(rate),
          "axis": axes.axisConfig,
        ],
      ]
    case .unitNorm(let axes):
      ["class_name": "UnitNorm", "config": ["axis": axes.axisConfig]]
    }
  }

  /// Reads a constraint from a configuration; nil if there is none.
  ///
  /// - Throws: `ModelError` if there is no such constraint.
  public static func read(config: JSON?) throws -> Constraint? {
    guard let config, !config.isNull else { return nil }
    let name = config.string ?? config["class_name"]?.string ?? ""
    let arguments = config["config"] ?? [:]
    let axes = [Int](axisConfig: arguments["axis"]) ?? [0]
    func number(_ key: String, _ missing: Double) -> Double {
      (arguments[key] ?? arguments[key.camelCase])?.double ?? missing
    }
    switch name.snakeCase {
    case "max_norm": return .maxNorm(number("max_value", 2), axes: axes)
    case "min_max_norm":
      return .minMaxNorm(
        minimum: number("min_value", 0), maximum: number("max_value", 1), rate: number("rate", 1),
        axes: axes)
    case "non_neg": return .nonNegative
    case "unit_norm": return .unitNorm(axes: axes)
    default:
      throw ModelError(
        expected: "one of the constraints MaxNorm, MinMaxNorm, NonNeg, UnitNorm",
        found: config["class_name"]?.summary ?? config.summary)
    }
  }
}
