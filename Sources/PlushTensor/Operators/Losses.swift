import PlushEngine

/// How weighed losses become one number.
public enum LossReduction: Sendable {
  /// They stay as they are.
  case none
  /// Their sum divided by that of the weights.
  case mean
  /// Their sum.
  case sum
  /// Their sum divided by how many of them have a weight that is not zero.
  case sumByNonzeroWeights
}

// The losses of TensorFlow.js: of predictions, beside the labels that should have come. Each gives a
// loss for every element, which weights multiply and the reduction joins.

extension Tensor {
  /// The absolute differences from the labels.
  public func absoluteDifference(
    _ labels: Tensor, weights: Tensor? = nil, reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor { (labels - self).abs().weighed(by: weights, reduction) }

  /// The squared differences from the labels.
  public func meanSquaredError(
    _ labels: Tensor, weights: Tensor? = nil, reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor { squaredDifference(labels).weighed(by: weights, reduction) }

  /// Half the squared differences from the labels up to `delta`, linear beyond (Huber, 1964).
  public func huberLoss(
    _ labels: Tensor, weights: Tensor? = nil, delta: Double = 1,
    reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor {
    let error = (self - labels).abs()
    let near = error.minimum(delta)
    return (near.square() * 0.5 + (error - near) * delta).weighed(by: weights, reduction)
  }

  /// One minus the products with the labels, summed along an axis, both being of length 1 there.
  public func cosineDistance(
    _ labels: Tensor, axis: Int, weights: Tensor? = nil,
    reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor {
    (1 - (labels * self).sum(axis: axis, keepDims: true)).weighed(by: weights, reduction)
  }

  /// `max(0, 1 - l · x)`, l being -1 for labels 0 and 1 for labels 1.
  public func hingeLoss(
    _ labels: Tensor, weights: Tensor? = nil, reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor { (1 - (labels * 2 - 1) * self).relu().weighed(by: weights, reduction) }

  /// `-l · log(x + epsilon) - (1 - l) · log(1 - x + epsilon)`, x being probabilities.
  public func logLoss(
    _ labels: Tensor, weights: Tensor? = nil, epsilon: Double = 1e-7,
    reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor {
    let yes = labels * (self + epsilon).log()
    return (-yes - (1 - labels) * (1 - self + epsilon).log()).weighed(by: weights, reduction)
  }

  /// The cross-entropy of probabilities, of which these are the logits, with labels from 0 to 1.
  ///
  /// - Parameter labelSmoothing: how far labels are moved toward one half, from 0 to 1.
  public func sigmoidCrossEntropy(
    _ labels: Tensor, weights: Tensor? = nil, labelSmoothing: Double = 0,
    reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor {
    let labels = labels.smoothed(labelSmoothing, classes: 2)
    // Neither exponential can overflow.
    let losses = relu() - self * labels + (-abs()).exp().log1p()
    return losses.weighed(by: weights, reduction)
  }

  /// The cross-entropy of distributions along the last axis, of which these are the logits, with
  /// labels that are distributions too.
  ///
  /// - Parameter labelSmoothing: how far labels are moved toward equal shares, from 0 to 1.
  public func softmaxCrossEntropy(
    _ labels: Tensor, weights: Tensor? = nil, labelSmoothing: Double = 0,
    reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor {
    let labels = labels.smoothed(labelSmoothing, classes: labels.shape.last ?? 1)
    return (-(labels * logSoftmax()).sum(axis: -1)).weighed(by: weights, reduction)
  }

  /// Shares moved toward equal ones, by a part from 0 to 1.
  package func smoothed(_ part: Double, classes: Int) -> Tensor {
    part == 0 ? self : self * (1 - part) + part / Double(classes)
  }

  /// These losses times weights, broadcast, joined by the reduction.
  public func weighed(
    by weights: Tensor? = nil, _ reduction: LossReduction = .sumByNonzeroWeights
  ) -> Tensor {
    let losses = weights.map { self * $0.cast(to: dtype) } ?? self
    if reduction == .none { return losses }
    let sum = losses.sum()
    if reduction == .sum { return sum }
    guard let weights else { return sum / Double(count) }
    let spread = weights.cast(to: dtype).broadcast(to: losses.shape)
    let isCounting = reduction == .sumByNonzeroWeights
    return sum / (isCounting ? (spread .!= 0).cast(to: dtype) : spread).sum()
  }
}
