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

  /// The absolute value of each element.
  public func abs() -> Tensor { .record(.unary(.abs), [cast(to: dtype.arithmetic)]) }
  /// -1, 0 or 1 as each element is negative, 0 or positive; NaN stays.
  public func sign() -> Tensor { .record(.unary(.sign), [cast(to: dtype.arithmetic)]) }
  /// The product of each element with itself.
  public func square() -> Tensor { self * self }
  /// Each element rounded down; integers stay.
  public func floor() -> Tensor { rounding(.floor) }
  /// Each element rounded up; integers stay.
  public func ceil() -> Tensor { rounding(.ceil) }
  /// Each element rounded to the nearest whole number, halves to the even one; integers stay.
  public func round() -> Tensor { rounding(.round) }
  /// Each element rounded toward zero; integers stay.
  public func truncate() -> Tensor { rounding(.truncate) }
  /// e to the power of each element.
  public func exp() -> Tensor { function(.exp) }
  /// `exp(x) - 1`, exact near 0.
  public func expm1() -> Tensor { function(.expm1) }
  /// The natural logarithm; -∞ of 0, NaN below.
  public func log() -> Tensor { function(.log) }
  /// `log(1 + x)`, exact near 0.
  public func log1p() -> Tensor { function(.log1p) }
  /// The square root; NaN below 0.
  public func sqrt() -> Tensor { function(.sqrt) }
  /// One over the square root; ∞ of 0, NaN below.
  public func rsqrt() -> Tensor { function(.rsqrt) }
  /// One over each element; ∞ of 0.
  public func reciprocal() -> Tensor { function(.reciprocal) }
  /// The sine of an angle in radians.
  public func sin() -> Tensor { function(.sin) }
  /// The cosine of an angle in radians.
  public func cos() -> Tensor { function(.cos) }
  /// The tangent of an angle in radians.
  public func tan() -> Tensor { function(.tan) }
  /// The inverse sine in radians, from -π/2 to π/2; NaN outside of -1 ... 1.
  public func asin() -> Tensor { function(.asin) }
  /// The inverse cosine in radians, from 0 to π; NaN outside of -1 ... 1.
  public func acos() -> Tensor { function(.acos) }
  /// The inverse tangent in radians, from -π/2 to π/2.
  public func atan() -> Tensor { function(.atan) }
  /// The hyperbolic sine.
  public func sinh() -> Tensor { function(.sinh) }
  /// The hyperbolic cosine.
  public func cosh() -> Tensor { function(.cosh) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { function(.tanh) }
  /// The inverse hyperbolic sine.
  public func asinh() -> Tensor { function(.asinh) }
  /// The inverse hyperbolic cosine; NaN below 1.
  public func acosh() -> Tensor { function(.acosh) }
  /// The inverse hyperbolic tangent; NaN outside of -1 ... 1.
  public func atanh() -> Tensor { function(.atanh) }
  /// `1 / (1 + exp(-x))`.
  public func sigmoid() -> Tensor { function(.sigmoid) }
  /// The error function, `2/√π ∫₀ˣ exp(-t²) dt`.
  public func erf() -> Tensor { function(.erf) }
  /// The inverse of the error function; NaN outside of -1 ... 1.
  public func erfInverse() -> Tensor { function(.erfInverse) }
  /// Whether each element is NaN (bool).
  public func isNaN() -> Tensor { function(.isNaN) }
  /// Whether each element is neither NaN nor infinite (bool).
  public func isFinite() -> Tensor { function(.isFinite) }
  /// Whether each element is infinite (bool).
  public func isInfinite() -> Tensor { function(.isInfinite) }
}
