import PlushTensor

/// Brings each sample to mean 0 and variance 1 along some axes, then scales and shifts it by
/// learned weights.
///
/// Ba, Kiros and Hinton, "Layer normalization", 2016.
public final class LayerNormalization: Layer {
  private let axes: [Int]
  private let epsilon: Double
  private let center: Bool
  private let scale: Bool
  private let betaInitializer: Initializer
  private let gammaInitializer: Initializer
  private var gamma: Variable?
  private var beta: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - axes: the axes that are brought to mean 0 and variance 1 together.
  ///   - epsilon: added to the variance.
  ///   - center: whether a learned `beta` is added.
  ///   - scale: whether a learned `gamma` multiplies.
  public init(
    axes: [Int] = [-1], epsilon: Double = 1e-3, center: Bool = true, scale: Bool = true,
    betaInitializer: Initializer = .zeros, gammaInitializer: Initializer = .ones,
    inputShape: [Int?]? = nil, name: String? = nil, trainable: Bool = true
  ) {
    self.axes = axes
    self.epsilon = epsilon
    self.center = center
    self.scale = scale
    self.betaInitializer = betaInitializer
    self.gammaInitializer = gammaInitializer
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    axes = config["axis"]?.int.map { [$0] } ?? config["axis"]?.array?.compactMap(\.int) ?? [-1]
    epsilon = config["epsilon"]?.double ?? 1e-3
    center = config["center"]?.bool ?? true
    scale = config["scale"]?.bool ?? true
    betaInitializer = try Initializer(config: config["beta_initializer"], default: .zeros)
    gammaInitializer = try Initializer(config: config["gamma_initializer"], default: .ones)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = axes.count == 1 ? .int(axes[0]) : .array(axes.map(JSON.int))
    config["epsilon"] = .double(epsilon)
    config["center"] = .bool(center)
    config["scale"] = .bool(scale)
    config["beta_initializer"] = betaInitializer.config
    config["gamma_initializer"] = gammaInitializer.config
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    _ = try features(inputShape)
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    let shape = try features(inputShape)
    if scale { gamma = addWeight("gamma", shape: shape, initializer: gammaInitializer) }
    if center { beta = addWeight("beta", shape: shape, initializer: betaInitializer) }
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let places = self.places(rank: input.rank)
    let centered = input - input.mean(axes: places, keepDims: true)
    let variance = centered.square().mean(axes: places, keepDims: true)
    var output = centered * (variance + epsilon).rsqrt()
    let shape = input.shape.enumerated().map { places.contains($0) ? $1 : 1 }
    if let gamma { output = output * gamma.value.reshape(shape) }
    if let beta { output = output + beta.value.reshape(shape) }
    return output
  }

  private func places(rank: Int) -> [Int] { axes.map { $0 < 0 ? $0 + rank : $0 }.sorted() }

  private func features(_ shape: Shape) throws -> [Int] {
    try places(rank: shape.count).map { place in
      guard place > 0, place < shape.count, let size = shape[place] else {
        throw shapeError(
          expected: "an input whose axes \(axes) have known sizes", found: shape.text)
      }
      return size
    }
  }
}
