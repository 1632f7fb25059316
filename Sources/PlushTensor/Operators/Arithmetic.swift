import PlushEngine

// Operators on pairs of elements. Shapes broadcast; types meet in `DType.promoted`; numbers adopt
// the tensor's type.

extension Tensor {
  static func binary(
    _ operation: BinaryOperation, _ a: Tensor, _ b: Tensor,
    _ type: (DType) -> DType = { $0.arithmetic }
  ) -> Tensor {
    let (a, b) = aligned("\(operation)", a, b, type)
    return record(.binary(operation), [a, b])
  }

  /// The sum of elements; shapes broadcast and types meet.
  public static func + (a: Tensor, b: Tensor) -> Tensor { binary(.add, a, b) }

  /// The sum with a number, which takes the type of the tensor.
  public static func + <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a + b.operand }

  /// The sum with a number, which takes the type of the tensor.
  public static func + <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand + b }

  /// The difference of elements; shapes broadcast and types meet.
  public static func - (a: Tensor, b: Tensor) -> Tensor { binary(.subtract, a, b) }

  /// The difference with a number, which takes the type of the tensor.
  public static func - <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a - b.operand }

  /// The difference with a number, which takes the type of the tensor.
  public static func - <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand - b }

  /// The product of elements; shapes broadcast and types meet. See `matmul` for matrices.
  public static func * (a: Tensor, b: Tensor) -> Tensor { binary(.multiply, a, b) }

  /// The product with a number, which takes the type of the tensor.
  public static func * <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a * b.operand }

  /// The product with a number, which takes the type of the tensor.
  public static func * <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand * b }

  /// The quotient of elements; shapes broadcast, integers give float32.
  public static func / (a: Tensor, b: Tensor) -> Tensor { binary(.divide, a, b) { $0.floating } }

  /// The quotient with a number; integers give float32.
  public static func / <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a / b.operand }

  /// The quotient with a number; integers give float32.
  public static func / <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand / b }

  /// The negative of each element; bool gives int32.
  public static prefix func - (a: Tensor) -> Tensor {
    record(.unary(.negate), [a.cast(to: a.dtype.arithmetic)])
  }

  /// Replaces `a` by `a + b`.
  public static func += (a: inout Tensor, b: some TensorOperand) { a = a + b.operand }
  /// Replaces `a` by `a - b`.
  public static func -= (a: inout Tensor, b: some TensorOperand) { a = a - b.operand }
  /// Replaces `a` by `a * b`.
  public static func *= (a: inout Tensor, b: some TensorOperand) { a = a * b.operand }
  /// Replaces `a` by `a / b`.
  public static func /= (a: inout Tensor, b: some TensorOperand) { a = a / b.operand }
}

extension Tensor {
  /// This to the power of `exponent`; shapes broadcast. Integers with a whole exponent stay
  /// integers, 0 where the exponent is negative.
  public func pow(_ exponent: some TensorOperand) -> Tensor {
    let exponent = exponent.operand
    switch exponent.constant?.real {
    case 1 where exponent.rank == 0: return cast(to: Tensor.commonType(self, exponent).arithmetic)
    case 2 where exponent.rank == 0:
      return cast(to: Tensor.commonType(self, exponent).arithmetic).square()
    default: return .binary(.power, self, exponent)
    }
  }

  /// The larger of each pair; NaN if either is. Shapes broadcast. See `max` for that of one tensor.
  public func maximum(_ other: some TensorOperand) -> Tensor {
    .binary(.maximum, self, other.operand) { $0 }
  }

  /// The smaller of each pair; NaN if either is. Shapes broadcast. See `min` for that of one
  /// tensor.
  public func minimum(_ other: some TensorOperand) -> Tensor {
    .binary(.minimum, self, other.operand) { $0 }
  }

  /// The quotient, rounded down; integers stay integers, 0 where the divisor is 0. Shapes
  /// broadcast.
  public func floorDivide(_ divisor: some TensorOperand) -> Tensor {
    .binary(.floorDivide, self, divisor.operand)
  }

  /// What the division rounded down leaves, as Python's `%`: it has the divisor's sign. Shapes
  /// broadcast; integers give 0 where the divisor is 0.
  public func modulo(_ divisor: some TensorOperand) -> Tensor {
    .binary(.modulo, self, divisor.operand)
  }

  /// What the division toward zero leaves, as Swift's `%`: it has the dividend's sign. Shapes
  /// broadcast.
  public func remainder(_ divisor: some TensorOperand) -> Tensor {
    .binary(.remainder, self, divisor.operand)
  }

  /// The quotient, and 0 where the divisor is 0; integers give float32.
  public func divideNoNaN(_ divisor: some TensorOperand) -> Tensor {
    let divisor = divisor.operand
    let isZero = divisor .== 0
    return isZero.select(0, self / isZero.select(1, divisor))
  }

  /// `(self - other)²`.
  public func squaredDifference(_ other: some TensorOperand) -> Tensor {
    (self - other.operand).square()
  }

  /// The angle of the point with this as y and `x` as x, from -π to π. Shapes broadcast.
  public func atan2(_ x: some TensorOperand) -> Tensor {
    .binary(.atan2, self, x.operand) { $0.floating }
  }

  /// The tensor with no element below `min` and none above `max`, which broadcast.
  ///
  /// The gradient is 1 from bound to bound, the bounds included, and 0 outside.
  public func clip(min: some TensorOperand, max: some TensorOperand) -> Tensor {
    let (first, low) = Tensor.aligned("clip", self, min.operand)
    let (x, high) = Tensor.aligned("clip", first, max.operand)
    let bounds = [low, high].map { $0.cast(to: x.dtype).broadcast(to: x.shape) }
    return customGradient(
      [x] + bounds, forward: { [$0[0].maximum($0[1]).minimum($0[2])] },
      backward: { inputs, _, gradients in
        let (x, low, high, g) = (inputs[0], inputs[1], inputs[2], gradients[0])
        let (below, above) = (x .< low, x .> high)
        return [below.logicalOr(above).select(0, g), below.select(g, 0), above.select(g, 0)]
      })[0]
  }

  /// The bits set in both; integers and bool only. Shapes broadcast.
  public func bitwiseAnd(_ other: some TensorOperand) -> Tensor {
    .binary(.bitAnd, self, other.operand) { $0 }
  }

  /// The bits set in either; integers and bool only. Shapes broadcast.
  public func bitwiseOr(_ other: some TensorOperand) -> Tensor {
    .binary(.bitOr, self, other.operand) { $0 }
  }

  /// The bits set in one of both; integers and bool only. Shapes broadcast.
  public func bitwiseXor(_ other: some TensorOperand) -> Tensor {
    .binary(.bitXor, self, other.operand) { $0 }
  }

  /// The bits inverted; integers only, see `logicalNot` for truth values.
  public func bitwiseNot() -> Tensor { .record(.unary(.bitNot), [self]) }

  /// Bits moved up by so many places, zeros following; integers only. Shapes broadcast.
  public func shiftLeft(_ places: some TensorOperand) -> Tensor {
    .binary(.shiftLeft, self, places.operand)
  }

  /// Bits moved down by so many places, zeros following; integers only. Shapes broadcast.
  public func shiftRight(_ places: some TensorOperand) -> Tensor {
    .binary(.shiftRight, self, places.operand)
  }
}
