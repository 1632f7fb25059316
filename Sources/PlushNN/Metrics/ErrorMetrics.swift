import PlushTensor

extension Metric {
  /// The mean of squared differences, under the name `mse`.
  public static let mse = Metric(.meanSquaredError).named("mse")

  /// The mean of absolute differences, under the name `mae`.
  public static let mae = Metric(.meanAbsoluteError).named("mae")

  /// The root of the mean of squared differences over all batches.
  public static let rootMeanSquaredError = Metric(
    "root_mean_squared_error", shapes: [[], []]
  ) { truth, prediction, weight in
    (truth - prediction).square().sumAndCount(weight)
  } result: {
    $0[0].dividedOrZero(by: $0[1]).sqrt()
  }

  /// The mean of the cosine of the angle between truth and prediction.
  public static func cosineSimilarity(axis: Int = -1) -> Metric {
    Metric("cosine_similarity", .numbers, arguments: ["axis": .int(axis)]) {
      Loss.cosine($0, $1, axis: axis)
    }
  }

  /// The mean of the correlation of truth and prediction within each sample: Pearson, 1895.
  public static func pearsonCorrelation(axis: Int = -1) -> Metric {
    Metric("pearson_correlation", .numbers, arguments: ["axis": .int(axis)]) {
      let (covariance, left, right, _) = moments($0, $1, axis)
      return covariance / (left * right).sqrt()
    }
  }

  /// The mean of the concordance of truth and prediction within each sample: Lin, 1989.
  public static func concordanceCorrelation(axis: Int = -1) -> Metric {
    Metric("concordance_correlation", .numbers, arguments: ["axis": .int(axis)]) {
      let (covariance, left, right, distance) = moments($0, $1, axis)
      return covariance * 2 / (left + right + distance.square() + Loss.epsilon)
    }
  }

  /// Covariance, variances and the difference of means.
  private static func moments(
    _ a: Tensor, _ b: Tensor, _ axis: Int
  ) -> (covariance: Tensor, Tensor, Tensor, distance: Tensor) {
    let (left, right) = (a.mean(axis: axis, keepDims: true), b.mean(axis: axis, keepDims: true))
    return (
      ((a - left) * (b - right)).mean(axis: axis), (a - left).square().mean(axis: axis),
      (b - right).square().mean(axis: axis), (left - right).squeeze(axis: axis)
    )
  }

  /// How the values of several outputs become one.
  public enum R2Aggregation: String, Sendable {
    /// Their mean.
    case uniformAverage = "uniform_average"
    /// Their mean, weighted by how much each output varies.
    case varianceWeightedAverage = "variance_weighted_average"
  }

  /// Which part of the variance of the truth is explained: one minus the squared differences over
  /// those from the mean.
  ///
  /// - Parameters:
  ///   - aggregation: how the values of several outputs become one.
  ///   - regressors: how many inputs the value is to be adjusted for; 0 for none.
  public static func r2Score(
    aggregation: R2Aggregation = .uniformAverage, regressors: Int = 0
  ) -> Metric {
    let arguments: JSON = [
      "class_aggregation": .string(aggregation.rawValue), "num_regressors": .int(regressors),
    ]
    return Metric("r2_score", arguments) { _, outputShape in
      let width = [(outputShape.last ?? 1) ?? 1]
      return State(shapes: [width, width, width, width, []]) { truth, prediction, weight in
        let ones = Tensor.ones(like: truth)
        let share = weight.map { ones * $0.alignedWeight(for: truth) } ?? ones
        let axes = Array(0..<truth.rank - 1)
        let squares = (truth - prediction).square()
        return [truth, truth.square(), squares, ones].map { ($0 * share).sum(axes: axes) }
          + [Tensor(Float(truth.count))]
      } result: {
        adjusted(r2($0, aggregation), count: $0[4], regressors)
      }
    }
  }

  private static func r2(_ sums: [Tensor], _ aggregation: R2Aggregation) -> Tensor {
    let total = sums[1] - sums[0] * sums[0].dividedOrZero(by: sums[3])
    let scores = (total .== 0).select(
      Tensor.zeros(like: total), 1 - sums[2].dividedOrZero(by: total))
    switch aggregation {
    case .uniformAverage: return scores.mean()
    case .varianceWeightedAverage: return (total * scores).sum().dividedOrZero(by: total.sum())
    }
  }

  /// The value less what as many inputs explain by chance; itself if there are too few samples.
  private static func adjusted(_ score: Tensor, count: Tensor, _ regressors: Int) -> Tensor {
    if regressors == 0 { return score }
    let freedom = count - Double(regressors) - 1
    let lowered = 1 - (1 - score) * (count - 1) / freedom.maximum(1)
    return (freedom .> 0).select(lowered, score)
  }
}
