import PlushEngine
import PlushTensor

extension TensorFlowJSOperators {
  static let elementwise: [String: Operator] = [
    "abs": { arguments in
      let x = try arguments.value(0)
      return [.tensor(x.isComplex ? x.complex.abs() : try x.tensor.abs())]
    },
    "acos": unary { $0.acos() }, "acosh": unary { $0.acosh() }, "asin": unary { $0.asin() },
    "asinh": unary { $0.asinh() }, "atan": unary { $0.atan() }, "atanh": unary { $0.atanh() },
    "cast": one { try cast($0) },
    "ceil": unary { $0.ceil() },
    "clipByValue": one {
      let x = try $0.tensor(0)
      return x.clip(min: try $0.requiredDouble(1), max: try $0.requiredDouble(2))
        .cast(to: x.dtype)
    },
    "clone": linear { x, _ in x.count > 0 ? x.reshape([1] + x.shape).squeeze(axis: 0) : x },
    "cos": unary { $0.cos() }, "cosh": unary { $0.cosh() },
    "dropout": one {
      try $0.tensor(0).dropout(rate: try $0.requiredDouble(1), noiseShape: $0.integers(2))
    },
    "elu": unary { $0.elu() }, "erf": unary { $0.erf() }, "exp": unary { $0.exp() },
    "expm1": unary { $0.expm1() }, "floor": unary { $0.floor() },
    "imag": { [.tensor(try $0.value(0).complex.imaginary)] },
    "isFinite": unary { $0.isFinite() }, "isInf": unary { $0.isInfinite() },
    "isNaN": unary { $0.isNaN() },
    "leakyRelu": one { try $0.tensor(0).leakyRelu(alpha: $0.double(1) ?? 0.2) },
    "log": unary { $0.log() }, "log1p": unary { $0.log1p() },
    "logSigmoid": unary { $0.logSigmoid() }, "logicalNot": unary { $0.logicalNot() },
    "neg": linear { x, _ in -x }, "real": { [.tensor(try $0.value(0).complex.real)] },
    "reciprocal": unary { $0.reciprocal() }, "relu": unary { $0.relu() },
    "relu6": unary { $0.relu6() }, "round": unary { $0.round() }, "rsqrt": unary { $0.rsqrt() },
    "selu": unary { $0.selu() }, "sigmoid": unary { $0.sigmoid() }, "sign": unary { $0.sign() },
    "sin": unary { $0.sin() }, "sinh": unary { $0.sinh() }, "softplus": unary { $0.softplus() },
    "sqrt": unary { $0.sqrt() }, "square": unary { $0.square() },
    "step": one { try $0.tensor(0).step(alpha: $0.double(1) ?? 0) },
    "tan": unary { $0.tan() }, "tanh": unary { $0.tanh() },
  ]

  static let binary: [String: Operator] = [
    "add": field({ $0 + $1 }, { $0 + $1 }), "sub": field({ $0 - $1 }, { $0 - $1 }),
    "mul": field({ $0 * $1 }, { $0 * $1 }), "div": field({ quotient($0, $1) }, { $0 / $1 }),
    "addN": one { arguments in
      let tensors = try arguments.tensors(0)
      guard let first = tensors.first else { throw TensorFlowJSError("addN of nothing") }
      return tensors.dropFirst().reduce(first) { $0 + $1 }
    },
    "atan2": binary { $0.atan2($1) },
    "bitwiseAnd": binary { $0.cast(to: .int32).bitwiseAnd($1.cast(to: .int32)) },
    "complex": { [.complex(ComplexTensor(real: try $0.tensor(0), imaginary: try $0.tensor(1)))] },
    "divNoNan": binary { $0.divideNoNaN($1) },
    "equal": equality({ $0 .== $1 }, { $0.logicalAnd($1) }),
    "floorDiv": binary { $0.floorDivide($1).cast(to: .int32) }, "greater": binary { $0 .> $1 },
    "greaterEqual": binary { $0 .>= $1 }, "less": binary { $0 .< $1 },
    "lessEqual": binary { $0 .<= $1 }, "logicalAnd": binary { $0.logicalAnd($1) },
    "logicalOr": binary { $0.logicalOr($1) }, "logicalXor": binary { $0.logicalXor($1) },
    "maximum": binary { $0.maximum($1) }, "minimum": binary { $0.minimum($1) },
    "mod": binary { $0.modulo($1) }, "notEqual": equality({ $0 .!= $1 }, { $0.logicalOr($1) }),
    "pow": binary { $0.pow($1) },
    "prelu": binary { $0.prelu($1) }, "squaredDifference": binary { $0.squaredDifference($1) },
    "where": one { try $0.tensor(0).select(try $0.tensor(1), try $0.tensor(2)) },
  ]

  /// Of integers it is an integer.
  private static func quotient(_ a: Tensor, _ b: Tensor) -> Tensor {
    a.dtype.isFloating || b.dtype.isFloating ? a / b : a.floorDivide(b)
  }

  private static func cast(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    guard let dtype = arguments.string(1).flatMap(DType.init(name:)) else {
      throw TensorFlowJSError(gap: "cast to \(arguments.string(1) ?? "nothing")")
    }
    return try arguments.value(0).complex(orCast: dtype)
  }
}

extension TensorFlowJSValue {
  /// Complex numbers lose their imaginary part.
  fileprivate func complex(orCast dtype: DType) throws -> Tensor {
    try (isComplex ? complex.real : tensor).cast(to: dtype)
  }
}
