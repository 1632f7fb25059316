import PlushEngine

/// What stands for a place between two elements in order.
public enum QuantileMethod: Sendable {
  /// Between them, in proportion.
  case linear
  /// The lower one.
  case lower
  /// The higher one.
  case higher
  /// Their mean.
  case midpoint
  /// The nearer one; halfway, the one at the even place.
  case nearest
}

extension Tensor {
  /// The element at the fraction `q`, from 0 to 1, of the way through all in order, along some axes
  /// or all; NaN if any is.
  public func quantile(
    _ q: Double, axes: [Int]? = nil, keepDims: Bool = false, method: QuantileMethod = .linear
  ) -> Tensor {
    guard q >= 0, q <= 1 else { stop("quantile expects a fraction from 0 to 1; got \(q).") }
    let axes = self.axes(axes, "quantile")
    let kept = shape.indices.filter { !axes.contains($0) }
    let rows = floating.transpose(kept + axes)
      .reshape(kept.map { shape[$0] } + [axes.map { shape[$0] }.elementCount])
    let last = rows.shape[kept.count] - 1
    guard last >= 0 else { stop("quantile of no elements: shape \(shape), axes \(axes).") }
    let sorted = rows.sort()
    let (lower, upper, weight) = method.neighbors(of: q * Double(last))
    let low = sorted.narrowed(kept.count, lower, 1).squeeze(axis: -1)
    let high = sorted.narrowed(kept.count, upper, 1).squeeze(axis: -1)
    let between = weight == 0 ? low : weight == 1 ? high : low * (1 - weight) + high * weight
    // NaN comes last in order.
    let end = sorted.narrowed(kept.count, last, 1).squeeze(axis: -1)
    let result = end.isNaN().select(end, between)
    return keepDims ? result.restoring(axes) : result
  }

  /// The element at the fraction `q` of the way through an axis in order.
  public func quantile(
    _ q: Double, axis: Int, keepDims: Bool = false, method: QuantileMethod = .linear
  ) -> Tensor {
    quantile(q, axes: [axis], keepDims: keepDims, method: method)
  }

  /// The quantile at `percent` hundredths.
  public func percentile(
    _ percent: Double, axes: [Int]? = nil, keepDims: Bool = false,
    method: QuantileMethod = .linear
  ) -> Tensor {
    quantile(percent / 100, axes: axes, keepDims: keepDims, method: method)
  }

  /// The middle element in order, or the mean of the middle two, along some axes or all; NaN if any
  /// is.
  public func median(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    quantile(0.5, axes: axes, keepDims: keepDims, method: .midpoint)
  }

  /// The middle element in order, or the mean of the middle two, along an axis.
  public func median(axis: Int, keepDims: Bool = false) -> Tensor {
    median(axes: [axis], keepDims: keepDims)
  }
}

extension QuantileMethod {
  /// The places before and after a position, and the weight of the latter.
  fileprivate func neighbors(of position: Double) -> (lower: Int, upper: Int, weight: Double) {
    let (lower, upper) = (position.rounded(.down), position.rounded(.up))
    let weight: Double =
      switch self {
      case .linear: position - lower
      case .lower: 0
      case .higher: 1
      case .midpoint: lower == upper ? 0 : 0.5
      case .nearest: position.rounded(.toNearestOrEven) - lower
      }
    return (Int(lower), Int(upper), weight)
  }
}
