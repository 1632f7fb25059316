import PlushEngine

extension Tensor {
  /// The slices along an axis that the indices name: [outer…, length, inner…] and [count…] give
  /// [outer…, count…, inner…].
  public func gather(_ indices: Tensor, axis: Int = 0) -> Tensor {
    .record(.gather(axis: self.axis(axis, "gather")), [self, indices.cast(to: .int32)])
  }

  /// An element along an axis for each index; the indices have the shape of the result.
  public func gatherElements(_ indices: Tensor, axis: Int) -> Tensor {
    .record(
      .gatherElements(axis: self.axis(axis, "gatherElements")), [self, indices.cast(to: .int32)])
  }

  /// The inverse of `gather` along an axis of `length` elements: slices of one index add up.
  public func scatterAdd(_ indices: Tensor, axis: Int = 0, length: Int) -> Tensor {
    let axis = self.axis(axis, "scatterAdd")
    return .record(
      .scatterAdd(axis: axis, length: length, indexRank: indices.rank),
      [self, indices.cast(to: .int32)])
  }

  /// The inverse of `gatherElements` along an axis of `length` elements: elements of one index add
  /// up.
  public func scatterAddElements(_ indices: Tensor, axis: Int, length: Int) -> Tensor {
    let axis = self.axis(axis, "scatterAddElements")
    return .record(
      .scatterAddElements(axis: axis, length: length), [self, indices.cast(to: .int32)])
  }

  /// A new last axis of `depth` elements: 1 at the index, 0 elsewhere.
  public func oneHot(_ depth: Int, dtype: DType = .float32) -> Tensor {
    let shape = shape + [depth]
    let indices = cast(to: .int32).expandDims(axis: -1).broadcast(to: shape)
    return (indices .== .iota(shape, axis: rank)).cast(to: dtype)
  }
}
