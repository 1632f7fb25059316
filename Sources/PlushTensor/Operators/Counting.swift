import PlushEngine

// Sums over groups that indices name. What has an index outside of the groups is left out.

extension Tensor {
  /// The sums of the slices of each group: `ids`, of the shape of the leading axes, name the groups,
  /// 0..<count, in any order; [ids…, rest…] gives [count, rest…]. The unsortedSegmentSum of
  /// TensorFlow.js.
  public func segmentSum(_ ids: Tensor, count: Int) -> Tensor {
    guard shape.starts(with: ids.shape) else {
      stop("segmentSum expects ids for leading axes of \(shape); got \(ids.shape).")
    }
    // One group more takes what is left out.
    return cast(to: dtype.summing)
      .scatterAdd(ids.group(below: count), length: count + 1).narrowed(0, 0, count)
  }

  /// The means of the slices of each group, 0 for a group without any; see `segmentSum`.
  public func segmentMean(_ ids: Tensor, count: Int) -> Tensor {
    let sums = floating.segmentSum(ids, count: count)
    let counts = Tensor.ones(ids.shape, dtype: sums.dtype).segmentSum(ids, count: count)
    let column = counts.maximum(1).reshape([count] + sums.shape.dropFirst().map { _ in 1 })
    return sums / column
  }

  /// How often each number below `size` occurs along the last axis: [batch…, length] gives
  /// [batch…, size], in int32.
  ///
  /// - Parameters:
  ///   - size: one above the largest number that is counted.
  ///   - weights: what each element counts, and the type of the result; one without.
  public func bincount(size: Int, weights: Tensor? = nil) -> Tensor {
    guard rank > 0, weights.map({ $0.shape == shape }) ?? true else {
      stop(
        "bincount expects [batch…, length] and weights alike; got \(shape), "
          + "\(weights.map { "\($0.shape)" } ?? "no weights").")
    }
    let weights = weights ?? .ones(shape, dtype: .int32)
    return weights.cast(to: weights.dtype.summing)
      .scatterAddElements(group(below: size), axis: -1, length: size + 1)
      .narrowed(rank - 1, 0, size)
  }

  /// How many elements (int32) lie in each of `bins` equal parts of the range from `low` to `high`;
  /// the last part includes its end.
  public func histogram(bins: Int, low: Double, high: Double) -> Tensor {
    guard bins > 0, low < high else {
      stop("histogram expects bins > 0 and low < high; got \(bins), \(low), \(high).")
    }
    let x = floating.flatten()
    let isInside = (x .>= low).logicalAnd(x .<= high)
    let bin = ((x - low) * (Double(bins) / (high - low))).floor().minimum(bins - 1)
    return isInside.select(bin.cast(to: .int32), -1).bincount(size: bins)
  }

  /// The group of each element, or `count` for those outside 0..<count.
  private func group(below count: Int) -> Tensor {
    let ids = cast(to: .int32)
    return (ids .>= 0).logicalAnd(ids .< count).select(ids, count)
  }
}

/// How often each label met each prediction: element [i, j] (int32) counts the samples of class i
/// that were taken for class j.
public func confusionMatrix(labels: Tensor, predictions: Tensor, classCount: Int) -> Tensor {
  guard labels.shape == predictions.shape, labels.rank == 1 else {
    stop(
      "confusionMatrix expects vectors of one length; got labels \(labels.shape), predictions "
        + "\(predictions.shape).")
  }
  let pairs = stack([labels.cast(to: .int32), predictions.cast(to: .int32)], axis: -1)
  return pairs.flatPositions(in: [classCount, classCount]).bincount(size: classCount * classCount)
    .reshape([classCount, classCount])
}
