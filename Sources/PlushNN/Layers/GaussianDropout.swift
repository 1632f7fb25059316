import PlushTensor

/// Multiplies by normal random numbers of mean 1 while training, with the variance that `Dropout`
/// of the same rate has. The shape stays.
///
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
public final class GaussianDropout: Layer {
  /// The part that a dropout of the same strength drops, from 0 to below 1.
  public let rate: Double

  /// Creates the layer.
  public init(_ rate: Double, inputShape: [Int?]? = nil, name: String? = nil) {
    self.rate = rate
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    rate = try config.get("rate", \.double)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["rate"] = .double(rate)
    config["seed"] = .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try checkRate(rate)
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard training, rate > 0 else { return input }
    let deviation = (rate / (1 - rate)).squareRoot()
    return input * Tensor.randomNormal(input.shape, mean: 1, standardDeviation: deviation)
  }
}
