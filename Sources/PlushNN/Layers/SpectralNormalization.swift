import PlushTensor

/// A layer whose kernel is brought to spectral norm 1 at each training step. Shapes are those of
/// the layer.
///
/// The norm, the largest singular value of the kernel as a matrix of [inputs, units], is estimated
/// by powers. Miyato et al., "Spectral normalization for generative adversarial networks", 2018.
public final class SpectralNormalization: Layer {
  /// The layer.
  public let layer: Layer
  private let powerIterations: Int
  private var vector: Variable?
  private var kernel: Variable?

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - layer: a layer with a weight named `kernel` or `embeddings`.
  ///   - powerIterations: how often the estimate is refined at each step.
  public init(
    _ layer: Layer, powerIterations: Int = 1, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.layer = layer
    self.powerIterations = powerIterations
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    layer = try Layer.make(inner: try config.get("layer") { $0 })
    powerIterations = config["power_iterations"]?.int ?? 1
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["layer"] = layer.classAndConfig
    config["power_iterations"] = .int(powerIterations)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard powerIterations > 0 else {
      throw shapeError(expected: "at least one power iteration", found: "\(powerIterations)")
    }
    return try layer.checkedOutputShapes(for: [inputShape])[0]
  }

  public override func build(inputShape: Shape) throws {
    try layer.buildOnce([inputShape])
    let weight = layer.namedWeights.first {
      ["kernel", "embeddings"].contains($0.name.split(separator: "/").last)
    }
    guard let weight, let units = weight.variable.shape.last else {
      throw shapeError(
        expected: "a layer with a weight named kernel or embeddings", found: layer.label)
    }
    kernel = weight.variable
    vector = addWeight(
      "vector_u", shape: [1, units], initializer: .truncatedNormal(standardDeviation: 0.02),
      trainable: false)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    if training { normalize() }
    return try layer(input, training: training)
  }

  private func normalize() {
    guard let kernel, let vector else { return }
    let matrix = kernel.value.reshape([-1, kernel.shape[kernel.shape.count - 1]])
    var right = vector.value
    var left = right
    for _ in 0..<powerIterations {
      left = right.matmul(matrix.transpose()).unitNormalization(axes: [0, 1], epsilon: 1e-14)
      right = left.matmul(matrix).unitNormalization(axes: [0, 1], epsilon: 1e-14)
    }
    let norm = left.stopGradient().matmul(matrix).matmul(right.stopGradient().transpose())
    // A kernel of zeros has no direction and stays.
    let isZero = (kernel.value .== 0).all()
    let divisor = isZero.select(Tensor(Float(1)), norm.reshape([]))
    vector.value = isZero.select(vector.value, right.stopGradient())
    kernel.value = kernel.value / divisor
  }
}
