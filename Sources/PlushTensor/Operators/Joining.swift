import PlushEngine

/// The tensors one after another along an axis: along axis 1 [2, 3] and [2, 4] give [2, 7]. The
/// other axes must agree; types meet in the promoted one.
public func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  guard let first = tensors.first else { stop("concatenate expects at least one tensor.") }
  let axis = first.axis(axis, "concatenate")
  let dtype = tensors.dropFirst().reduce(first.dtype) { $0.promoted(with: $1.dtype) }
  if tensors.count == 1 { return first }
  return .record(.concatenate(axis: axis), tensors.map { $0.cast(to: dtype) })
}

/// The tensors, of equal shapes, side by side along a new axis: three of [2, 4] give [3, 2, 4].
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  guard let first = tensors.first else { stop("stack expects at least one tensor.") }
  guard tensors.allSatisfy({ $0.shape == first.shape }) else {
    stop("stack expects equal shapes; got \(tensors.map(\.shape)).")
  }
  let position = axis < 0 ? axis + first.rank + 1 : axis
  return concatenate(tensors.map { $0.expandDims(axis: position) }, axis: position)
}

extension Tensor {
  /// The slices along an axis, without it: [3, 4] gives three of [4].
  public func unstack(axis: Int = 0) -> [Tensor] {
    let axis = self.axis(axis, "unstack")
    return (0..<shape[axis]).map { narrowed(axis, $0, 1).squeeze(axis: axis) }
  }

  /// `count` equal parts along an axis, whose size must be a multiple: [6, 4] in 2 parts gives two
  /// of [3, 4].
  public func split(count: Int, axis: Int = 0) -> [Tensor] {
    let size = shape[self.axis(axis, "split")]
    guard count > 0, size % count == 0 else {
      stop("split into \(count) equal parts: axis \(axis) of \(shape) has \(size) elements.")
    }
    return split(sizes: [Int](repeating: size / count, count: count), axis: axis)
  }

  /// Parts of these sizes along an axis, which sum to its size; one may be -1 and is computed.
  public func split(sizes: [Int], axis: Int = 0) -> [Tensor] {
    let axis = self.axis(axis, "split")
    let rest = shape[axis] - sizes.filter { $0 != -1 }.reduce(0, +)
    let sizes = sizes.map { $0 == -1 ? rest : $0 }
    guard sizes.reduce(0, +) == shape[axis], sizes.allSatisfy({ $0 >= 0 }) else {
      stop("split into \(sizes): axis \(axis) of \(shape) has \(shape[axis]) elements.")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return narrowed(axis, start, size)
    }
  }
}
