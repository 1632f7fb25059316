import PlushEngine
import PlushTensor

// One function of each element, or of elements in the same place.

extension ONNXOperators {
  static let elementwise: [String: ONNXOperator] = [
    "Abs": unary { $0.abs() },
    "Neg": unary { -$0 },
    "Sign": unary { $0.sign() },
    "Floor": unary { $0.floor() },
    "Ceil": unary { $0.ceil() },
    "Round": unary { $0.round() },
    "Exp": unary { $0.exp() },
    "Log": unary { $0.log() },
    "Sqrt": unary { $0.sqrt() },
    "Reciprocal": unary { $0.reciprocal() },
    "Erf": unary { $0.erf() },
    "Sin": unary { $0.sin() },
    "Cos": unary { $0.cos() },
    "Tan": unary { $0.tan() },
    "Asin": unary { $0.asin() },
    "Acos": unary { $0.acos() },
    "Atan": unary { $0.atan() },
    "Sinh": unary { $0.sinh() },
    "Cosh": unary { $0.cosh() },
    "Tanh": unary { $0.tanh() },
    "Asinh": unary { $0.asinh() },
    "Acosh": unary { $0.acosh() },
    "Atanh": unary { $0.atanh() },
    "Add": binary { $0 + $1 },
    "Sub": binary { $0 - $1 },
    "Mul": binary { $0 * $1 },
    "Div": binary { $0.quotient($1) },
    "Pow": { [try power($0)] },
    "Mod": { [try modulo($0)] },
    "Sum": variadic { $0 + $1 },
    "Max": variadic { $0.maximum($1) },
    "Min": variadic { $0.minimum($1) },
    "Mean": { context in
      let inputs = try context.inputs()
      _ = try context.broadcast(inputs)
      return [inputs.dropFirst().reduce(inputs[0], +) / Double(inputs.count)]
    },
    "Clip": { [try clip($0)] },
    "BitShift": { [try shift($0)] },
    "BitwiseAnd": bits { $0.bitwiseAnd($1) },
    "BitwiseOr": bits { $0.bitwiseOr($1) },
    "BitwiseXor": bits { $0.bitwiseXor($1) },
    "BitwiseNot": { context in
      let x = try context.whole(try context.input(0))
      return [x.dtype == .bool ? x.logicalNot() : x.bitwiseNot()]
    },
    "Cast": { context in
      guard let number = context.int("to") else {
        throw context.fault(expected: "a type 'to'", found: "none")
      }
      return [try cast(context, try ElementType(number: Int32(clamping: number), of: "to"))]
    },
    "BitCast": { [try reinterpreted($0)] },
    "CastLike": { [try cast($0, try $0.value(1).element)] },
  ]

  /// A function of each element, in the type of the operand.
  static func unary(_ body: @escaping @Sendable (Tensor) -> Tensor) -> ONNXOperator {
    { context in
      let x = try context.input(0)
      return [body(x).like(x)]
    }
  }

  /// A function of two elements, in the type of the first operand.
  static func binary(_ body: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> ONNXOperator {
    { context in
      let (a, b) = try context.pair()
      return [body(a, b).like(a)]
    }
  }

  private static func bits(
    _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> ONNXOperator {
    { context in
      let (a, b) = try context.pair()
      return [body(try context.whole(a), try context.whole(b)).like(a)]
    }
  }

  private static func variadic(
    _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> ONNXOperator {
    { context in
      let inputs = try context.inputs()
      _ = try context.broadcast(inputs)
      return [inputs.dropFirst().reduce(inputs[0]) { body($0, $1).like($0) }]
    }
  }

  private static func power(_ context: NodeContext) throws -> Tensor {
    let (base, exponent) = try context.pair()
    if base.dtype.isFloating || !exponent.dtype.isFloating {
      return base.pow(exponent.like(base)).like(base)
    }
    return base.cast(to: .float64).pow(exponent.cast(to: .float64)).like(base)
  }

  private static func modulo(_ context: NodeContext) throws -> Tensor {
    let (a, b) = try context.pair()
    return (context.flag("fmod") ? a.remainder(b) : a.modulo(b)).like(a)
  }

  /// The upper bound wins over the lower one.
  private static func clip(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0)
    var result = x
    if let low = context.float("min") { result = result.maximum(low).like(x) }
    if let high = context.float("max") { result = result.minimum(high).like(x) }
    for (index, bound) in [context.optional(1), context.optional(2)].enumerated() {
      guard let bound else { continue }
      try context.require(bound.count == 1, "bounds of one number", "shape \(bound.shape)")
      let number = bound.reshape([])
      result = index == 0 ? result.maximum(number) : result.minimum(number)
    }
    return result.like(x)
  }

  private static func shift(_ context: NodeContext) throws -> Tensor {
    let (a, b) = try context.pair()
    try context.require(
      a.dtype != .bool && !a.dtype.isFloating && !b.dtype.isFloating, "integers", "\(a.dtype)")
    let isLeft = context.string("direction") == "LEFT"
    let element = try context.value(0).element
    // Places beyond the bits of the type leave nothing but the sign.
    let inRange = (b .>= 0).logicalAnd(b .< element.bitCount)
    if !isLeft, element.isSigned {
      let wide = a.cast(to: .int64)
      let places = inRange.select(b.cast(to: .int64), 62)
      return wide.floorDivide(Tensor.full([], 1, dtype: .int64).shiftLeft(places)).like(a)
    }
    let shifted = isLeft ? a.shiftLeft(b) : a.shiftRight(b)
    return inRange.select(shifted, Tensor.zeros(like: shifted)).like(a)
  }

  /// The same bytes read as another type.
  private static func reinterpreted(_ context: NodeContext) throws -> Tensor {
    guard let x = try context.readable(0), let number = context.int("to") else {
      throw context.fault(expected: "an input and a type 'to'", found: "less")
    }
    var bytes = ONNXTensorProto("", x, as: try context.value(0).element)
    bytes.dataType = Int32(clamping: number)
    return try bytes.read().tensor
  }

  private static func cast(_ context: NodeContext, _ element: ElementType) throws -> Tensor {
    let x = try context.input(0)
    if x.dtype.isFloating, element.dtype == .bool { return x .!= 0 }
    // Through int64, so that what overflows wraps around.
    if x.dtype.isFloating, element.dtype == .uint8 || element.range != nil {
      return x.cast(to: .int64).cast(to: element.dtype)
    }
    return x.cast(to: element.dtype)
  }
}

extension NodeContext {
  /// A tensor without fractions.
  fileprivate func whole(_ x: Tensor) throws -> Tensor {
    try require(!x.dtype.isFloating, "integers", "\(x.dtype)")
    return x
  }

  /// Two operands that broadcast, the second in the type of the first.
  ///
  /// Before version 7 the axes of the second began at the attribute `axis` of the first.
  func pair() throws -> (Tensor, Tensor) {
    let (a, b) = (try input(0), try input(1))
    guard opset < 7, flag("broadcast"), let axis = int("axis"), b.rank > 0 else {
      _ = try broadcast([a, b])
      return (a, b)
    }
    let first = try self.axis(axis, rank: a.rank)
    try require(
      first + b.rank <= a.rank, "at most \(a.rank - first) axes of the second input",
      "shape \(b.shape)")
    let ones = [Int](repeating: 1, count: a.rank - first - b.rank)
    let second = b.reshape(b.shape + ones)
    _ = try broadcast([a, second])
    return (a, second)
  }
}

extension Tensor {
  /// The quotient; integers divide toward zero.
  func quotient(_ divisor: Tensor) -> Tensor {
    if dtype.isFloating { return self / divisor }
    return (self - remainder(divisor)).floorDivide(divisor)
  }
}
