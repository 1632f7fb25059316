import PlushTensor

/// A step size for each step.
///
/// The rate is computed inside of the program of a step, from the number of steps made: nothing is
/// traced anew when it changes. One of your own:
///
/// ```swift
/// struct Halving: LearningRateSchedule {
///   func rate(at step: Tensor) -> Tensor { 0.1 * Tensor(Float(0.5)).pow((step / 1000).floor()) }
/// }
/// ```
public protocol LearningRateSchedule: Sendable {
  /// The class in files.
  static var className: String { get }

  /// The rate for a step.
  ///
  /// - Parameter step: how many batches were trained on before, a float32 scalar.
  /// - Returns: a scalar.
  func rate(at step: Tensor) -> Tensor

  /// The arguments by the names of Keras, for files.
  var config: JSON { get }

  /// Makes the schedule that a file describes.
  ///
  /// - Throws: `ModelError` if the configuration makes no sense.
  init(config: JSON) throws
}

extension LearningRateSchedule {
  /// The name of the Swift type.
  public static var className: String { String(describing: Self.self) }
  /// None: the schedule cannot be read from files.
  public var config: JSON { .null }
  /// A schedule that cannot be read from files.
  ///
  /// - Throws: `ModelError`, always.
  public init(config: JSON) throws {
    throw ModelError(
      expected: "a schedule that can be made from a configuration",
      found: "\(Self.className), which has no init(config:)")
  }

  /// Class and arguments, as Keras writes a schedule into the configuration of an optimizer.
  var reference: JSON {
    [
      "module": "keras.optimizers.schedules", "class_name": .string(Self.className),
      "config": config, "registered_name": .null,
    ]
  }
}

private let builtInSchedules: [any LearningRateSchedule.Type] = [
  CosineDecay.self, CosineDecayRestarts.self, ExponentialDecay.self, InverseTimeDecay.self,
  PiecewiseConstantDecay.self, PolynomialDecay.self,
]

/// The schedule of a configuration that names class and arguments.
///
/// - Throws: `ModelError` if there is none, or what its `init(config:)` throws.
func makeSchedule(_ config: JSON) throws -> any LearningRateSchedule {
  let name = config["class_name"]?.string ?? "none"
  guard let type = builtInSchedules.first(where: { $0.className == name }) else {
    throw ModelError(
      expected: "one of the schedules "
        + builtInSchedules.map { $0.className }.joined(separator: ", "),
      found: "'\(name)'")
  }
  return try type.init(config: config["config"] ?? [:])
}

/// A number of steps, which must be above zero.
func checkedSteps(_ config: JSON, _ key: String) throws -> Int {
  let steps = try config.get(key, \.int)
  guard steps > 0 else {
    throw ModelError(expected: "\(key) above 0", found: "\(steps)")
  }
  return steps
}
