import PlushTensor

/// Sets a random part of the inputs to zero while training, and scales the rest up so that the
/// mean stays.
///
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
public final class Dropout: Layer {
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
    let shape = noiseShape.map { zip($0, input.shape).map { $0 ?? $1 } } ?? input.shape
    return input.dropout(rate: rate, noiseShape: shape)
  }
}

extension Layer {
  /// - Throws: `ModelError` if a part to drop is not from 0 to below 1.
  func checkRate(_ rate: Double) throws {
    guard rate >= 0, rate < 1 else {
      throw shapeError(expected: "a rate from 0 to below 1", found: "\(rate)")
    }
  }

  /// - Throws: `ModelError` if a random choice does not broadcast to the input.
  func checkNoiseShape(_ noiseShape: Shape?, for inputShape: Shape) throws {
    guard let noiseShape else { return }
    let fits =
      noiseShape.count == inputShape.count
      && zip(noiseShape, inputShape).allSatisfy { $0 == nil || $0 == 1 || $1 == nil || $0 == $1 }
    guard fits else {
      throw shapeError(
        expected: "a noiseShape that fits the input \(inputShape.text)", found: noiseShape.text)
    }
  }
}
