import PlushEngine

extension Tensor {
  /// The indices (int32) that sort an axis; equal elements keep their order, NaN comes last.
  public func argSort(axis: Int = -1, descending: Bool = false) -> Tensor {
    .record(.argsort(axis: self.axis(axis, "argSort"), descending: descending), [self])
  }

  /// The elements along an axis in order; NaN comes last.
  public func sort(axis: Int = -1, descending: Bool = false) -> Tensor {
    gatherElements(argSort(axis: axis, descending: descending), axis: axis)
  }

  /// The `k` largest elements along an axis, largest first, and their indices (int32); or the
  /// smallest, smallest first. Of equal ones the first counts.
  public func topK(
    _ k: Int, axis: Int = -1, largest: Bool = true
  ) -> (values: Tensor, indices: Tensor) {
    let axis = self.axis(axis, "topK")
    guard k >= 0, k <= shape[axis] else {
      stop("topK(\(k)) expects at least \(k) elements along axis \(axis); got \(shape).")
    }
    let indices = argSort(axis: axis, descending: largest).narrowed(axis, 0, k)
    return (gatherElements(indices, axis: axis), indices)
  }

  /// Whether the element at `targets`, along the last axis, is among the `k` largest: [count…,
  /// classes] and [count…] give bool [count…]. Equal elements share their place; what is not finite
  /// has none.
  public func inTopK(_ targets: Tensor, k: Int) -> Tensor {
    guard rank > 0, targets.shape == shape.dropLast() else {
      stop("inTopK expects [count…, classes] and targets [count…]; got \(shape), \(targets.shape).")
    }
    let score = gatherElements(targets.expandDims(axis: -1), axis: -1)
    let larger = (self .> score).sum(axis: -1)
    return (larger .< k).logicalAnd(score.squeeze(axis: -1).isFinite())
  }

  /// On which side of equal elements a value belongs.
  public enum Side: Sendable {
    /// Before them.
    case left
    /// After them.
    case right
  }

  /// Where values belong in sequences that are in order: how many elements along the last axis stand
  /// before each (int32).
  ///
  /// - Parameters:
  ///   - values: [batch…, count] for sequences [batch…, length]; any shape for one sequence.
  ///   - side: where a value stands that equals elements.
  public func searchSorted(_ values: Tensor, side: Side = .left) -> Tensor {
    if rank == 1, values.rank != 1 {
      return searchSorted(values.flatten(), side: side).reshape(values.shape)
    }
    guard rank > 0, values.shape.dropLast() == shape.dropLast() else {
      stop(
        "searchSorted expects [batch…, length] and [batch…, count]; got \(shape), \(values.shape).")
    }
    let type = Tensor.commonType(self, values)
    let (sequence, values) = (cast(to: type), values.cast(to: type))
    let length = shape[rank - 1]
    var before = Tensor.zeros(values.shape, dtype: .int32)
    // The place bit by bit, from the highest.
    var step = length == 0 ? 0 : 1 << (Int.bitWidth - 1 - length.leadingZeroBitCount)
    while step > 0 {
      let next = before + step
      let isInside = next .<= length
      let element = sequence.gatherElements(isInside.select(next - 1, 0), axis: -1)
      let isBefore = side == .left ? element .< values : element .<= values
      before = isInside.logicalAnd(isBefore).select(next, before)
      step /= 2
    }
    return before
  }
}
