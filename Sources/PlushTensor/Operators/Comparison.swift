import PlushEngine

// Comparisons give bool tensors; NaN is equal to nothing.

extension Tensor {
  private static func compare(_ comparison: Comparison, _ a: Tensor, _ b: Tensor) -> Tensor {
    let (a, b) = aligned("\(comparison)", a, b)
    return record(.compare(comparison), [a, b])
  }

  /// Whether elements are equal to those of the other (bool); shapes broadcast.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { compare(.equal, a, b) }

  /// Whether elements are equal to a number (bool).
  public static func .== <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .== b.operand }

  /// Whether a number is equal to elements (bool).
  public static func .== <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .== b }

  /// Whether elements are different from those of the other (bool); shapes broadcast.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { compare(.notEqual, a, b) }

  /// Whether elements are different from a number (bool).
  public static func .!= <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .!= b.operand }

  /// Whether a number is different from elements (bool).
  public static func .!= <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .!= b }

  /// Whether elements are less than those of the other (bool); shapes broadcast.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { compare(.less, a, b) }

  /// Whether elements are less than a number (bool).
  public static func .< <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .< b.operand }

  /// Whether a number is less than elements (bool).
  public static func .< <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .< b }

  /// Whether elements are less than or equal to those of the other (bool); shapes broadcast.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { compare(.lessEqual, a, b) }

  /// Whether elements are less than or equal to a number (bool).
  public static func .<= <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .<= b.operand }

  /// Whether a number is less than or equal to elements (bool).
  public static func .<= <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .<= b }

  /// Whether elements are greater than those of the other (bool); shapes broadcast.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { compare(.less, b, a) }

  /// Whether elements are greater than a number (bool).
  public static func .> <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .> b.operand }

  /// Whether a number is greater than elements (bool).
  public static func .> <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .> b }

  /// Whether elements are greater than or equal to those of the other (bool); shapes broadcast.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { compare(.lessEqual, b, a) }

  /// Whether elements are greater than or equal to a number (bool).
  public static func .>= <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .>= b.operand }

  /// Whether a number is greater than or equal to elements (bool).
  public static func .>= <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .>= b }

}

extension Tensor {
  /// Truth values: what is not 0 is true.
  var truth: Tensor { dtype == .bool ? self : cast(to: .bool) }

  /// Whether both are true (bool): what is not 0 is true. Shapes broadcast.
  public func logicalAnd(_ other: Tensor) -> Tensor { .binary(.bitAnd, truth, other.truth) { $0 } }

  /// Whether either is true (bool): what is not 0 is true. Shapes broadcast.
  public func logicalOr(_ other: Tensor) -> Tensor { .binary(.bitOr, truth, other.truth) { $0 } }

  /// Whether one of both is true (bool): what is not 0 is true. Shapes broadcast.
  public func logicalXor(_ other: Tensor) -> Tensor { .binary(.bitXor, truth, other.truth) { $0 } }

  /// True where this is 0 or false (bool).
  public func logicalNot() -> Tensor { .record(.unary(.logicalNot), [truth]) }

  /// The first value where this is true or not 0, the second elsewhere; all three shapes broadcast
  /// and the values meet in one type.
  ///
  /// ```swift
  /// (x .< 0).select(0, x)  // negative elements become 0
  /// ```
  public func select(_ whereTrue: some TensorOperand, _ elsewhere: some TensorOperand) -> Tensor {
    let (a, b) = Tensor.aligned("select", whereTrue.operand, elsewhere.operand)
    guard let shape = a.shape.broadcast(with: self.shape) else {
      stop("select expects shapes that broadcast; got condition \(self.shape), values \(a.shape).")
    }
    let condition = truth.broadcast(to: shape)
    return .record(.select, [condition, a.broadcast(to: shape), b.broadcast(to: shape)])
  }

  /// `a` where the condition is true, `b` elsewhere: the same as `condition.select(a, b)`.
  public static func `where`(
    _ condition: Tensor, _ a: some TensorOperand, _ b: some TensorOperand
  ) -> Tensor { condition.select(a, b) }
}
