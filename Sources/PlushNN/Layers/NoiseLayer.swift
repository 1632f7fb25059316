import PlushTensor

/// Disturbs its input while training and passes it on otherwise: what `Dropout`, `AlphaDropout`,
/// `GaussianDropout` and `GaussianNoise` share. The shape stays.
public class NoiseLayer: Layer {
  /// How much it disturbs; 0 for not at all.
  let strength: Double
  /// The shape of the random choice, the axis of samples first; nil for that of the input.
  private let noiseShape: Shape?

  init(strength: Double, noiseShape: Shape? = nil, inputShape: [Int?]?, name: String?) {
    self.strength = strength
    self.noiseShape = noiseShape
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    strength = try config.get(Self.strengthKey, \.double)
    noiseShape = config["noise_shape"].flatMap(Shape.init)
    try super.init(config: config)
  }

  /// The name of the strength in files.
  class var strengthKey: String { "rate" }
  /// Whether parts may be disturbed alike.
  class var hasNoiseShape: Bool { false }

  public override var config: JSON {
    var config = super.config
    config[Self.strengthKey] = .double(strength)
    if Self.hasNoiseShape { config["noise_shape"] = noiseShape?.json ?? .null }
    config["seed"] = .null
    return config
  }

  /// - Throws: `ModelError` if the strength makes no sense.
  func checkStrength() throws { try checkRate(strength) }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try checkStrength()
    try checkNoiseShape(for: inputShape)
    return inputShape
  }

  private func checkNoiseShape(for inputShape: Shape) throws {
    guard let noiseShape else { return }
    let fits =
      noiseShape.count == inputShape.count
      && zip(noiseShape, inputShape).allSatisfy { $0 == nil || $0 == 1 || $1 == nil || $0 == $1 }
    guard fits else {
      throw shapeError(
        expected: "a noiseShape that fits the input \(inputShape.text)", found: noiseShape.text)
    }
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard training, strength > 0 else { return input }
    let shape = noiseShape.map { zip($0, input.shape).map { $0 ?? $1 } } ?? input.shape
    return disturbed(input, by: shape)
  }

  /// The input with noise.
  ///
  /// - Parameter shape: the shape of the random choice.
  func disturbed(_ input: Tensor, by shape: [Int]) -> Tensor { input }
}

extension Layer {
  /// - Throws: `ModelError` if a part to drop is not from 0 to below 1.
  func checkRate(_ rate: Double) throws {
    guard rate >= 0, rate < 1 else {
      throw shapeError(expected: "a rate from 0 to below 1", found: "\(rate)")
    }
  }
}
