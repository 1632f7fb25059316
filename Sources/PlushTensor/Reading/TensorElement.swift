import PlushEngine

/// A Swift type whose values tensors hold.
public protocol TensorElement: Sendable, Hashable {
  /// The element type that holds exactly these values.
  static var dtype: DType { get }
  /// The element type of a tensor made of such values when none is named.
  static var defaultDType: DType { get }
  /// The value as a number.
  var scalar: Scalar { get }
}

/// A Swift number that operators take beside a tensor; it adopts the tensor's type.
public protocol TensorNumber: TensorElement, Numeric {}

extension TensorElement {
  /// The element type of a tensor made of such values when none is named.
  public static var defaultDType: DType { dtype }
}

extension TensorElement where Self: BinaryInteger {
  /// The value as a number.
  public var scalar: Scalar { .integer(Int64(self)) }
}

extension Float: TensorNumber {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .float32 }
  /// The value as a number.
  public var scalar: Scalar { .real(Double(self)) }
}

extension Double: TensorNumber {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .float64 }
  /// The element type of a tensor made of such values when none is named.
  public static var defaultDType: DType { .float32 }
  /// The value as a number.
  public var scalar: Scalar { .real(self) }
}

extension Int: TensorNumber {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .int64 }
  /// The element type of a tensor made of such values when none is named.
  public static var defaultDType: DType { .int32 }
}

extension Int32: TensorNumber {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .int32 }
}

extension Int64: TensorNumber {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .int64 }
}

extension UInt8: TensorNumber {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .uint8 }
}

extension Bool: TensorElement {
  /// The element type that holds exactly these values.
  public static var dtype: DType { .bool }
  /// The value as a number.
  public var scalar: Scalar { .integer(self ? 1 : 0) }
}

/// A tensor or a Swift number: what the second operand of an operator may be.
public protocol TensorOperand: Sendable {
  /// The operand as a tensor; numbers adopt the type of the tensor they meet.
  var operand: Tensor { get }
}

extension Tensor: TensorOperand {
  /// The operand as a tensor.
  public var operand: Tensor { self }
}

extension TensorOperand where Self: TensorNumber {
  /// The operand as a tensor.
  public var operand: Tensor { Tensor(number: scalar, Self.defaultDType) }
}

extension Float: TensorOperand {}
extension Double: TensorOperand {}
extension Int: TensorOperand {}
extension Int32: TensorOperand {}
extension Int64: TensorOperand {}
extension UInt8: TensorOperand {}

extension Tensor {
  /// A number that adopts the type of the tensor it meets.
  init(number: Scalar, _ dtype: DType) {
    self = Node(.number(number), [], [TensorType([], dtype)]).tensor
  }
}

/// A number or nested arrays of numbers: what a tensor can be made of.
public protocol TensorValues {
  /// Type of the numbers.
  associatedtype Number: TensorElement
  /// Sizes of the nested arrays, outermost first, as the first of each tells.
  var nestedShape: [Int] { get }
  /// Appends all numbers in order and tells whether the arrays have this shape.
  func append(to elements: inout [Number], shape: ArraySlice<Int>) -> Bool
}

extension TensorValues where Self: TensorElement {
  /// Sizes of the nested arrays, outermost first.
  public var nestedShape: [Int] { [] }

  /// Appends all numbers in order and tells whether the arrays have this shape.
  public func append(to elements: inout [Self], shape: ArraySlice<Int>) -> Bool {
    elements.append(self)
    return shape.isEmpty
  }
}

extension Float: TensorValues {}
extension Double: TensorValues {}
extension Int: TensorValues {}
extension Int32: TensorValues {}
extension Int64: TensorValues {}
extension UInt8: TensorValues {}
extension Bool: TensorValues {}

extension Array: TensorValues where Element: TensorValues {
  /// Sizes of the nested arrays, outermost first.
  public var nestedShape: [Int] { [count] + (first?.nestedShape ?? []) }

  /// Appends all numbers in order and tells whether the arrays have this shape.
  public func append(to elements: inout [Element.Number], shape: ArraySlice<Int>) -> Bool {
    guard shape.first == count else { return false }
    if let flat = self as? [Element.Number] {
      elements.append(contentsOf: flat)
      return shape.count == 1
    }
    return allSatisfy { $0.append(to: &elements, shape: shape.dropFirst()) }
  }
}
