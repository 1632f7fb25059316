import PlushEngine

// Comparisons give bool tensors; NaN is equal to nothing.

extension Tensor {
  private static func compare(_ comparison: Comparison, _ a: Tensor, _ b: Tensor) -> Tensor {
    let (a, b) = aligned("\(comparison)", a, b)
    return record(.compare(comparison), [a, b])
  }

  /// Equal.
  public static func .== (a: Tensor, b: Tensor) -> Tensor { compare(.equal, a, b) }

  /// Equal.
  public static func .== <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .== b.operand }

  /// Equal.
  public static func .== <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .== b }

  /// Different.
  public static func .!= (a: Tensor, b: Tensor) -> Tensor { compare(.notEqual, a, b) }

  /// Different.
  public static func .!= <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .!= b.operand }

  /// Different.
  public static func .!= <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .!= b }

  /// Less.
  public static func .< (a: Tensor, b: Tensor) -> Tensor { compare(.less, a, b) }

  /// Less.
  public static func .< <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .< b.operand }

  /// Less.
  public static func .< <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .< b }

  /// Less or equal.
  public static func .<= (a: Tensor, b: Tensor) -> Tensor { compare(.lessEqual, a, b) }

  /// Less or equal.
  public static func .<= <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .<= b.operand }

  /// Less or equal.
  public static func .<= <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .<= b }

  /// Greater.
  public static func .> (a: Tensor, b: Tensor) -> Tensor { compare(.less, b, a) }

  /// Greater.
  public static func .> <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .> b.operand }

  /// Greater.
  public static func .> <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .> b }

  /// Greater or equal.
  public static func .>= (a: Tensor, b: Tensor) -> Tensor { compare(.lessEqual, b, a) }

  /// Greater or equal.
  public static func .>= <Number: TensorNumber & TensorOperand>(
    a: Tensor, b: Number
  ) -> Tensor { a .>= b.operand }

  /// Greater or equal.
  public static func .>= <Number: TensorNumber & TensorOperand>(
    a: Number, b: Tensor
  ) -> Tensor { a.operand .>= b }

}

extension Tensor {
  /// Truth values: what is not 0 is true.
  var truth: Tensor { dtype == .bool ? self : cast(to: .bool) }

  /// Both true.
  public func logicalAnd(_ other: Tensor) -> Tensor { .binary(.bitAnd, truth, other.truth) { $0 } }

  /// Either true.
  public func logicalOr(_ other: Tensor) -> Tensor { .binary(.bitOr, truth, other.truth) { $0 } }

  /// One of both true.
  public func logicalXor(_ other: Tensor) -> Tensor { .binary(.bitXor, truth, other.truth) { $0 } }

  /// True where this is false.
  public func logicalNot() -> Tensor { .record(.unary(.logicalNot), [truth]) }

  /// The first value where this is true, the second elsewhere.
  public func select(_ whereTrue: some TensorOperand, _ elsewhere: some TensorOperand) -> Tensor {
    let (a, b) = Tensor.aligned("select", whereTrue.operand, elsewhere.operand)
    guard let shape = a.shape.broadcast(with: self.shape) else {
      stop("select expects shapes that broadcast; got condition \(self.shape), values \(a.shape).")
    }
    let condition = truth.broadcast(to: shape)
    return .record(.select, [condition, a.broadcast(to: shape), b.broadcast(to: shape)])
  }

  /// `a` where the condition is true, `b` elsewhere.
  public static func `where`(
    _ condition: Tensor, _ a: some TensorOperand, _ b: some TensorOperand
  ) -> Tensor { condition.select(a, b) }
}
