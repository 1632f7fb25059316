import PlushEngine

extension Tensor {
  /// The slices along an axis that the indices name: [outer…, length, inner…] and [count…] give
  /// [outer…, count…, inner…].
  ///
  /// - Parameters:
  ///   - indices: whole numbers of any shape, from 0 to below the length; another stops the program
  ///     when the result is computed.
  ///   - axis: the axis.
  ///   - batchAxes: so many leading axes of both are the same batch: each part of it has indices of
  ///     its own.
  public func gather(_ indices: Tensor, axis: Int = 0, batchAxes: Int = 0) -> Tensor {
    let axis = self.axis(axis, "gather")
    if batchAxes > 0 { return gatherBatches(indices.cast(to: .int32), axis, batchAxes) }
    return .record(.gather(axis: axis), [self, indices.cast(to: .int32)])
  }

  /// One gather from the batch's tables, laid one after the other.
  private func gatherBatches(_ indices: Tensor, _ axis: Int, _ batchAxes: Int) -> Tensor {
    let batch = Array(shape[..<Swift.min(batchAxes, rank)])
    guard batchAxes <= axis, indices.shape.starts(with: batch) else {
      stop(
        "gather with \(batchAxes) batch axes expects indices that begin as \(batch) and an axis "
          + "after these; got indices \(indices.shape), axis \(axis).")
    }
    let outer = Array(shape[batchAxes..<axis])
    let inner = Array(shape[(axis + 1)...])
    let (tables, length) = (batch.elementCount, shape[axis])
    let sizes = [outer.elementCount, inner.elementCount]
    let table = reshape([tables, sizes[0], length, sizes[1]]).transpose([0, 2, 1, 3])
      .reshape([tables * length] + sizes)
    let places = Array(indices.shape[batchAxes...])
    let own = indices.reshape([tables, places.elementCount])
    let isInside = (own .>= 0).logicalAnd(own .< length)
    let start = Tensor.iota(own.shape, axis: 0) * length
    let rows = table.gather(isInside.select(own + start, -1))
    return rows.transpose([0, 2, 1, 3]).reshape(batch + outer + places + inner)
  }

  /// The slices at positions along several axes: the last axis of the indices, [count…, k], names
  /// a position along each of the first k axes; the result has shape [count…, rest…].
  ///
  /// - Parameters:
  ///   - indices: whole numbers, [count…, k].
  ///   - batchAxes: so many leading axes of both are the same batch; the positions begin after these.
  public func gatherND(_ indices: Tensor, batchAxes: Int = 0) -> Tensor {
    let indices = batchAxes == 0 ? indices : indices.withBatchPositions(batchAxes)
    let axes = indices.positionLength(in: shape, "gatherND")
    let (indexed, rest) = (Array(shape[..<axes]), Array(shape[axes...]))
    return reshape([indexed.elementCount] + rest).gather(indices.flatPositions(in: indexed))
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

  /// How many axes the positions in the last axis are along.
  func positionLength(in shape: [Int], _ name: String) -> Int {
    guard let length = self.shape.last, length <= shape.count else {
      stop(
        "\(name) expects indices [count…, k] with k <= \(shape.count), as many as axes of \(shape) "
          + "are indexed; got \(self.shape).")
    }
    return length
  }

  /// Positions along axes of these sizes, [count…, k], as places (int32) in row-major order; -1,
  /// which is no place, where a position leaves its axis.
  func flatPositions(in sizes: [Int]) -> Tensor {
    let index = cast(to: .int32)
    let lengths = Tensor(sizes, shape: [sizes.count], dtype: .int32)
    let strides = Tensor(sizes.rowMajorStrides, shape: [sizes.count], dtype: .int32)
    let isInside = (index .>= 0).logicalAnd(index .< lengths).all(axis: -1)
    return isInside.select((index * strides).sum(axis: -1), -1)
  }

  /// The inverse of `flatPositions` for a vector: [count] gives [count, k].
  func positions(in sizes: [Int]) -> Tensor {
    let columns = zip(sizes, sizes.rowMajorStrides).map { floorDivide($1).modulo($0) }
    return columns.isEmpty ? .zeros([count, 0], dtype: .int32) : stack(columns, axis: 1)
  }

  /// The indices with their own positions along the batch before each.
  private func withBatchPositions(_ batchAxes: Int) -> Tensor {
    let places = Array(shape.dropLast()) + [1]
    let batch = (0..<batchAxes).map { Tensor.iota(places, axis: $0) }
    return concatenate(batch + [cast(to: .int32)], axis: -1)
  }

  /// A new last axis of `depth` elements: 1 at the index, 0 elsewhere.
  public func oneHot(_ depth: Int, dtype: DType = .float32) -> Tensor {
    let shape = shape + [depth]
    let indices = cast(to: .int32).expandDims(axis: -1).broadcast(to: shape)
    return (indices .== .iota(shape, axis: rank)).cast(to: dtype)
  }
}
