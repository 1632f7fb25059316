import PlushEngine

/// An array of complex numbers: a tensor of real and one of imaginary parts, of one shape and type.
public struct ComplexTensor: Sendable {
  /// The real parts.
  public let real: Tensor
  /// The imaginary parts.
  public let imaginary: Tensor

  /// Numbers of these parts, which broadcast; integers become float32.
  public init(real: Tensor, imaginary: Tensor) {
    (self.real, self.imaginary) = Tensor.aligned("complex", real, imaginary) { $0.floating }
  }

  /// Real numbers.
  public init(_ real: Tensor) {
    self.init(real: real, imaginary: .zeros(real.shape, dtype: real.dtype))
  }

  /// Sizes of the axes, outermost first.
  public var shape: [Int] { real.shape }
  /// Type of each part.
  public var dtype: DType { real.dtype }
  /// Number of axes.
  public var rank: Int { real.rank }
  /// Number of elements.
  public var count: Int { real.count }
}

extension ComplexTensor {
  /// The sum of numbers; shapes broadcast.
  public static func + (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    ComplexTensor(real: a.real + b.real, imaginary: a.imaginary + b.imaginary)
  }

  /// The difference of numbers; shapes broadcast.
  public static func - (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    ComplexTensor(real: a.real - b.real, imaginary: a.imaginary - b.imaginary)
  }

  /// The product of numbers; shapes broadcast.
  public static func * (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    ComplexTensor(
      real: a.real * b.real - a.imaginary * b.imaginary,
      imaginary: a.real * b.imaginary + a.imaginary * b.real)
  }

  /// The product with real numbers; shapes broadcast.
  public static func * (a: ComplexTensor, b: Tensor) -> ComplexTensor { a.map { $0 * b } }

  /// The quotient of numbers; shapes broadcast.
  public static func / (a: ComplexTensor, b: ComplexTensor) -> ComplexTensor {
    let product = a * b.conjugate()
    let square = b.real.square() + b.imaginary.square()
    return product.map { $0 / square }
  }

  /// The negative.
  public static prefix func - (a: ComplexTensor) -> ComplexTensor { a.map { -$0 } }

  /// The numbers with negative imaginary parts.
  public func conjugate() -> ComplexTensor { ComplexTensor(real: real, imaginary: -imaginary) }

  /// The absolute values, with gradient 0 at 0.
  public func abs() -> Tensor {
    let square = real.square() + imaginary.square()
    let isZero = square .== 0
    return isZero.select(0, isZero.select(1, square).sqrt())
  }

  /// The angles, from -π to π.
  public func angle() -> Tensor { imaginary.atan2(real) }

  /// The elements in the same order in another shape; one size may be -1 and is computed.
  public func reshape(_ shape: [Int]) -> ComplexTensor { map { $0.reshape(shape) } }

  /// The axes in another order; reversed without one.
  public func transpose(_ permutation: [Int]? = nil) -> ComplexTensor {
    map { $0.transpose(permutation) }
  }

  /// Both parts changed alike, as any function that is linear over real numbers changes them.
  public func map(_ body: (Tensor) -> Tensor) -> ComplexTensor {
    ComplexTensor(real: body(real), imaginary: body(imaginary))
  }
}

/// Complex tensors one after another along an axis.
public func concatenate(_ tensors: [ComplexTensor], axis: Int = 0) -> ComplexTensor {
  ComplexTensor(
    real: concatenate(tensors.map(\.real), axis: axis),
    imaginary: concatenate(tensors.map(\.imaginary), axis: axis))
}
