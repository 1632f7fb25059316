import PlushEngine

extension Tensor {
  /// Numbers between `low` and below `high`, all equally likely; whole ones for integer types.
  public static func randomUniform(
    _ shape: [Int], low: Double = 0, high: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    guard dtype.isFloating else { return randomIntegers(shape, Int64(low), Int64(high), dtype) }
    let unit = randomUnit(shape, dtype)
    if low == 0, high == 1 { return unit }
    return unit * (high - low) + low
  }

  /// Numbers of the normal distribution.
  public static func randomNormal(
    _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    let wide = dtype == .float64 ? dtype : .float32
    let normal = randomSigned(shape, wide).erfInverse() * (2.0.squareRoot() * standardDeviation)
    return (mean == 0 ? normal : normal + mean).cast(to: dtype)
  }

  /// Numbers of the normal distribution no farther from the mean than two standard deviations.
  public static func truncatedNormal(
    _ shape: [Int], mean: Double = 0, standardDeviation: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    // erf(√2): the part of the distribution within two standard deviations.
    let inside = 0.9544997361036416
    let wide = dtype == .float64 ? dtype : .float32
    let normal = (randomSigned(shape, wide) * inside).erfInverse() * 2.0.squareRoot()
    return (normal.clip(min: -2, max: 2) * standardDeviation + mean).cast(to: dtype)
  }

  /// True with this probability.
  public static func bernoulli(
    _ shape: [Int], probability: Double, dtype: DType = .bool
  ) -> Tensor {
    (randomUniform(shape) .< probability).cast(to: dtype)
  }

  /// `count` draws (int32) for each row of unnormalized log-probabilities: [batch…, classes] gives
  /// [batch…, count]. The multinomial of TensorFlow.js.
  ///
  /// The largest of log-probabilities with Gumbel noise is a draw: Gumbel, 1954.
  public static func randomCategorical(_ logits: Tensor, count: Int) -> Tensor {
    guard logits.rank > 0 else { stop("randomCategorical expects [batch…, classes], no scalar.") }
    let logits = logits.floating.expandDims(axis: -2)
    var shape = logits.shape
    shape[shape.count - 2] = count
    // From above 0: the logarithm stays finite.
    let uniform = 1 - randomUniform(shape, dtype: logits.dtype)
    let gumbel = -(-uniform.log()).maximum(1e-30).log()
    return (logits + gumbel).argMax(axis: -1)
  }

  /// Numbers of the gamma distribution with this shape parameter and rate.
  ///
  /// Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. Of eight proposals
  /// the first accepted counts; that none is has a chance below 10⁻¹⁰.
  public static func randomGamma(
    _ shape: [Int], alpha: Double, beta: Double = 1, dtype: DType = .float32
  ) -> Tensor {
    guard alpha > 0, beta > 0 else {
      stop("randomGamma expects alpha and beta above 0; got \(alpha) and \(beta).")
    }
    let wide = dtype == .float64 ? dtype : .float32
    let raised = alpha < 1 ? alpha + 1 : alpha
    let d = raised - 1.0 / 3
    var result = Tensor.full(shape, d, dtype: wide)
    for _ in 0..<8 {
      let x = randomNormal(shape, dtype: wide)
      let v = (x * (1 / (9 * d).squareRoot()) + 1).pow(3)
      let isPositive = v .> 0
      let logV = isPositive.select(v, 1).log()
      let logU = (1 - randomUniform(shape, dtype: wide)).log()
      let isAccepted = isPositive.logicalAnd(logU .< x.square() * 0.5 + d - v * d + logV * d)
      result = isAccepted.select(v * d, result)
    }
    if alpha < 1 { result = result * (1 - randomUniform(shape, dtype: wide)).pow(1 / alpha) }
    return (result / beta).cast(to: dtype)
  }

  /// The elements times `1 / (1 - rate)`, or 0 with probability `rate`.
  ///
  /// - Parameters:
  ///   - rate: from 0 to below 1.
  ///   - noiseShape: the shape of the draws, which broadcast; that of the tensor without.
  public func dropout(rate: Double, noiseShape: [Int]? = nil) -> Tensor {
    guard rate >= 0, rate < 1 else {
      stop("dropout expects a rate from 0 to below 1; got \(rate).")
    }
    if rate == 0 { return self }
    let draws = Tensor.randomUniform(noiseShape ?? shape)
    // A number, not a tensor of float32, in which half precision would meet it.
    let scale: Double = 1 / (1 - rate)
    return floating * ((draws .>= rate).cast(to: dtype.floating) * scale)
  }

  /// The integers (int32) below `count` in random order.
  public static func randomPermutation(_ count: Int) -> Tensor { randomBits([count]).argSort() }

  /// 32 random bits in each element (int32).
  private static func randomBits(_ shape: [Int]) -> Tensor {
    let (key, stream) = RandomState.draw(streams: 1)
    return record(.randomBits(stream: stream, shape: shape), [key])
  }

  /// Multiples of 2⁻²⁴, or 2⁻⁵³ for float64, from 0 to below 1.
  private static func randomUnit(_ shape: [Int], _ dtype: DType) -> Tensor {
    guard dtype == .float64 else {
      // Fewer bits where the type rounds, so that 1 never comes out.
      let bits = dtype == .bfloat16 ? 8 : dtype == .float16 ? 11 : 24
      let unit = randomBits(shape).shiftRight(32 - bits).cast(to: .float32)
      return (unit * Double(sign: .plus, exponent: -bits, significand: 1)).cast(to: dtype)
    }
    let (key, stream) = RandomState.draw(streams: 2)
    let high = record(.randomBits(stream: stream, shape: shape), [key]).shiftRight(5)
    let low = record(.randomBits(stream: stream + 1, shape: shape), [key]).shiftRight(6)
    return (high.cast(to: .float64) * 0x1p26 + low.cast(to: .float64)) * 0x1p-53
  }

  /// Numbers strictly between -1 and 1, symmetric about 0.
  private static func randomSigned(_ shape: [Int], _ dtype: DType) -> Tensor {
    if dtype == .float64 { return (randomUnit(shape, dtype) + 0x1p-54) * 2 - 1 }
    // Every step is exact in float32.
    return (randomBits(shape).shiftRight(8).cast(to: .float32) - 8388607.5) * 0x1p-23
  }

  private static func randomIntegers(
    _ shape: [Int], _ low: Int64, _ high: Int64, _ dtype: DType
  ) -> Tensor {
    guard low < high, high - low <= 1 << 31 else {
      stop("randomUniform of integers expects low < high; got \(low) and \(high).")
    }
    let bits = randomBits(shape).cast(to: .int64).bitwiseAnd(0xffff_ffff)
    return ((bits * Int(high - low)).shiftRight(32) + Int(low)).cast(to: dtype)
  }
}
