import PlushEngine
import PlushTensor

/// The type in which layers compute; weights, losses and what optimizers keep are float32 always.
///
/// ```swift
/// model.dtypePolicy = .mixedBFloat16
/// ```
///
/// Layers round inputs and weights to the type as they read them. Normalizations and `Softmax`
/// compute in float32, and so is what a model returns. Half precision has little range: wrap the
/// optimizer in `.lossScale` when training with it.
public enum DTypePolicy: String, Sendable, Hashable, CaseIterable {
  /// All in float32.
  case float32
  /// bfloat16: the range of float32 with 8 bits of precision.
  case mixedBFloat16 = "mixed_bfloat16"
  /// Half precision: 11 bits of precision from 6e-8 to 65504.
  case mixedFloat16 = "mixed_float16"

  /// What layers compute in.
  public var computeDType: DType {
    switch self {
    case .float32: .float32
    case .mixedBFloat16: .bfloat16
    case .mixedFloat16: .float16
    }
  }

  /// The policy in a configuration, as its name or as Keras 3 writes it; any other type of elements
  /// means float32.
  init(config: JSON?) {
    let name = config?.string ?? config?["config"]?["name"]?.string ?? ""
    self = DTypePolicy(rawValue: name) ?? .float32
  }

  /// The policy as Keras 3 writes it.
  var config: JSON {
    if self == .float32 { return .string(rawValue) }
    return [
      "module": "keras", "class_name": "DTypePolicy", "config": ["name": .string(rawValue)],
      "registered_name": .null,
    ]
  }
}

extension Tensor {
  /// The tensor in float32 if it has less precision.
  var withoutHalf: Tensor { dtype == .bfloat16 || dtype == .float16 ? cast(to: .float32) : self }

  /// The tensor as a layer that computes in a type takes it.
  fileprivate func input(in computed: DType) -> Tensor {
    if computed == .float32 { return withoutHalf }
    return dtype.isFloating ? cast(to: computed) : self
  }
}

extension Layer {
  /// Runs the code of the layer in the type that its policy says.
  final func inPolicy<Result>(
    _ inputs: [Tensor], _ body: ([Tensor]) throws -> Result
  ) rethrows -> Result {
    // The layers of a model have policies of their own.
    if self is Model { return try body(inputs) }
    let computed = computesInFloat32 ? .float32 : dtypePolicy.computeDType
    let inputs = inputs.map { $0.input(in: computed) }
    if computed == .float32 && Autocast.dtype == nil { return try body(inputs) }
    return try Autocast.$dtype.withValue(computed == .float32 ? nil : computed) {
      try body(inputs)
    }
  }
}

/// The policies of a model's layers when a program was made.
struct PolicyList {
  private let policies: [DTypePolicy]
  /// How many changes there had been when they were last compared.
  private var changes = WeightChanges.count

  init(_ model: Model) { policies = model.allLayers().map(\.dtypePolicy) }

  /// Whether the model has them still.
  mutating func isThat(of model: Model) -> Bool {
    let count = WeightChanges.count
    if count == changes { return true }
    changes = count
    return model.allLayers().map(\.dtypePolicy) == policies
  }
}
