import PlushTensor

/// How the weights of a layer begin.
///
/// Random ones draw from the global generator, see `seed(_:)`. Definitions as in Keras 3:
/// https://keras.io/api/layers/initializers.
public enum Initializer: Sendable, Hashable {
  /// Every element 0.
  case zeros
  /// Every element 1.
  case ones
  /// Every element the same number.
  case constant(Double)
  /// Numbers from `minimum` to below `maximum`, all equally likely.
  case randomUniform(minimum: Double = -0.05, maximum: Double = 0.05)
  /// Numbers of the normal distribution.
  case randomNormal(mean: Double = 0, standardDeviation: Double = 0.05)
  /// Draws beyond two standard deviations are drawn again.
  case truncatedNormal(mean: Double = 0, standardDeviation: Double = 0.05)
  /// Variance `scale / n`, where n counts inputs, outputs or their mean.
  case varianceScaling(scale: Double = 1, mode: FanMode = .fanIn, Distribution = .truncatedNormal)
  /// A matrix with orthonormal rows or columns, times `gain`.
  case orthogonal(gain: Double = 1)
  /// Ones on the diagonal, times `gain`.
  case identity(gain: Double = 1)

  /// What the variance is divided by.
  public enum FanMode: String, Sendable, Hashable, CaseIterable {
    /// The number of inputs.
    case fanIn = "fan_in"
    /// The number of outputs.
    case fanOut = "fan_out"
    /// The mean of both.
    case fanAverage = "fan_avg"
  }

  /// The form of the random numbers.
  public enum Distribution: String, Sendable, Hashable, CaseIterable {
    /// Normal without what lies beyond two standard deviations.
    case truncatedNormal = "truncated_normal"
    /// Normal.
    case untruncatedNormal = "untruncated_normal"
    /// All numbers of a range equally likely.
    case uniform
  }

  /// Uniform with variance 2 / (inputs + outputs); Glorot and Bengio, 2010.
  public static let glorotUniform = varianceScaling(mode: .fanAverage, .uniform)
  /// Normal with variance 2 / (inputs + outputs); Glorot and Bengio, 2010.
  public static let glorotNormal = varianceScaling(mode: .fanAverage)
  /// Uniform with variance 2 / inputs; He et al., 2015.
  public static let heUniform = varianceScaling(scale: 2, .uniform)
  /// Normal with variance 2 / inputs; He et al., 2015.
  public static let heNormal = varianceScaling(scale: 2)
  /// Uniform with variance 1 / inputs; LeCun et al., 1998.
  public static let lecunUniform = varianceScaling(.uniform)
  /// Normal with variance 1 / inputs; LeCun et al., 1998.
  public static let lecunNormal = varianceScaling()

  /// Values of this shape.
  public func callAsFunction(_ shape: [Int]) -> Tensor {
    if Initializer.isSkipped { return .zeros(shape) }
    return switch self {
    case .zeros: .zeros(shape)
    case .ones: .ones(shape)
    case .constant(let value): .full(shape, value)
    case .randomUniform(let minimum, let maximum):
      .randomUniform(shape, low: minimum, high: maximum)
    case .randomNormal(let mean, let deviation):
      .randomNormal(shape, mean: mean, standardDeviation: deviation)
    case .truncatedNormal(let mean, let deviation):
      .truncatedNormal(shape, mean: mean, standardDeviation: deviation)
    case .varianceScaling(let scale, let mode, let distribution):
      Initializer.scaled(shape, scale, mode, distribution, Initializer.fans(shape))
    case .orthogonal(let gain): orthogonalMatrix(shape) * gain
    case .identity(let gain): Tensor.eye(shape[0], shape[shape.count - 1]) * gain
    }
  }

  /// Values of this shape, where a unit has so many inputs and outputs.
  func callAsFunction(_ shape: [Int], inputs: Int, outputs: Int) -> Tensor {
    guard case .varianceScaling(let scale, let mode, let distribution) = self,
      !Initializer.isSkipped
    else { return self(shape) }
    return Initializer.scaled(
      shape, scale, mode, distribution, (Double(inputs), Double(outputs)))
  }

  /// Makes layers whose weights begin as zeros, since a file gives their values.
  ///
  /// Orthogonal matrices take long, and what a file claims of their sizes is not checked yet.
  package static func skipping<R>(_ body: () throws -> R) rethrows -> R {
    try $isSkipped.withValue(true, operation: body)
  }

  @TaskLocal private static var isSkipped = false

  private static func scaled(
    _ shape: [Int], _ scale: Double, _ mode: FanMode, _ distribution: Distribution,
    _ fans: (inputs: Double, outputs: Double)
  ) -> Tensor {
    let (inputs, outputs) = fans
    let count: Double =
      switch mode {
      case .fanIn: inputs
      case .fanOut: outputs
      case .fanAverage: (inputs + outputs) / 2
      }
    let variance = scale / max(1, count)
    switch distribution {
    case .uniform:
      let limit = (3 * variance).squareRoot()
      return .randomUniform(shape, low: -limit, high: limit)
    case .untruncatedNormal:
      return .randomNormal(shape, mean: 0, standardDeviation: variance.squareRoot())
    case .truncatedNormal:
      // The standard deviation of a standard normal cut off at two.
      let deviation = variance.squareRoot() / 0.87962566103423978
      return .truncatedNormal(shape, mean: 0, standardDeviation: deviation)
    }
  }

  /// Inputs and outputs of one unit: the last two axes, times the field of a convolution.
  private static func fans(_ shape: [Int]) -> (inputs: Double, outputs: Double) {
    switch shape.count {
    case 0: return (1, 1)
    case 1: return (Double(shape[0]), Double(shape[0]))
    default:
      let field = Double(shape.dropLast(2).reduce(1, *))
      return (Double(shape[shape.count - 2]) * field, Double(shape[shape.count - 1]) * field)
    }
  }
}
