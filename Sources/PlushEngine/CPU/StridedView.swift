/// How a value's elements lie in the memory of another: element (i, j, …) is at
/// `offset + i * strides[0] + j * strides[1] + …`.
struct StridedView: Equatable {
  var shape: [Int]
  var strides: [Int]
  var offset = 0

  /// All of a contiguous array.
  init(contiguous shape: [Int]) {
    self.shape = shape
    strides = shape.rowMajorStrides
  }

  private init(_ shape: [Int], _ strides: [Int], _ offset: Int) {
    self.shape = shape
    self.strides = strides
    self.offset = offset
  }

  /// Whether the elements lie in order without gaps, from the first on.
  var isContiguous: Bool {
    guard offset == 0 else { return false }
    let dense = shape.rowMajorStrides
    return shape.contains(0)
      || shape.indices.allSatisfy { shape[$0] == 1 || strides[$0] == dense[$0] }
  }

  /// The view after a movement, or nil if its elements cannot be reached with strides.
  func moved(by op: Op) -> StridedView? {
    switch op {
    case .reshape(let target): return reshaped(target)
    case .transpose(let permutation):
      return StridedView(
        permutation.map { shape[$0] }, permutation.map { strides[$0] }, offset)
    case .broadcast(let target): return broadcast(target)
    case .slice(let starts, let sizes, let steps):
      let start = starts.indices.reduce(offset) { $0 + starts[$1] * strides[$1] }
      return StridedView(sizes, strides.indices.map { strides[$0] * steps[$0] }, start)
    case .reverse(let axes):
      var view = self
      for axis in axes where shape[axis] > 0 {
        view.offset += (shape[axis] - 1) * strides[axis]
        view.strides[axis] = -strides[axis]
      }
      return view
    default: return nil
    }
  }

  func broadcast(_ target: [Int]) -> StridedView {
    let missing = target.count - shape.count
    let strides = target.indices.map { axis in
      axis < missing || shape[axis - missing] != target[axis] ? 0 : self.strides[axis - missing]
    }
    return StridedView(target, strides, offset)
  }

  /// Splits and joins axes as long as joined ones follow each other in memory.
  private func reshaped(_ target: [Int]) -> StridedView? {
    if target.contains(0) { return StridedView(contiguous: target) }
    var strides = [Int](repeating: 0, count: target.count)
    let axes = shape.indices.filter { shape[$0] != 1 }
    var source = 0
    var position = 0
    while position < target.count {
      if target[position] == 1 {
        position += 1
        continue
      }
      // Take axes on both sides until they hold equally many elements.
      var (sourceEnd, targetEnd) = (source + 1, position + 1)
      var (left, right) = (shape[axes[source]], target[position])
      while left != right {
        if left < right {
          left *= shape[axes[sourceEnd]]
          sourceEnd += 1
        } else {
          right *= target[targetEnd]
          targetEnd += 1
        }
      }
      for index in source..<sourceEnd - 1 {
        let (outer, inner) = (axes[index], axes[index + 1])
        guard self.strides[outer] == self.strides[inner] * shape[inner] else { return nil }
      }
      var step = self.strides[axes[sourceEnd - 1]]
      for index in (position..<targetEnd).reversed() {
        strides[index] = step
        step *= target[index]
      }
      (source, position) = (sourceEnd, targetEnd)
    }
    return StridedView(target, strides, offset)
  }

  /// The view without axes of size one.
  var squeezed: StridedView {
    let axes = shape.indices.filter { shape[$0] != 1 }
    return StridedView(axes.map { shape[$0] }, axes.map { strides[$0] }, offset)
  }

  /// One part of a larger view: `size` elements of `axis` from `start` on.
  func part(axis: Int, start: Int, size: Int) -> StridedView {
    var view = self
    view.offset += start * strides[axis]
    view.shape[axis] = size
    return view
  }

  /// The part that begins at `starts` and has `shape`.
  func part(starts: [Int], shape: [Int]) -> StridedView {
    let start = starts.indices.reduce(offset) { $0 + starts[$1] * strides[$1] }
    return StridedView(shape, strides, start)
  }
}
