import PlushTensor

/// Multiplies by normal random numbers of mean 1 and variance `rate / (1 - rate)` while training,
/// the variance that `Dropout` of the same rate has. The shape stays.
///
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
public final class GaussianDropout: NoiseLayer {
  /// The part that a dropout of the same strength drops, from 0 to below 1.
  public var rate: Double { strength }

  /// Creates the layer.
  ///
  /// - Parameter rate: the part that a dropout of the same strength drops, from 0 to below 1.
  public convenience init(_ rate: Double, inputShape: [Int?]? = nil, name: String? = nil) {
    self.init(strength: rate, inputShape: inputShape, name: name)
  }

  override func disturbed(_ input: Tensor, by shape: [Int]) -> Tensor {
    let deviation = (rate / (1 - rate)).squareRoot()
    return input * Tensor.randomNormal(shape, mean: 1, standardDeviation: deviation)
  }
}
