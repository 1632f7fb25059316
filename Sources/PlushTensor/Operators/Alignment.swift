import PlushEngine

extension Tensor {
  /// Both operands in one type and shape, as an operation on pairs of elements takes them.
  ///
  /// - Parameter type: what the type in which they meet must become.
  static func aligned(
    _ name: String, _ a: Tensor, _ b: Tensor, _ type: (DType) -> DType = { $0 }
  ) -> (Tensor, Tensor) {
    guard let shape = a.shape.broadcast(with: b.shape) else {
      stop(
        "\(name) expects shapes that broadcast; got \(a.shape) and \(b.shape).",
        hint: "Axes, counted from the right, must be equal or 1: reshape or transpose one side.")
    }
    let dtype = type(commonType(a, b))
    return (a.cast(to: dtype).broadcast(to: shape), b.cast(to: dtype).broadcast(to: shape))
  }

  /// The type in which two operands meet. A number takes the type of the tensor, but a fraction
  /// makes integers float32.
  static func commonType(_ a: Tensor, _ b: Tensor) -> DType {
    switch (a.isNumber, b.isNumber) {
    case (true, false): b.dtype.adopting(a.dtype)
    case (false, true): a.dtype.adopting(b.dtype)
    default: a.dtype.promoted(with: b.dtype)
    }
  }

  private var isNumber: Bool { number != nil }

  /// The tensor in a floating type: integers become float32.
  var floating: Tensor { cast(to: dtype.floating) }
}

extension DType {
  /// The type of a tensor of this type when it meets a number.
  fileprivate func adopting(_ number: DType) -> DType {
    if isFloating { return self }
    if number.isFloating { return .float32 }
    return self == .bool ? number : self
  }

  /// The type itself if it has fractions, else float32.
  var floating: DType { isFloating ? self : .float32 }

  /// The type that arithmetic gives: truth values count as int32.
  var arithmetic: DType { self == .bool ? .int32 : self }

  /// The type that sums have: small types do not overflow.
  var summing: DType { self == .bool || self == .uint8 ? .int32 : self }
}

extension Tensor {
  /// The tensor with elements of another type. Reals become integers toward zero, saturating.
  public func cast(to dtype: DType) -> Tensor {
    if dtype == self.dtype, !isNumber { return self }
    if let number { return .fill(number, TensorType(shape, dtype)) }
    return .record(.cast(dtype), [self])
  }

  /// The tensor repeated along axes of size one, lined up from the right.
  public func broadcast(to shape: [Int]) -> Tensor {
    if shape == self.shape { return self }
    if let number { return .fill(number, TensorType(shape, dtype)) }
    return .record(.broadcast(shape), [self])
  }
}
