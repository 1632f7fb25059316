import PlushEngine

// Reductions along some axes, or all. With `keepDims` the axes stay, with size one.

extension Tensor {
  private func reduce(_ reduction: Reduction, _ axes: [Int]?, _ keepDims: Bool) -> Tensor {
    let axes = self.axes(axes, "\(reduction)")
    if axes.isEmpty { return self }
    let reduced = Tensor.record(.reduce(reduction, axes: axes), [self])
    return keepDims ? reduced.restoring(axes) : reduced
  }

  /// The tensor with axes of size one where `axes` were removed.
  func restoring(_ axes: [Int]) -> Tensor {
    var shape = shape
    for axis in axes { shape.insert(1, at: axis) }
    return reshape(shape)
  }

  /// Number of elements that a reduction makes one of.
  private func count(along axes: [Int]?, _ name: String) -> Int {
    self.axes(axes, name).reduce(1) { $0 * shape[$1] }
  }

  /// The sum along some axes, all of them by default; bool and uint8 give int32.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func sum(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    cast(to: dtype.summing).reduce(.sum, axes, keepDims)
  }

  /// The product along some axes, all of them by default; bool and uint8 give int32.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func product(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    cast(to: dtype.summing).reduce(.product, axes, keepDims)
  }

  /// The largest element along some axes, all of them by default; NaN if there is one, -∞ of none.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func max(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    reduce(.max, axes, keepDims)
  }

  /// The smallest element along some axes, all of them by default; NaN if there is one, ∞ of none.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func min(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    reduce(.min, axes, keepDims)
  }

  /// The mean along some axes, all of them by default; integers give float32, no elements NaN.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func mean(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    floating.sum(axes: axes, keepDims: keepDims) / Double(count(along: axes, "mean"))
  }

  /// Whether any element along some axes, all of them by default, is true or not 0 (bool).
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func any(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    truth.reduce(.max, axes, keepDims)
  }

  /// Whether all elements along some axes, all of them by default, are true or not 0 (bool).
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func all(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    truth.reduce(.min, axes, keepDims)
  }

  /// `log(sum(exp(x)))` along some axes, all of them by default, without overflow.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func logSumExp(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let x = floating
    let largest = x.max(axes: axes, keepDims: true).stopGradient()
    let shift = largest.isFinite().select(largest, 0)
    let result = (x - shift).exp().sum(axes: axes, keepDims: true).log() + shift
    return keepDims ? result : result.squeeze(axes: self.axes(axes, "logSumExp"))
  }

  /// The mean squared distance from the mean along some axes, all of them by default: the
  /// population's variance, divided by n and not n - 1.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func variance(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    let x = floating
    return (x - x.mean(axes: axes, keepDims: true)).square().mean(axes: axes, keepDims: keepDims)
  }

  /// The square root of the variance along some axes, all of them by default.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func standardDeviation(axes: [Int]? = nil, keepDims: Bool = false) -> Tensor {
    variance(axes: axes, keepDims: keepDims).sqrt()
  }

  /// The mean and the population's variance along some axes, all of them by default.
  ///
  /// The axes disappear, or with `keepDims` stay with size 1.
  public func moments(
    axes: [Int]? = nil, keepDims: Bool = false
  ) -> (mean: Tensor, variance: Tensor) {
    (mean(axes: axes, keepDims: keepDims), variance(axes: axes, keepDims: keepDims))
  }
}

extension Tensor {
  /// The sum along an axis, which disappears or with `keepDims` stays with size 1.
  public func sum(axis: Int, keepDims: Bool = false) -> Tensor {
    sum(axes: [axis], keepDims: keepDims)
  }

  /// The product along an axis, which disappears or with `keepDims` stays with size 1.
  public func product(axis: Int, keepDims: Bool = false) -> Tensor {
    product(axes: [axis], keepDims: keepDims)
  }

  /// The largest element along an axis, which disappears or with `keepDims` stays with size 1.
  public func max(axis: Int, keepDims: Bool = false) -> Tensor {
    max(axes: [axis], keepDims: keepDims)
  }

  /// The smallest element along an axis, which disappears or with `keepDims` stays with size 1.
  public func min(axis: Int, keepDims: Bool = false) -> Tensor {
    min(axes: [axis], keepDims: keepDims)
  }

  /// The mean along an axis, which disappears or with `keepDims` stays with size 1.
  public func mean(axis: Int, keepDims: Bool = false) -> Tensor {
    mean(axes: [axis], keepDims: keepDims)
  }

  /// Whether any element along an axis is true (bool); with `keepDims` the axis stays with size 1.
  public func any(axis: Int, keepDims: Bool = false) -> Tensor {
    any(axes: [axis], keepDims: keepDims)
  }

  /// Whether all elements along an axis are true (bool); with `keepDims` the axis stays with size
  /// 1.
  public func all(axis: Int, keepDims: Bool = false) -> Tensor {
    all(axes: [axis], keepDims: keepDims)
  }

  /// `log(sum(exp(x)))` along an axis, without overflow; with `keepDims` the axis stays with size
  /// 1.
  public func logSumExp(axis: Int, keepDims: Bool = false) -> Tensor {
    logSumExp(axes: [axis], keepDims: keepDims)
  }

  /// The population's variance along an axis; with `keepDims` the axis stays with size 1.
  public func variance(axis: Int, keepDims: Bool = false) -> Tensor {
    variance(axes: [axis], keepDims: keepDims)
  }

  /// The population's standard deviation along an axis; with `keepDims` the axis stays with size 1.
  public func standardDeviation(axis: Int, keepDims: Bool = false) -> Tensor {
    standardDeviation(axes: [axis], keepDims: keepDims)
  }
}

extension Tensor {
  /// The index (int32) of the first largest element along an axis, which disappears; that of the
  /// first NaN if there is one.
  public func argMax(axis: Int = -1) -> Tensor {
    .record(.argReduce(.max, axis: self.axis(axis, "argMax")), [self])
  }

  /// The index (int32) of the first smallest element along an axis, which disappears; that of the
  /// first NaN if there is one.
  public func argMin(axis: Int = -1) -> Tensor {
    .record(.argReduce(.min, axis: self.axis(axis, "argMin")), [self])
  }

  /// The running sum along an axis, in the same shape; `exclusive` leaves each element itself out,
  /// `reverse` begins at the end.
  public func cumulativeSum(
    axis: Int = -1, exclusive: Bool = false, reverse: Bool = false
  ) -> Tensor {
    cast(to: dtype.summing).scan(.sum, axis, exclusive, reverse)
  }

  /// The running product along an axis, in the same shape; `exclusive` leaves each element itself
  /// out, `reverse` begins at the end.
  public func cumulativeProduct(
    axis: Int = -1, exclusive: Bool = false, reverse: Bool = false
  ) -> Tensor {
    cast(to: dtype.summing).scan(.product, axis, exclusive, reverse)
  }

  /// The running maximum along an axis, in the same shape; `reverse` begins at the end.
  public func cumulativeMax(axis: Int = -1, reverse: Bool = false) -> Tensor {
    scan(.max, axis, false, reverse)
  }

  /// The running minimum along an axis, in the same shape; `reverse` begins at the end.
  public func cumulativeMin(axis: Int = -1, reverse: Bool = false) -> Tensor {
    scan(.min, axis, false, reverse)
  }

  func scan(_ reduction: Reduction, _ axis: Int, _ exclusive: Bool, _ reverse: Bool) -> Tensor {
    let axis = self.axis(axis, "cumulative \(reduction)")
    return .record(
      .scan(reduction, axis: axis, exclusive: exclusive, reverse: reverse), [self])
  }
}
