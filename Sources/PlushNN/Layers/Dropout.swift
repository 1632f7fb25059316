import PlushTensor

/// Sets a random part of the inputs to zero while training, and scales the rest by
/// `1 / (1 - rate)`, so that the mean stays. The shape stays.
///
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
public final class Dropout: NoiseLayer {
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
    input.dropout(rate: rate, noiseShape: shape)
  }
}
