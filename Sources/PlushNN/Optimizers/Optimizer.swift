import PlushEngine
import PlushTensor

/// How weights follow their gradients.
///
/// An optimizer of your own says what it keeps for each weight and how one step changes it, with
/// tensors:
///
/// ```swift
/// struct SignDescent: Optimizer {
///   var learningRate = 0.01
///   func update(_ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor,
///     step: Tensor) -> Tensor { weight - gradient.sign() * learningRate }
/// }
/// ```
public protocol Optimizer: Sendable {
  /// The class in files.
  static var className: String { get }

  /// The step size at the start; `Model.learningRate` changes it later.
  var learningRate: Double { get }

  /// Clipping, weight decay and what else is the same for all optimizers; by default nothing.
  var options: OptimizerOptions { get }

  /// Names of the values kept for each weight, such as `m` and `v`.
  var slotNames: [String] { get }

  /// The values kept for a weight before the first step; by default zeros.
  func initialSlots(shape: [Int]) -> [Tensor]

  /// The optimizer that changes a weight, for those that treat weights differently; by default
  /// this one. Its slots, its weight decay and its update count.
  ///
  /// - Parameters:
  ///   - weight: the name of the weight, such as `dense/kernel`.
  ///   - shape: its shape.
  func rule(for weight: String, shape: [Int]) -> any Optimizer

  /// One step of one weight.
  ///
  /// - Parameters:
  ///   - weight: the weight.
  ///   - gradient: the gradient of the loss, of the same shape.
  ///   - slots: the values kept for this weight; to be replaced by their new content.
  ///   - learningRate: the step size, a scalar.
  ///   - step: the number of this step, from 1, a scalar.
  /// - Returns: the new weight.
  func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor

  /// The arguments by the names of Keras, for files.
  var config: JSON { get }

  /// Makes the optimizer that a file describes.
  ///
  /// - Throws: `ModelError` if the configuration makes no sense.
  init(config: JSON) throws
}

extension Optimizer {
  /// The name of the Swift type.
  public static var className: String { String(describing: Self.self) }
  /// Nothing but the rule itself.
  public var options: OptimizerOptions { OptimizerOptions() }
  /// Nothing is kept.
  public var slotNames: [String] { [] }
  /// Zeros.
  public func initialSlots(shape: [Int]) -> [Tensor] {
    slotNames.map { _ in Tensor.zeros(shape) }
  }
  /// The same for all weights.
  public func rule(for weight: String, shape: [Int]) -> any Optimizer { self }
  /// The step size and the options.
  public var config: JSON { configuration([:]) }
  /// An optimizer that cannot be read from files.
  ///
  /// - Throws: `ModelError`, always.
  public init(config: JSON) throws {
    throw ModelError(
      expected: "an optimizer that can be made from a configuration",
      found: "\(Self.className), which has no init(config:)")
  }
}

extension Optimizer {
  /// The arguments of the optimizer's own rule together with those that all have.
  func configuration(_ own: [String: JSON]) -> JSON {
    var all = options.config.merging(own) { $1 }
    all["name"] = .string(Self.className.snakeCase)
    all["learning_rate"] = options.schedule?.reference ?? .double(learningRate)
    return .object(all)
  }
}

/// The optimizers that files and strings may name.
private let builtInOptimizers: [any Optimizer.Type] = [
  Adadelta.self, Adafactor.self, Adagrad.self, Adam.self, AdamW.self, Adamax.self, Ftrl.self,
  Lamb.self, Lion.self, LossScaleOptimizer.self, Muon.self, Nadam.self, RMSprop.self,
  ScheduleFreeAdamW.self, SGD.self,
]

/// Optimizers by the names that files use.
public enum Optimizers {
  private static let lock = Lock()
  nonisolated(unsafe) private static var types = builtInOptimizers

  /// Lets files and strings name an optimizer of your own.
  public static func register(_ type: any Optimizer.Type) { lock.withLock { types.append(type) } }

  /// Makes the optimizer with this name, in any spelling.
  ///
  /// - Throws: `ModelError` if there is none, or what its `init(config:)` throws.
  public static func make(_ name: String, config: JSON = [:]) throws -> any Optimizer {
    let types = lock.withLock { Self.types }
    let key = name.lowercased()
    guard
      let type = types.last(where: {
        $0.className.lowercased() == key || $0.className.snakeCase == key
      })
    else {
      let names = types.map { $0.className.lowercased() }.joined(separator: ", ")
      throw ModelError(
        expected: "one of the optimizers \(names)", found: "'\(name)'",
        hint: "an optimizer of your own is given as a value, not by its name")
    }
    return try type.init(config: config)
  }
}

extension JSON {
  /// A number of an optimizer, under the name of Keras or that of TensorFlow.js.
  func number(_ names: String..., default missing: Double) -> Double {
    names.lazy.compactMap { self[$0]?.double }.first ?? missing
  }
}
