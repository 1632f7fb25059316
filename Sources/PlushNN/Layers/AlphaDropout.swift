import PlushTensor

/// Dropout for networks of `selu`: while training sets a random part to the least value of `selu`
/// and rescales, so that mean and variance stay. The shape stays.
///
/// Klambauer et al., "Self-normalizing neural networks", 2017.
public final class AlphaDropout: NoiseLayer {
  /// The part that is dropped, from 0 to below 1.
  public var rate: Double { strength }

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - rate: the part that is dropped.
  ///   - noiseShape: the shape of the random choice, the axis of samples first; an axis of size
  ///     one is dropped or kept as a whole.
  public convenience init(
    _ rate: Double, noiseShape: [Int?]? = nil, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(strength: rate, noiseShape: noiseShape, inputShape: inputShape, name: name)
  }

  override class var hasNoiseShape: Bool { true }

  override func disturbed(_ input: Tensor, by shape: [Int]) -> Tensor {
    let keeps = (Tensor.randomUniform(shape) .>= rate).cast(to: input.dtype)
    let least = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946
    let factor = 1 / ((1 - rate) * (1 + rate * least * least)).squareRoot()
    return (input * keeps + (1 - keeps) * least) * factor - factor * least * rate
  }
}
