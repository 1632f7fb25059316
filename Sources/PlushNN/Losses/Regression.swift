import PlushTensor

extension Loss {
  /// The mean of squared differences.
  public static let meanSquaredError = Loss("mean_squared_error", .numbers) {
    ($0 - $1).square().mean(axis: -1)
  }

  /// The mean of absolute differences.
  public static let meanAbsoluteError = Loss("mean_absolute_error", .numbers) {
    ($0 - $1).abs().mean(axis: -1)
  }

  /// Squared near zero, absolute beyond `delta`: Huber, 1964.
  public static func huber(delta: Double = 1) -> Loss {
    Loss("huber", .numbers, arguments: ["delta": .double(delta)]) {
      let error = ($0 - $1).abs()
      let near = error.square() * 0.5
      let far = error * delta - 0.5 * delta * delta
      return (error .<= delta).select(near, far).mean(axis: -1)
    }
  }

  /// The logarithm of the hyperbolic cosine of the difference.
  public static let logCosh = Loss("log_cosh", .numbers) {
    let error = $1 - $0
    return (error + (error * -2).softplus() - 0.6931471805599453).mean(axis: -1)
  }

  /// `prediction - truth · log(prediction)`.
  public static let poisson = Loss("poisson", .numbers) {
    ($1 - $0 * ($1 + epsilon).log()).mean(axis: -1)
  }

  /// Minus the cosine of the angle between truth and prediction.
  public static let cosineSimilarity = Loss("cosine_similarity", .numbers) {
    let product = ($0 * $1).sum(axis: -1)
    let lengths = $0.square().sum(axis: -1) * $1.square().sum(axis: -1)
    return -(product * lengths.maximum(epsilon * epsilon).rsqrt())
  }

  /// `max(0, 1 - truth · prediction)`, the truth being -1 or 1; 0 counts as -1.
  public static let hinge = Loss("hinge", .numbers) {
    let sign = ($0 .== 0).select($0 * 2 - 1, $0)
    return (1 - sign * $1).relu().mean(axis: -1)
  }

  /// How much one distribution differs from another: Σ truth · log(truth / prediction).
  public static let kullbackLeiblerDivergence = Loss("kl_divergence", .probabilities) {
    let truth = $0.clip(min: epsilon, max: 1)
    return (truth * (truth / $1.clip(min: epsilon, max: 1)).log()).sum(axis: -1)
  }

  /// What Keras adds or clips by to stay away from zero.
  static var epsilon: Double { 1e-7 }
}
