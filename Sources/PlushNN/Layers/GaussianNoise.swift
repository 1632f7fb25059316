import PlushTensor

/// Adds normal random numbers of mean 0 while training. The shape stays.
public final class GaussianNoise: Layer {
  /// The standard deviation of the noise.
  public let standardDeviation: Double

  /// Creates the layer.
  public init(_ standardDeviation: Double, inputShape: [Int?]? = nil, name: String? = nil) {
    self.standardDeviation = standardDeviation
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    standardDeviation = try config.get("stddev", \.double)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["stddev"] = .double(standardDeviation)
    config["seed"] = .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard standardDeviation >= 0 else {
      throw shapeError(
        expected: "a standard deviation that is not negative", found: "\(standardDeviation)")
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard training, standardDeviation > 0 else { return input }
    return input + Tensor.randomNormal(input.shape, standardDeviation: standardDeviation)
  }
}
