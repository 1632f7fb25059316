import PlushEngine

extension Tensor: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  /// A scalar that adopts the type of the tensor it meets, int32 on its own.
  public init(integerLiteral value: Int) { self.init(number: value.scalar, .int32) }

  /// A scalar that adopts the type of the tensor it meets, float32 on its own.
  public init(floatLiteral value: Double) { self.init(number: .real(value), .float32) }

  /// A bool scalar.
  public init(booleanLiteral value: Bool) { self = .fill(value.scalar, TensorType([], .bool)) }

  /// A tensor of nested arrays: float32 if there is a fraction, else int32 or bool.
  public init(arrayLiteral elements: TensorLiteral...) {
    self = TensorLiteral.array(elements).tensor
  }
}

/// A number or nested arrays of numbers written in the code where a tensor is expected.
public enum TensorLiteral: Sendable {
  /// A whole number.
  case integer(Int)
  /// A number with a fraction.
  case real(Double)
  /// A truth value.
  case bool(Bool)
  /// Nested arrays.
  case array([TensorLiteral])
}

extension TensorLiteral: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  /// A whole number.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A number with a fraction.
  public init(floatLiteral value: Double) { self = .real(value) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Nested arrays.
  public init(arrayLiteral elements: TensorLiteral...) { self = .array(elements) }
}

extension TensorLiteral {
  private var shape: [Int] {
    guard case .array(let elements) = self else { return [] }
    return [elements.count] + (elements.first?.shape ?? [])
  }

  private var dtype: DType? {
    switch self {
    case .integer: .int32
    case .real: .float32
    case .bool: .bool
    case .array(let elements):
      elements.reduce(nil) { type, element in
        guard let type, let other = element.dtype else { return type ?? element.dtype }
        return type.promoted(with: other)
      }
    }
  }

  private func append(to numbers: inout [Double], shape: ArraySlice<Int>) -> Bool {
    switch self {
    case .integer(let value): numbers.append(Double(value))
    case .real(let value): numbers.append(value)
    case .bool(let value): numbers.append(value ? 1 : 0)
    case .array(let elements):
      return shape.first == elements.count
        && elements.allSatisfy { $0.append(to: &numbers, shape: shape.dropFirst()) }
    }
    return shape.isEmpty
  }

  fileprivate var tensor: Tensor {
    let shape = shape
    var numbers: [Double] = []
    guard append(to: &numbers, shape: shape[...]) else {
      stop("Tensor expects nested arrays of equal sizes; they begin as \(shape).")
    }
    return Tensor(numbers, shape: shape, dtype: dtype)
  }
}
