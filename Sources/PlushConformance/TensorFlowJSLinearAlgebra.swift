import PlushTensor

extension TensorFlowJSOperators {
  static let linearAlgebra: [String: Operator] = [
    "bandPart": one {
      try $0.tensor(0).bandPart(
        lower: try $0.requiredInt(1), upper: try $0.requiredInt(2))
    },
    "diag": one {
      let x = try $0.tensor(0)
      return x.flatten().diagonalMatrix().reshape(x.shape + x.shape)
    },
    "dot": binary { dot($0, $1) },
    "einsum": one { arguments in
      guard let equation = arguments.string(0) else {
        throw TensorFlowJSError("einsum has no equation")
      }
      return einsum(equation, try arguments.tensors(from: 1))
    },
    "fusedMatMul": one { try fusedMatMul($0) },
    "gramSchmidt": one { try $0.tensor(0).gramSchmidt() },
    "matMul": one {
      matmul(
        try $0.tensor(0), try $0.tensor(1), transposeA: $0.flag(2), transposeB: $0.flag(3))
    },
    "outerProduct": binary { outer($0, $1) },
    "qr": several {
      let (q, r) = try $0.tensor(0).qr(fullMatrices: $0.flag(1))
      return [q, r]
    },
  ]

  private static func fusedMatMul(_ call: TensorFlowJSArguments) throws -> Tensor {
    let arguments = try call.members([
      "a", "b", "transposeA", "transposeB", "bias", "activation", "preluActivationWeights",
      "leakyreluAlpha",
    ])
    var y = matmul(
      try arguments.tensor(0), try arguments.tensor(1), transposeA: arguments.flag(2),
      transposeB: arguments.flag(3))
    if let bias = try arguments.optionalTensor(4) { y = y + bias }
    return try activated(
      y, arguments.string(5), alpha: try arguments.optionalTensor(6),
      slope: arguments.double(7) ?? 0.2)
  }

  /// What fused operators do at their end.
  static func activated(
    _ x: Tensor, _ activation: String?, alpha: Tensor?, slope: Double
  ) throws -> Tensor {
    switch activation {
    case nil, "linear": return x
    case "elu": return x.elu()
    case "leakyrelu": return x.leakyRelu(alpha: slope)
    case "prelu":
      guard let alpha else { throw TensorFlowJSError("prelu has no weights") }
      return x.prelu(alpha)
    case "relu": return x.relu()
    case "relu6": return x.relu6()
    case "sigmoid": return x.sigmoid()
    case let name?: throw TensorFlowJSError(gap: "activation \(name)")
    }
  }
}
