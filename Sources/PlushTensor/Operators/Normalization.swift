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
