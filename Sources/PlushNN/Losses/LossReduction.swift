import PlushTensor

extension Loss {
  /// How the values of a batch become its loss, by the names of Keras.
  public enum Reduction: String, Sendable {
    /// Their mean. Sample weights multiply values and do not change what the sum is divided by.
    case sumOverBatchSize = "sum_over_batch_size"
    /// Their sum.
    case sum
    /// The same as `sumOverBatchSize`.
    case mean
    /// Their sum divided by that of the sample weights.
    case meanWithSampleWeight = "mean_with_sample_weight"
    /// The values themselves; a model cannot be trained with it.
    case none
  }

  /// Weighs and reduces values; those that the mask leaves out do not count.
  func reduce(_ values: Tensor, truth: Tensor, weight: Tensor?) -> Tensor {
    let mask = mask?(truth, values).cast(to: values.dtype)
    let weight = weight.map { $0.alignedWeight(for: values) }
    let kept = mask.map { values * $0 } ?? values
    let weighed = weight.map { kept * $0 } ?? kept
    let count = mask?.sum() ?? Tensor(Float(values.count))
    switch reduction {
    case .none: return weighed
    case .sum: return weighed.sum()
    case .sumOverBatchSize, .mean: return weighed.sum() / count.maximum(1)
    case .meanWithSampleWeight:
      guard let weight else { return weighed.sum() / count.maximum(1) }
      let share = weight.broadcast(to: values.shape)
      let total = (mask.map { share * $0 } ?? share).sum()
      return weighed.sum() / (total .== 0).select(Tensor.ones(like: total), total)
    }
  }
}

extension Tensor {
  /// Weights of samples, or of places in them, in a shape that goes with values.
  func alignedWeight(for values: Tensor) -> Tensor {
    var weight = cast(to: values.dtype)
    if weight.rank == values.rank + 1 && weight.shape.last == 1 {
      weight = weight.squeeze(axes: [-1])
    }
    while weight.rank < values.rank && weight.rank > 0 { weight = weight.expandDims(axis: -1) }
    return weight
  }
}
