import PlushEngine

extension Tensor {
  /// The inverse of `gatherND`: zeros of this shape with the slices, [count…, rest…], at the
  /// positions, [count…, k], along its first k axes; slices of one position add up.
  public func scatterND(_ indices: Tensor, shape: [Int]) -> Tensor {
    let (places, slices, length) = slicesByPlace(indices, into: shape, "scatterND")
    return slices.scatterAdd(places, length: length).reshape(shape)
  }

  /// The tensor with other slices, [count…, rest…], at the positions, [count…, k], along its first k
  /// axes; of several at one position the last counts.
  public func scatterUpdate(_ indices: Tensor, _ updates: Tensor) -> Tensor {
    let (places, slices, length) = updates.cast(to: dtype)
      .slicesByPlace(indices, into: shape, "scatterUpdate")
    if places.count == 0 { return self }
    let order = places.argSort()
    let sorted = places.gather(order)
    let isLast = sorted.isLastOfEqual(axis: 0)
    let column = isLast.reshape([isLast.count] + slices.shape.dropFirst().map { _ in 1 })
    let kept = column.select(slices.gather(order), Tensor.zeros(like: slices))
    let sums = kept.scatterAdd(sorted, length: length).reshape(shape)
    let isWritten = isLast.cast(to: .int32).scatterAdd(sorted, length: length) .> 0
    let rows = shape[..<indices.shape[indices.rank - 1]]
    let mask = isWritten.reshape(rows + shape[rows.count...].map { _ in 1 })
    return mask.select(sums, self)
  }

  /// The tensor with other elements at the indices along an axis, one for each; of several for one
  /// place the last counts. Along the other axes the updates may be shorter.
  public func scatterUpdateElements(_ indices: Tensor, _ updates: Tensor, axis: Int) -> Tensor {
    let axis = self.axis(axis, "scatterUpdateElements")
    guard indices.shape == updates.shape, indices.rank == rank else {
      stop(
        "scatterUpdateElements expects an index for each update, as many axes as the tensor; got "
          + "\(shape), indices \(indices.shape), updates \(updates.shape).")
    }
    if indices.count == 0 { return self }
    let order = indices.argSort(axis: axis)
    let sorted = indices.gatherElements(order, axis: axis)
    let isLast = sorted.isLastOfEqual(axis: axis)
    let kept = isLast.select(
      updates.cast(to: dtype).gatherElements(order, axis: axis),
      Tensor.zeros(updates.shape, dtype: dtype))
    let length = shape[axis]
    let sums = kept.scatterAddElements(sorted, axis: axis, length: length)
    let writes = isLast.cast(to: .int32).scatterAddElements(sorted, axis: axis, length: length)
    let widths = shape.indices.map { (0, shape[$0] - sums.shape[$0]) }
    return (writes.pad(widths) .> 0).select(sums.pad(widths), self)
  }

  /// The places that the positions name in a tensor of this shape, and the slices for them.
  private func slicesByPlace(
    _ indices: Tensor, into shape: [Int], _ name: String
  ) -> (places: Tensor, slices: Tensor, length: Int) {
    let axes = indices.positionLength(in: shape, name)
    let (indexed, rest) = (Array(shape[..<axes]), Array(shape[axes...]))
    guard self.shape == indices.shape.dropLast() + rest else {
      stop(
        "\(name) into \(shape) at indices \(indices.shape) expects slices "
          + "\(Array(indices.shape.dropLast()) + rest); got \(self.shape).")
    }
    let places = indices.flatPositions(in: indexed).flatten()
    return (places, reshape([places.count] + rest), indexed.elementCount)
  }

  /// Whether the next element along an axis in order is another; true for the last.
  private func isLastOfEqual(axis: Int) -> Tensor {
    let length = shape[axis]
    let changes = narrowed(axis, 0, length - 1) .!= narrowed(axis, 1, length - 1)
    var end = shape
    end[axis] = 1
    return concatenate([changes, .ones(end, dtype: .bool)], axis: axis)
  }
}
