import PlushEngine

extension Tensor {
  /// The elements in the same row-major order in another shape of as many elements; one size may be
  /// -1 and is computed: `reshape([-1, 4])` makes [2, 3, 4] to [6, 4].
  public func reshape(_ shape: [Int]) -> Tensor {
    let target = inferred(shape)
    if target == self.shape { return self }
    if let number { return .fill(number, TensorType(target, dtype)) }
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

  /// The axes in another order: axis i of the result is axis `permutation[i]` of this, so [2, 0, 1]
  /// makes [a, b, c] to [c, a, b]; in reversed order without.
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

  /// The tensor with a new axis of size one: of [3, 4] axis 0 makes [1, 3, 4], axis -1 [3, 4, 1].
  public func expandDims(axis: Int) -> Tensor {
    let position = axis < 0 ? axis + rank + 1 : axis
    guard position >= 0, position <= rank else {
      stop("expandDims at axis \(axis): the tensor has \(rank) axes, shape \(shape).")
    }
    return restoring([position])
  }

  /// The tensor without these axes, which must have size one, or without all that have: [1, 3, 1]
  /// gives [3].
  public func squeeze(axes: [Int]? = nil) -> Tensor {
    let removed = axes.map { self.axes($0, "squeeze") } ?? shape.indices.filter { shape[$0] == 1 }
    guard removed.allSatisfy({ shape[$0] == 1 }) else {
      stop("squeeze expects axes of size one; got \(removed) of \(shape).")
    }
    return reshape(shape.indices.filter { !removed.contains($0) }.map { shape[$0] })
  }

  /// The tensor without an axis, which must have size one.
  public func squeeze(axis: Int) -> Tensor { squeeze(axes: [axis]) }

  /// The elements in row-major order in one axis: [a, b, …] gives [a · b · …].
  public func flatten() -> Tensor { reshape([count]) }

  /// The elements along these axes, or all, in opposite order.
  public func reverse(axes: [Int]? = nil) -> Tensor {
    let axes = self.axes(axes, "reverse")
    return axes.isEmpty ? self : .record(.reverse(axes: axes), [self])
  }

  /// The elements along an axis in opposite order.
  public func reverse(axis: Int) -> Tensor { reverse(axes: [axis]) }

  /// The tensor repeated as a whole, `repetitions[i]` times along axis i, lined up from the right:
  /// [2, 3] with [2, 1] gives [4, 3].
  public func tile(_ repetitions: [Int]) -> Tensor {
    let extra = Swift.max(0, repetitions.count - rank)
    let sizes = [Int](repeating: 1, count: extra) + shape
    let times = [Int](repeating: 1, count: sizes.count - repetitions.count) + repetitions
    let apart = reshape(sizes.flatMap { [1, $0] })
    let repeated = apart.broadcast(to: zip(times, sizes).flatMap { [$0, $1] })
    return repeated.reshape(zip(times, sizes).map { $0 * $1 })
  }

  /// Each element along an axis `count` times in a row: 1, 2 twice gives 1, 1, 2, 2.
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

  /// Blocks of the axes after the first moved into the batch: with `blockShape` [b₁, b₂, …] and
  /// padding before and after each of these axes, [N, S₁, S₂, …, rest…] gives
  /// [b₁·b₂·…·N, S₁/b₁, S₂/b₂, …, rest…].
  public func spaceToBatch(blockShape: [Int], paddings: [(Int, Int)]) -> Tensor {
    let axes = requireBlocks(blockShape, paddings, "spaceToBatch")
    let rest = [(Int, Int)](repeating: (0, 0), count: rank - 1 - axes)
    let padded = pad([(0, 0)] + paddings + rest)
    let sizes = padded.shape
    guard zip(sizes[1...], blockShape).allSatisfy({ $0 % $1 == 0 }) else {
      stop("spaceToBatch by \(blockShape) expects padded sizes that are multiples; got \(sizes).")
    }
    let kept = zip(sizes[1...], blockShape).map { $0 / $1 }
    let apart = [sizes[0]] + zip(kept, blockShape).flatMap { [$0, $1] } + sizes[(axes + 1)...]
    let blocks = (0..<axes).map { 2 * $0 + 2 }
    let order = blocks + [0] + (0..<axes).map { 2 * $0 + 1 } + ((2 * axes + 1)..<apart.count)
    return padded.reshape(apart).transpose(order)
      .reshape([blockShape.elementCount * sizes[0]] + kept + sizes[(axes + 1)...])
  }

  /// The inverse of `spaceToBatch`: parts of the batch become blocks of the axes after the first,
  /// whose ends are cropped.
  public func batchToSpace(blockShape: [Int], crops: [(Int, Int)]) -> Tensor {
    let axes = requireBlocks(blockShape, crops, "batchToSpace")
    let count = blockShape.elementCount
    guard count > 0, shape[0] % count == 0 else {
      stop(
        "batchToSpace by \(blockShape) expects a batch that is a multiple of \(count); got \(shape)."
      )
    }
    let kept = Array(shape[1...axes])
    let apart = blockShape + [shape[0] / count] + shape[1...]
    let pairs = (0..<axes).flatMap { [axes + 1 + $0, $0] }
    let order = [axes] + pairs + ((2 * axes + 1)..<apart.count)
    let sizes = zip(kept, blockShape).map { $0 * $1 }
    let whole = reshape(apart).transpose(order)
      .reshape([shape[0] / count] + sizes + shape[(axes + 1)...])
    return crops.indices.reduce(whole) { tensor, axis in
      let (low, high) = crops[axis]
      return tensor.narrowed(axis + 1, low, sizes[axis] - low - high)
    }
  }

  private func requireBlocks(_ blocks: [Int], _ widths: [(Int, Int)], _ name: String) -> Int {
    guard blocks.count == widths.count, blocks.count < rank, blocks.allSatisfy({ $0 > 0 }) else {
      stop(
        "\(name) expects as many sizes of blocks as pairs of widths, and fewer than axes; got "
          + "\(blocks), \(widths), shape \(shape).")
    }
    return blocks.count
  }
}

/// How the axes of a grid are ordered.
public enum GridIndexing: Sendable {
  /// As in pictures: the first vector runs along the second axis.
  case xy
  /// As in matrices: each vector runs along its own axis.
  case ij
}

/// The coordinates of all points of a grid: one tensor for each vector, all of one shape. Vectors
/// [n] and [m] give [m, n] with `.xy`.
public func meshgrid(_ vectors: [Tensor], indexing: GridIndexing = .xy) -> [Tensor] {
  guard vectors.allSatisfy({ $0.rank <= 1 }) else {
    stop("meshgrid expects vectors; got shapes \(vectors.map(\.shape)).")
  }
  var order = Array(vectors.indices)
  if indexing == .xy, order.count > 1 { order.swapAt(0, 1) }
  let shape = order.map { vectors[$0].count }
  return vectors.indices.map { index in
    var line = [Int](repeating: 1, count: shape.count)
    line[order[index]] = vectors[index].count
    return vectors[index].reshape(line).broadcast(to: shape)
  }
}
