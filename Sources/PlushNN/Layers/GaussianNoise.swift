import PlushTensor

/// Adds normal random numbers of mean 0 while training. The shape stays.
public final class GaussianNoise: NoiseLayer {
  /// The standard deviation of the noise.
  public var standardDeviation: Double { strength }

  /// Creates the layer.
  ///
  /// - Parameter standardDeviation: that of the noise, in the unit of the inputs; not below 0.
  public convenience init(
    _ standardDeviation: Double, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(strength: standardDeviation, inputShape: inputShape, name: name)
  }

  override class var strengthKey: String { "stddev" }

  override func checkStrength() throws {
    guard standardDeviation >= 0 else {
      throw shapeError(
        expected: "a standard deviation that is not negative", found: "\(standardDeviation)")
    }
  }

  override func disturbed(_ input: Tensor, by shape: [Int]) -> Tensor {
    input + Tensor.randomNormal(shape, standardDeviation: standardDeviation)
  }
}
