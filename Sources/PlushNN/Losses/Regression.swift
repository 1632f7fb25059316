import PlushTensor

extension Loss {
  /// The mean of squared differences along the last axis; the truth has the shape of the
  /// prediction.
  public static let meanSquaredError = Loss("mean_squared_error", .numbers) {
    ($0 - $1).square().mean(axis: -1)
  }

  /// The mean of absolute differences along the last axis; the truth has the shape of the
  /// prediction.
  public static let meanAbsoluteError = Loss("mean_absolute_error", .numbers) {
    ($0 - $1).abs().mean(axis: -1)
  }

  /// The mean of `d² / 2` for differences up to `delta`, of `delta · (|d| - delta / 2)` beyond:
  /// Huber, 1964.
  public static func huber(delta: Double = 1) -> Loss {
    Loss("huber", .numbers, arguments: ["delta": .double(delta)]) {
      $1.huberLoss($0, delta: delta, reduction: .none).mean(axis: -1)
    }
  }

  /// The mean of `log(cosh(d))` of the differences: squared near zero, absolute far from it.
  public static let logCosh = Loss("log_cosh", .numbers) {
    let error = $1 - $0
    return (error + (error * -2).softplus() - 0.6931471805599453).mean(axis: -1)
  }

  /// The mean of `prediction - truth · log(prediction)`, for counts.
  public static let poisson = Loss("poisson", .numbers) {
    ($1 - $0 * ($1 + epsilon).log()).mean(axis: -1)
  }

  /// The mean of differences as parts of the truth, in percent.
  public static let meanAbsolutePercentageError = Loss(
    "mean_absolute_percentage_error", .numbers
  ) {
    (($0 - $1) / $0.abs().maximum(epsilon)).abs().mean(axis: -1) * 100
  }

  /// The mean of squared differences of logarithms: `(log(1 + truth) - log(1 + prediction))²`.
  public static let meanSquaredLogarithmicError = Loss(
    "mean_squared_logarithmic_error", .numbers
  ) {
    ($1.maximum(epsilon).log1p() - $0.maximum(epsilon).log1p()).square().mean(axis: -1)
  }

  /// Minus the cosine of the angle between truth and prediction: `-y · p / (‖y‖ · ‖p‖)` along the
  /// last axis, 0 where a length is.
  public static let cosineSimilarity = cosineSimilarity()

  /// Minus the cosine of the angle between truth and prediction along an axis:
  /// `-y · p / (‖y‖ · ‖p‖)`.
  public static func cosineSimilarity(axis: Int = -1) -> Loss {
    Loss("cosine_similarity", .numbers, arguments: ["axis": .int(axis)]) {
      -cosine($0, $1, axis: axis)
    }
  }

  /// The cosine of the angle between vectors; zero if one of them is.
  static func cosine(_ a: Tensor, _ b: Tensor, axis: Int) -> Tensor {
    func unit(_ x: Tensor) -> Tensor {
      x * x.square().sum(axis: axis, keepDims: true).maximum(epsilon * epsilon).rsqrt()
    }
    return (unit(a) * unit(b)).sum(axis: axis)
  }

  /// How much one distribution differs from another: Σ truth · log(truth / prediction).
  public static let kullbackLeiblerDivergence = Loss("kl_divergence", .probabilities) {
    let truth = $0.clip(min: epsilon, max: 1)
    return (truth * (truth / $1.clip(min: epsilon, max: 1)).log()).sum(axis: -1)
  }

  /// What Keras adds or clips by to stay away from zero.
  static var epsilon: Double { 1e-7 }
}
