import PlushTensor

/// Dropout for networks of `selu`: while training sets a random part to the least value of `selu`
/// and rescales, so that mean and variance stay. The shape stays.
///
/// Klambauer et al., "Self-normalizing neural networks", 2017.
public final class AlphaDropout: Layer {
  /// The part that is dropped, from 0 to below 1.
  public let rate: Double
  private let noiseShape: Shape?

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - rate: the part that is dropped.
  ///   - noiseShape: the shape of the random choice, the axis of samples first; an axis of size
  ///     one is dropped or kept as a whole.
  public init(
    _ rate: Double, noiseShape: [Int?]? = nil, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.rate = rate
    self.noiseShape = noiseShape
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    rate = try config.get("rate", \.double)
    noiseShape = config["noise_shape"].flatMap(Shape.init)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["rate"] = .double(rate)
    config["noise_shape"] = noiseShape?.json ?? .null
    config["seed"] = .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try checkRate(rate)
    try checkNoiseShape(noiseShape, for: inputShape)
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard training, rate > 0 else { return input }
    let choice = noiseShape.map { zip($0, input.shape).map { $0 ?? $1 } } ?? input.shape
    let keeps = (Tensor.randomUniform(choice) .>= rate).cast(to: input.dtype)
    let least = -1.6732632423543772848170429916717 * 1.0507009873554804934193349852946
    let factor = 1 / ((1 - rate) * (1 + rate * least * least)).squareRoot()
    return (input * keeps + (1 - keeps) * least) * factor - factor * least * rate
  }
}
