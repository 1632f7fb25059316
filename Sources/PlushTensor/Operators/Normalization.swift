import PlushEngine

extension Tensor {
  /// `(x - mean) / sqrt(variance + epsilon) · scale + offset`; all broadcast.
  public func batchNormalization(
    mean: Tensor, variance: Tensor, offset: Tensor? = nil, scale: Tensor? = nil,
    epsilon: Double = 0.001
  ) -> Tensor {
    let factor = (variance + epsilon).rsqrt()
    let normal = (self - mean) * (scale.map { factor * $0 } ?? factor)
    return offset.map { normal + $0 } ?? normal
  }

  /// The elements with mean 0 and variance 1 along some axes, times `scale` plus `offset`, which have
  /// the sizes of these axes in order (Ba, Kiros and Hinton, 2016).
  public func layerNormalization(
    axes: [Int] = [-1], scale: Tensor? = nil, offset: Tensor? = nil, epsilon: Double = 0.001
  ) -> Tensor {
    let axes = self.axes(axes, "layerNormalization")
    let normal = standardized(axes, epsilon)
    let scaled = scale.map { normal * $0.spread(at: axes, of: rank) } ?? normal
    return offset.map { scaled + $0.spread(at: axes, of: rank) } ?? scaled
  }

  /// The elements divided by the root of their mean square along some axes, times `scale`, which has
  /// the sizes of these axes in order (Zhang and Sennrich, 2019).
  public func rmsNormalization(
    axes: [Int] = [-1], scale: Tensor? = nil, epsilon: Double = 1e-6
  ) -> Tensor {
    let axes = self.axes(axes, "rmsNormalization")
    let square = floating.square().mean(axes: axes, keepDims: true)
    let normal = floating * (square + epsilon).rsqrt()
    return scale.map { normal * $0.spread(at: axes, of: rank) } ?? normal
  }

  /// The elements with mean 0 and variance 1 in each of `groups` equal parts of an axis and all other
  /// axes but the first, times `scale` plus `offset`, vectors along the axis (Wu and He, 2018).
  public func groupNormalization(
    groups: Int, axis: Int = -1, scale: Tensor? = nil, offset: Tensor? = nil,
    epsilon: Double = 0.001
  ) -> Tensor {
    let axis = self.axis(axis, "groupNormalization")
    guard axis > 0, groups > 0, shape[axis] % groups == 0 else {
      stop(
        "groupNormalization of \(shape) expects an axis after the first that is a multiple of the "
          + "groups; got axis \(axis), \(groups) groups.")
    }
    let apart = shape[..<axis] + [groups, shape[axis] / groups] + shape[(axis + 1)...]
    let axes = (1...rank).filter { $0 != axis }
    let normal = reshape(Array(apart)).standardized(axes, epsilon).reshape(shape)
    let scaled = scale.map { normal * $0.spread(at: [axis], of: rank) } ?? normal
    return offset.map { scaled + $0.spread(at: [axis], of: rank) } ?? scaled
  }

  /// The vectors along some axes divided by their lengths, whose squares count as `epsilon` at least.
  public func unitNormalization(axes: [Int] = [-1], epsilon: Double = 1e-12) -> Tensor {
    let square = floating.square().sum(axes: axes, keepDims: true)
    return floating * square.maximum(epsilon).rsqrt()
  }

  private func standardized(_ axes: [Int], _ epsilon: Double) -> Tensor {
    let (mean, variance) = moments(axes: axes, keepDims: true)
    return (floating - mean) * (variance + epsilon).rsqrt()
  }

  /// The axes of a tensor put at the places `axes` among `count` axes, the others of size one.
  private func spread(at axes: [Int], of count: Int) -> Tensor {
    guard rank == axes.count else {
      stop("Normalization along \(axes.count) axes expects a scale and offset alike; got \(shape).")
    }
    var sizes = [Int](repeating: 1, count: count)
    for (axis, size) in zip(axes, shape) { sizes[axis] = size }
    return reshape(sizes)
  }

  /// Each element divided by `(bias + alpha · s)^beta`, s being the sum of squares of the elements
  /// at most `depthRadius` away along the last axis (Krizhevsky et al., 2012).
  public func localResponseNormalization(
    depthRadius: Int = 5, bias: Double = 1, alpha: Double = 1, beta: Double = 0.5
  ) -> Tensor {
    let axis = self.axis(-1, "localResponseNormalization")
    let depth = shape[axis]
    let radius = Swift.min(depthRadius, Swift.max(0, depth - 1))
    let widths = shape.indices.map { $0 == axis ? (radius, radius) : (0, 0) }
    let squares = floating.square().pad(widths)
    let sum = (1...(2 * radius + 1)).dropLast().reduce(squares.narrowed(axis, 0, depth)) {
      $0 + squares.narrowed(axis, $1, depth)
    }
    return floating / (sum * alpha + bias).pow(beta)
  }

  /// This average moved toward `x`: `v + (x - v) (1 - decay)`; with a `step`, the number of averages
  /// so far, the bias toward a start at 0 is taken out.
  public func movingAverage(_ x: Tensor, decay: Double, step: Int? = nil) -> Tensor {
    let rest = step.map { (0..<$0).reduce(1) { power, _ in power * decay } } ?? 0
    return self + (x - self) * ((1 - decay) / (1 - rest))
  }
}
