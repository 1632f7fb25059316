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

  /// The `k` largest elements of the last axis, largest first, and their indices (int32).
  public func topK(_ k: Int) -> (values: Tensor, indices: Tensor) {
    let axis = self.axis(-1, "topK")
    guard k <= shape[axis] else {
      stop("topK(\(k)) expects at least \(k) elements along the last axis; got \(shape).")
    }
    let indices = argSort(axis: axis, descending: true).narrowed(axis, 0, k)
    return (gatherElements(indices, axis: axis), indices)
  }

  /// The middle element in order, or the mean of the middle two, along some axes or all.
  public func median(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let axes = self.axes(axes, "median")
    let kept = shape.indices.filter { !axes.contains($0) }
    let rows = floating.transpose(kept + axes).reshape(kept.map { shape[$0] } + [-1])
    let count = rows.shape[kept.count]
    guard count > 0 else { stop("median of no elements: shape \(shape), axes \(axes).") }
    let sorted = rows.sort()
    let middle = sorted.narrowed(kept.count, (count - 1) / 2, 2 - count % 2)
    let median = middle.mean(axis: -1)
    return keepDims ? median.restoring(axes) : median
  }

  /// The middle element in order, or the mean of the middle two, along an axis.
  public func median(axis: Int, keepDims: Bool = false) -> Tensor {
    median(axes: [axis], keepDims: keepDims)
  }
}
