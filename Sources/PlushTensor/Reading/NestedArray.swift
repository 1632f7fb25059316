/// The value of a tensor as arrays in arrays; a scalar is a single element.
public enum NestedArray<Element: TensorElement>: Hashable, Sendable {
  /// A single element.
  case element(Element)
  /// Arrays of equal sizes.
  case array([NestedArray])

  init(_ elements: ArraySlice<Element>, shape: ArraySlice<Int>) {
    guard let size = shape.first else {
      self = .element(elements.first!)
      return
    }
    let stride = size == 0 ? 0 : elements.count / size
    self = .array(
      (0..<size).map { index in
        let start = elements.startIndex + index * stride
        return NestedArray(elements[start..<start + stride], shape: shape.dropFirst())
      })
  }

  /// The element, if this is one.
  public var element: Element? {
    if case .element(let value) = self { value } else { nil }
  }

  /// The arrays; empty for an element.
  public var arrays: [NestedArray] {
    if case .array(let arrays) = self { arrays } else { [] }
  }

  /// The array or element at a position.
  public subscript(_ index: Int) -> NestedArray { arrays[index] }
}

extension NestedArray: CustomStringConvertible {
  /// The arrays as text.
  public var description: String {
    switch self {
    case .element(let value): "\(value)"
    case .array(let arrays): "[\(arrays.map(\.description).joined(separator: ", "))]"
    }
  }
}

extension NestedArray: ExpressibleByArrayLiteral {
  /// Nested arrays.
  public init(arrayLiteral elements: NestedArray...) { self = .array(elements) }
}

extension NestedArray: ExpressibleByIntegerLiteral
where Element: ExpressibleByIntegerLiteral {
  /// A single element.
  public init(integerLiteral value: Element.IntegerLiteralType) {
    self = .element(Element(integerLiteral: value))
  }
}

extension NestedArray: ExpressibleByFloatLiteral where Element: ExpressibleByFloatLiteral {
  /// A single element.
  public init(floatLiteral value: Element.FloatLiteralType) {
    self = .element(Element(floatLiteral: value))
  }
}

extension NestedArray: ExpressibleByBooleanLiteral where Element: ExpressibleByBooleanLiteral {
  /// A single element.
  public init(booleanLiteral value: Element.BooleanLiteralType) {
    self = .element(Element(booleanLiteral: value))
  }
}
