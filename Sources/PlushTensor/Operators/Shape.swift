import PlushEngine

extension Tensor {
  /// The elements in the same order in another shape; one size may be -1 and is computed.
  public func reshape(_ shape: [Int]) -> Tensor {
    let target = inferred(shape)
    if target == self.shape { return self }
    if let constant { return .fill(constant, TensorType(target, dtype)) }
    return .record(.reshape(target), [self])
  }

  private func inferred(_ target: [Int]) -> [Int] {
    let known = target.filter { $0 != -1 }.reduce(1, *)
    let open = target.count { $0 == -1 }
    let fits =
      open == 0
      ? known == count
      : open == 1 && (known == 0 ? count == 0 : count % known == 0)
    guard fits, target.allSatisfy({ $0 >= -1 }) else {
      stop("reshape of \(shape), \(count) elements, to \(target) does not work out.")
    }
    return target.map { $0 == -1 ? (known == 0 ? 0 : count / known) : $0 }
  }

  /// The axes in another order: axis i of the result is `permutation[i]` of this; reversed without.
  public func transpose(_ permutation: [Int]? = nil) -> Tensor {
    let order = permutation.map { $0.map { axis($0, "transpose") } } ?? shape.indices.reversed()
    if order == Array(shape.indices) { return self }
    guard order.sorted() == Array(shape.indices) else {
      stop("transpose of \(shape) expects each axis once; got \(permutation ?? []).")
    }
    return .record(.transpose(order), [self])
  }

  /// The tensor with two axes exchanged.
  public func swapAxes(_ first: Int, _ second: Int) -> Tensor {
    var order = Array(shape.indices)
    order.swapAt(axis(first, "swapAxes"), axis(second, "swapAxes"))
    return transpose(order)
  }

  /// The tensor with an axis moved to another place.
  public func moveAxis(_ source: Int, to target: Int) -> Tensor {
    var order = Array(shape.indices)
    let axis = order.remove(at: self.axis(source, "moveAxis"))
    order.insert(axis, at: self.axis(target, "moveAxis"))
    return transpose(order)
  }

  /// The tensor with a new axis of size one; a negative axis counts from the new end.
  public func expandDims(axis: Int) -> Tensor {
    let position = axis < 0 ? axis + rank + 1 : axis
    guard position >= 0, position <= rank else {
      stop("expandDims at axis \(axis): the tensor has \(rank) axes, shape \(shape).")
    }
    return restoring([position])
  }

  /// The tensor without these axes of size one, or without all of them.
  public func squeeze(axes: [Int]? = nil) -> Tensor {
    let removed = axes.map { self.axes($0, "squeeze") } ?? shape.indices.filter { shape[$0] == 1 }
    guard removed.allSatisfy({ shape[$0] == 1 }) else {
      stop("squeeze expects axes of size one; got \(removed) of \(shape).")
    }
    return reshape(shape.indices.filter { !removed.contains($0) }.map { shape[$0] })
  }

  /// The tensor without an axis of size one.
  public func squeeze(axis: Int) -> Tensor { squeeze(axes: [axis]) }

  /// The elements in one axis.
  public func flatten() -> Tensor { reshape([count]) }

  /// The elements along these axes, or all, in opposite order.
  public func reverse(axes: [Int]? = nil) -> Tensor {
    let axes = self.axes(axes, "reverse")
    return axes.isEmpty ? self : .record(.reverse(axes: axes), [self])
  }

  /// The elements along an axis in opposite order.
  public func reverse(axis: Int) -> Tensor { reverse(axes: [axis]) }

  /// The tensor repeated as a whole, `repetitions[i]` times along axis i; lined up from the right.
  public func tile(_ repetitions: [Int]) -> Tensor {
    let extra = Swift.max(0, repetitions.count - rank)
    let sizes = [Int](repeating: 1, count: extra) + shape
    let times = [Int](repeating: 1, count: sizes.count - repetitions.count) + repetitions
    let apart = reshape(sizes.flatMap { [1, $0] })
    let repeated = apart.broadcast(to: zip(times, sizes).flatMap { [$0, $1] })
    return repeated.reshape(zip(times, sizes).map { $0 * $1 })
  }

  /// Each element along an axis `count` times in a row.
  public func `repeat`(_ count: Int, axis: Int) -> Tensor {
    let axis = self.axis(axis, "repeat")
    var shape = shape
    shape.insert(count, at: axis + 1)
    let repeated = expandDims(axis: axis + 1).broadcast(to: shape)
    shape[axis] *= shape.remove(at: axis + 1)
    return repeated.reshape(shape)
  }

  /// The elements along an axis moved by `shift` places; what leaves one end enters the other.
  public func roll(_ shift: Int, axis: Int) -> Tensor {
    let axis = self.axis(axis, "roll")
    let size = shape[axis]
    if size == 0 { return self }
    let offset = ((shift % size) + size) % size
    if offset == 0 { return self }
    return concatenate(
      [narrowed(axis, size - offset, offset), narrowed(axis, 0, size - offset)], axis: axis)
  }

  /// Blocks of height and width `blockSize` moved into channels: [N, H, W, C] to
  /// [N, H/b, W/b, b·b·C].
  public func spaceToDepth(blockSize b: Int) -> Tensor {
    guard rank == 4, b > 0, shape[1] % b == 0, shape[2] % b == 0 else {
      stop("spaceToDepth by \(b) expects [N, H, W, C] with H and W multiples of it; got \(shape).")
    }
    let (n, h, w, c) = (shape[0], shape[1] / b, shape[2] / b, shape[3])
    return reshape([n, h, b, w, b, c]).transpose([0, 1, 3, 2, 4, 5]).reshape([n, h, w, b * b * c])
  }

  /// Channels moved into blocks of height and width `blockSize`: the inverse of `spaceToDepth`.
  public func depthToSpace(blockSize b: Int) -> Tensor {
    guard rank == 4, b > 0, shape[3] % (b * b) == 0 else {
      stop("depthToSpace by \(b) expects [N, H, W, C] with C a multiple of \(b * b); got \(shape).")
    }
    let (n, h, w, c) = (shape[0], shape[1], shape[2], shape[3] / (b * b))
    return reshape([n, h, w, b, b, c]).transpose([0, 1, 3, 2, 4, 5]).reshape([n, h * b, w * b, c])
  }
}
