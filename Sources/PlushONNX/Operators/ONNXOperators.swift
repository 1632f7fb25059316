import PlushData
import PlushTensor

/// The operators by their names; each family of them is a file. Those of other domains than ONNX's
/// own are named with it.
enum ONNXOperators {
  static let all: [String: ONNXOperator] = {
    let families = [
      elementwise, activations, comparisons, reductions, movement, indexing, creation, matrices,
      convolutions, pooling, normalizations, resizing, recurrent, losses, optimizers, control,
      quantization, attention, linearAttention, signals, images, sampling,
    ]
    return families.reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }
  }()

  /// Operators whose results differ from call to call.
  static let random: Set = [
    "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Bernoulli",
    "Multinomial", "Dropout",
  ]

  /// The operator of a node.
  ///
  /// - Throws: `ONNXError` that names operators of a similar name.
  static func named(_ node: ONNXNodeProto, opset: Int) throws -> ONNXOperator {
    let domain = node.standardDomain
    let name = domain.isEmpty ? node.opType : "\(domain)::\(node.opType)"
    if let found = all[name] { return found }
    let similar = all.keys.sorted().nearest(to: name).map { "; the nearest is \($0)" } ?? ""
    throw ONNXError(
      node: node.label(opset: opset), expected: "an operator that Plush knows",
      found: name + similar,
      hint: "export the model with simpler operators, or with its functions in the file")
  }
}

extension Tensor {
  /// A tensor in the type of another.
  func like(_ other: Tensor) -> Tensor { cast(to: other.dtype) }

  /// A number in every element of a shape.
  static func number(_ value: Double, like other: Tensor) -> Tensor {
    Tensor.full([], value, dtype: other.dtype)
  }
}
