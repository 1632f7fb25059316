#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ReferenceArray {
  func unary(_ operation: UnaryOperation) throws -> ReferenceValue {
    switch value {
    case .real(let values) where operation.isPredicate:
      .integer(values.map { isTrue(operation, $0) ? 1 : 0 })
    case .real(let values): .real(try values.map { try result(operation, $0) })
    case .integer(let values): .integer(try values.map { try result(operation, $0) })
    }
  }

  func binary(_ operation: BinaryOperation, _ other: ReferenceArray) throws -> ReferenceValue {
    switch value {
    case .real(let values):
      .real(try zip(values, other.reals).map { try result(operation, $0, $1) })
    case .integer(let values):
      .integer(
        try zip(values, other.integers).map {
          try result(operation, $0, $1, bits: type.dtype == .int64 ? 64 : 32)
        })
    }
  }

  func compare(_ comparison: Comparison, _ other: ReferenceArray) -> ReferenceValue {
    switch value {
    case .real(let values):
      .integer(zip(values, other.reals).map { isTrue(comparison, $0, $1) ? 1 : 0 })
    case .integer(let values):
      .integer(zip(values, other.integers).map { isTrue(comparison, $0, $1) ? 1 : 0 })
    }
  }

  /// The receiver is the condition.
  func select(_ yes: ReferenceArray, _ no: ReferenceArray) -> ReferenceValue {
    let count = yes.count
    let positions = integers.enumerated().map { $1 != 0 ? $0 : count + $0 }
    return yes.value.followed(by: no.value).elements(at: positions)
  }

  /// Rounds even between floating types: a cast asks for it.
  func cast(to dtype: DType) -> ReferenceValue {
    let scalars: [Scalar] =
      switch value {
      case .real(let values): values.map { Scalar.real($0).cast(toKernels: dtype) }
      case .integer(let values): values.map { Scalar.integer($0).cast(to: dtype) }
      }
    return dtype.isFloating ? .real(scalars.map(\.real)) : .integer(scalars.map(\.integer))
  }
}

extension Scalar {
  /// Reals become bytes by way of int32, as in the kernels.
  fileprivate func cast(toKernels dtype: DType) -> Scalar {
    dtype == .uint8 ? cast(to: .int32).cast(to: .uint8) : cast(to: dtype)
  }
}

private func isTrue(_ operation: UnaryOperation, _ x: Double) -> Bool {
  switch operation {
  case .isNaN: x.isNaN
  case .isFinite: x.isFinite
  case .isInfinite: x.isInfinite
  case .logicalNot: x == 0
  default: preconditionFailure("\(operation) is no predicate")
  }
}

private func result(_ operation: UnaryOperation, _ x: Double) throws -> Double {
  switch operation {
  case .negate: -x
  case .abs: abs(x)
  case .sign: x > 0 ? 1 : x < 0 ? -1 : x
  case .floor: x.rounded(.down)
  case .ceil: x.rounded(.up)
  case .round: x.rounded(.toNearestOrEven)
  case .truncate: x.rounded(.towardZero)
  case .exp: exp(x)
  case .expm1: expm1(x)
  case .log: log(x)
  case .log1p: log1p(x)
  case .sqrt: x.squareRoot()
  case .rsqrt: 1 / x.squareRoot()
  case .reciprocal: 1 / x
  case .sin: sin(x)
  case .cos: cos(x)
  case .tan: tan(x)
  case .asin: asin(x)
  case .acos: acos(x)
  case .atan: atan(x)
  case .sinh: sinh(x)
  case .cosh: cosh(x)
  case .tanh: tanh(x)
  case .asinh: asinh(x)
  case .acosh: acosh(x)
  case .atanh: atanh(x)
  case .sigmoid: 1 / (1 + exp(-x))
  case .erf: erf(x)
  case .erfInverse: inverseOfErf(x)
  case .bitNot: throw ExecutionError("\(operation) works on integers only.")
  case .isNaN, .isFinite, .isInfinite, .logicalNot:
    preconditionFailure("\(operation) is a predicate")
  }
}

private func result(_ operation: UnaryOperation, _ x: Int64) throws -> Int64 {
  switch operation {
  case .negate: 0 &- x
  case .abs: x < 0 ? 0 &- x : x
  case .sign: x.signum()
  case .floor, .ceil, .round, .truncate: x
  case .isNaN, .isInfinite: 0
  case .isFinite: 1
  case .logicalNot: x == 0 ? 1 : 0
  case .bitNot: ~x
  case .exp, .expm1, .log, .log1p, .sqrt, .rsqrt, .reciprocal, .sin, .cos, .tan, .asin, .acos,
    .atan, .sinh, .cosh, .tanh, .asinh, .acosh, .atanh, .sigmoid, .erf, .erfInverse:
    throw ExecutionError(
      "\(operation) works on floating types only.", hint: "Cast to float32 first.")
  }
}

private func result(_ operation: BinaryOperation, _ a: Double, _ b: Double) throws -> Double {
  switch operation {
  case .add: a + b
  case .subtract: a - b
  case .multiply: a * b
  case .divide: a / b
  case .floorDivide: (a / b).rounded(.down)
  case .modulo: modulo(a, b)
  case .remainder: fmod(a, b)
  case .power: pow(a, b)
  case .maximum: a.isNaN || a > b ? a : b
  case .minimum: a.isNaN || a < b ? a : b
  case .atan2: atan2(a, b)
  case .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight:
    throw ExecutionError("\(operation) works on integers only.")
  }
}

/// `bits` is the width of the arithmetic: what is shifted beyond it is lost.
private func result(
  _ operation: BinaryOperation, _ a: Int64, _ b: Int64, bits: Int64
) throws -> Int64 {
  switch operation {
  case .add: a &+ b
  case .subtract: a &- b
  case .multiply: a &* b
  case .divide: quotient(a, b)
  case .floorDivide: quotient(a, b) - (modulo(a, b) != remainder(a, b) ? 1 : 0)
  case .modulo: modulo(a, b)
  case .remainder: remainder(a, b)
  case .power: power(a, b)
  case .maximum: max(a, b)
  case .minimum: min(a, b)
  case .bitAnd: a & b
  case .bitOr: a | b
  case .bitXor: a ^ b
  case .shiftLeft: (0..<bits).contains(b) ? a << b : 0
  case .shiftRight: (0..<bits).contains(b) ? shiftRight(a, b, bits) : 0
  case .atan2:
    throw ExecutionError(
      "\(operation) works on floating types only.", hint: "Cast to float32 first.")
  }
}

private func isTrue<T: Comparable>(_ comparison: Comparison, _ a: T, _ b: T) -> Bool {
  switch comparison {
  case .equal: a == b
  case .notEqual: a != b
  case .less: a < b
  case .lessEqual: a <= b
  }
}

/// Sign of the divisor.
private func modulo(_ a: Double, _ b: Double) -> Double {
  let rest = fmod(a, b)
  if rest == 0 { return copysign(0, b) }
  return (rest < 0) != (b < 0) ? rest + b : rest
}

/// -1 as a divisor negates: the quotient of the lowest number does not exist.
private func quotient(_ a: Int64, _ b: Int64) -> Int64 {
  b == 0 ? 0 : b == -1 ? 0 &- a : a / b
}

private func remainder(_ a: Int64, _ b: Int64) -> Int64 { b == 0 || b == -1 ? 0 : a % b }

private func modulo(_ a: Int64, _ b: Int64) -> Int64 {
  let rest = remainder(a, b)
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest
}

private func power(_ base: Int64, _ exponent: Int64) -> Int64 {
  if exponent < 0 { return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0 }
  var result: Int64 = 1
  var factor = base
  var rest = exponent
  while rest > 0 {
    if rest % 2 == 1 { result = result &* factor }
    factor = factor &* factor
    rest /= 2
  }
  return result
}

private func shiftRight(_ a: Int64, _ b: Int64, _ bits: Int64) -> Int64 {
  bits == 64
    ? Int64(bitPattern: UInt64(bitPattern: a) >> UInt64(b))
    : Int64(UInt32(truncatingIfNeeded: a) >> UInt32(b))
}

/// Newton's method on erf, or on erfc near one, where erf has lost its digits.
private func inverseOfErf(_ x: Double) -> Double {
  let size = abs(x)
  guard size < 1 else { return size == 1 ? copysign(.infinity, x) : .nan }
  // A start within a hundredth: Winitzki, "A handy approximation for the error function", 2008.
  let logarithm = log1p(-size * size)
  let half = 2 / (Double.pi * 0.147) + logarithm / 2
  var y = max(0, (half * half - logarithm / 0.147).squareRoot() - half).squareRoot()
  for _ in 0..<10 {
    let error = size < 0.5 ? erf(y) - size : (1 - size) - erfc(y)
    y -= error * Double.pi.squareRoot() / 2 * exp(y * y)
  }
  return copysign(y, x)
}
