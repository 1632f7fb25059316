import PlushEngine

// Functions of one element. Functions with fractions make float32 of integers.

extension Tensor {
  private func function(_ operation: UnaryOperation) -> Tensor {
    .record(.unary(operation), [floating])
  }

  /// Rounding leaves integers as they are.
  private func rounding(_ operation: UnaryOperation) -> Tensor {
    dtype.isFloating ? .record(.unary(operation), [self]) : self
  }

  /// The absolute value.
  public func abs() -> Tensor { .record(.unary(.abs), [cast(to: dtype.arithmetic)]) }
  /// -1, 0 or 1.
  public func sign() -> Tensor { .record(.unary(.sign), [cast(to: dtype.arithmetic)]) }
  /// The product with itself.
  public func square() -> Tensor { self * self }
  /// Rounded down.
  public func floor() -> Tensor { rounding(.floor) }
  /// Rounded up.
  public func ceil() -> Tensor { rounding(.ceil) }
  /// Rounded to the nearest, halves to even.
  public func round() -> Tensor { rounding(.round) }
  /// Rounded toward zero.
  public func truncate() -> Tensor { rounding(.truncate) }
  /// e to the power of this.
  public func exp() -> Tensor { function(.exp) }
  /// `exp(x) - 1`, exact near 0.
  public func expm1() -> Tensor { function(.expm1) }
  /// The natural logarithm.
  public func log() -> Tensor { function(.log) }
  /// `log(1 + x)`, exact near 0.
  public func log1p() -> Tensor { function(.log1p) }
  /// The square root.
  public func sqrt() -> Tensor { function(.sqrt) }
  /// One over the square root.
  public func rsqrt() -> Tensor { function(.rsqrt) }
  /// One over this.
  public func reciprocal() -> Tensor { function(.reciprocal) }
  /// The sine.
  public func sin() -> Tensor { function(.sin) }
  /// The cosine.
  public func cos() -> Tensor { function(.cos) }
  /// The tangent.
  public func tan() -> Tensor { function(.tan) }
  /// The inverse sine.
  public func asin() -> Tensor { function(.asin) }
  /// The inverse cosine.
  public func acos() -> Tensor { function(.acos) }
  /// The inverse tangent.
  public func atan() -> Tensor { function(.atan) }
  /// The hyperbolic sine.
  public func sinh() -> Tensor { function(.sinh) }
  /// The hyperbolic cosine.
  public func cosh() -> Tensor { function(.cosh) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { function(.tanh) }
  /// The inverse hyperbolic sine.
  public func asinh() -> Tensor { function(.asinh) }
  /// The inverse hyperbolic cosine.
  public func acosh() -> Tensor { function(.acosh) }
  /// The inverse hyperbolic tangent.
  public func atanh() -> Tensor { function(.atanh) }
  /// `1 / (1 + exp(-x))`.
  public func sigmoid() -> Tensor { function(.sigmoid) }
  /// The error function.
  public func erf() -> Tensor { function(.erf) }
  /// The inverse of the error function.
  public func erfInverse() -> Tensor { function(.erfInverse) }
  /// Whether it is not a number.
  public func isNaN() -> Tensor { function(.isNaN) }
  /// Whether it is neither NaN nor infinite.
  public func isFinite() -> Tensor { function(.isFinite) }
  /// Whether it is infinite.
  public func isInfinite() -> Tensor { function(.isInfinite) }
}
