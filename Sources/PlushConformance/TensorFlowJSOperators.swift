import PlushTensor

/// TensorFlow.js's operators by name, a file for each family.
enum TensorFlowJSOperators {
  typealias Operator = @Sendable (TensorFlowJSArguments) throws -> [TensorFlowJSValue]

  static let all: [String: Operator] = {
    let families = [
      elementwise, binary, reductions, creation, movement, indexing, linearAlgebra, signal,
      normalization, convolution, pooling, images, losses, sparse, recurrent,
    ]
    return families.reduce(into: [:]) { all, family in all.merge(family) { first, _ in first } }
  }()

  /// An operator of one result.
  static func one(
    _ body: @escaping @Sendable (TensorFlowJSArguments) throws -> Tensor
  ) -> Operator { { [.tensor(try body($0))] } }

  /// An operator of several results.
  static func several(
    _ body: @escaping @Sendable (TensorFlowJSArguments) throws -> [Tensor]
  ) -> Operator { { try body($0).map { .tensor($0) } } }

  /// A function of one tensor.
  static func unary(_ body: @escaping @Sendable (Tensor) -> Tensor) -> Operator {
    one { body(try $0.tensor(0)) }
  }

  /// A function of two tensors.
  static func binary(_ body: @escaping @Sendable (Tensor, Tensor) -> Tensor) -> Operator {
    one { body(try $0.tensor(0), try $0.tensor(1)) }
  }

  /// A function of one tensor, of complex numbers applied to both parts.
  static func linear(
    _ body: @escaping @Sendable (Tensor, TensorFlowJSArguments) throws -> Tensor
  ) -> Operator {
    { arguments in
      switch try arguments.value(0) {
      case .tensor(let x), .noGradient(let x): [.tensor(try body(x, arguments))]
      case .complex(let x):
        [
          .complex(
            ComplexTensor(
              real: try body(x.real, arguments), imaginary: try body(x.imaginary, arguments)))
        ]
      }
    }
  }

  /// A comparison that complex numbers have too.
  static func equality(
    _ real: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ complex: @escaping @Sendable (_ realParts: Tensor, _ imaginaryParts: Tensor) -> Tensor
  ) -> Operator {
    { arguments in
      let (a, b) = (try arguments.value(0), try arguments.value(1))
      guard a.isComplex || b.isComplex else { return [.tensor(real(try a.tensor, try b.tensor))] }
      let (x, y) = (a.complex, b.complex)
      return [.tensor(complex(real(x.real, y.real), real(x.imaginary, y.imaginary)))]
    }
  }

  /// A function of two tensors that complex numbers have too.
  static func field(
    _ real: @escaping @Sendable (Tensor, Tensor) -> Tensor,
    _ complex: @escaping @Sendable (ComplexTensor, ComplexTensor) -> ComplexTensor
  ) -> Operator {
    { arguments in
      let (a, b) = (try arguments.value(0), try arguments.value(1))
      if a.isComplex || b.isComplex { return [.complex(complex(a.complex, b.complex))] }
      return [.tensor(real(try a.tensor, try b.tensor))]
    }
  }
}
