import PlushEngine

extension Tensor {
  /// What padding repeats from the tensor.
  public enum PaddingMode: Sendable {
    /// The mirror image without the edge: [2, 3 | 4] becomes [3, 2, 3 | …].
    case reflect
    /// The mirror image with the edge.
    case symmetric
    /// The edge.
    case edge
  }

  /// The tensor with `widths[i]` elements before and after axis i, all `value`.
  public func pad(_ widths: [(Int, Int)], value: Double = 0) -> Tensor {
    requireWidths(widths)
    if widths.allSatisfy({ $0 == (0, 0) }) { return self }
    let padding = Tensor.fill(.real(value), TensorType([], dtype))
    return .record(.pad(low: widths.map(\.0), high: widths.map(\.1)), [self, padding])
  }

  /// The tensor with `widths[i]` elements before and after axis i, taken from the tensor.
  public func pad(_ widths: [(Int, Int)], mode: PaddingMode) -> Tensor {
    requireWidths(widths)
    return shape.indices.reduce(self) { tensor, axis in
      tensor.padded(axis, widths[axis].0, widths[axis].1, mode)
    }
  }

  private func padded(_ axis: Int, _ low: Int, _ high: Int, _ mode: PaddingMode) -> Tensor {
    if low == 0, high == 0 { return self }
    let size = shape[axis]
    let longest = mode == .edge ? Int.max : mode == .reflect ? size - 1 : size
    guard size > 0, low <= longest, high <= longest else {
      stop("pad by \(low) and \(high) with mode \(mode): axis \(axis) has \(size) elements.")
    }
    let skipped = mode == .reflect ? 1 : 0
    let before: Tensor
    let after: Tensor
    if mode == .edge {
      before = narrowed(axis, 0, 1).repeat(low, axis: axis)
      after = narrowed(axis, size - 1, 1).repeat(high, axis: axis)
    } else {
      before = narrowed(axis, skipped, low).reverse(axis: axis)
      after = narrowed(axis, size - high - skipped, high).reverse(axis: axis)
    }
    return concatenate([before, self, after], axis: axis)
  }

  private func requireWidths(_ widths: [(Int, Int)]) {
    guard widths.count == rank, widths.allSatisfy({ $0.0 >= 0 && $0.1 >= 0 }) else {
      stop("pad of \(shape) expects \(rank) pairs of widths >= 0; got \(widths).")
    }
  }
}
