/// The shape and element type of a value.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
  /// Sizes of the axes, outermost first; empty for a scalar.
  public var shape: [Int]
  /// Type of the elements.
  public var dtype: DType

  /// A value of `shape` with elements of `dtype`.
  public init(_ shape: [Int], _ dtype: DType = .float32) {
    self.shape = shape
    self.dtype = dtype
  }

  /// Number of elements.
  public var count: Int { shape.elementCount }
  /// Bytes of a contiguous array of this type.
  public var byteCount: Int { count * dtype.byteCount }

  public var description: String { "\(dtype.name)\(shape)" }
}

extension [Int] {
  /// Product of the sizes: elements of an array of this shape.
  public var elementCount: Int { reduce(1, *) }

  /// Element strides of a contiguous row-major array of this shape.
  public var rowMajorStrides: [Int] {
    var strides = self
    var step = 1
    for axis in indices.reversed() {
      strides[axis] = step
      step *= self[axis]
    }
    return strides
  }

  /// The shape without axes of size one: what decides how elements lie in memory.
  var withoutOnes: [Int] { filter { $0 != 1 } }

  /// The shape that two shapes broadcast to under NumPy's rule, or nil.
  public func broadcast(with other: [Int]) -> [Int]? {
    let rank = Swift.max(count, other.count)
    var result = [Int](repeating: 1, count: rank)
    for axis in 0..<rank {
      let left = axis < rank - count ? 1 : self[axis - (rank - count)]
      let right = axis < rank - other.count ? 1 : other[axis - (rank - other.count)]
      guard left == right || left == 1 || right == 1 else { return nil }
      result[axis] = left == 1 ? right : left
    }
    return result
  }
}
