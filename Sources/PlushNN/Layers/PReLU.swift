import PlushTensor

/// `x` where positive, `alpha · x` elsewhere, with learned slopes `alpha` of the shape of a sample.
///
/// He et al., "Delving deep into rectifiers", 2015. The shape stays.
public final class PReLU: Layer {
  private let alphaInitializer: Initializer
  private let alphaRegularizer: Regularizer?
  private let alphaConstraint: Constraint?
  private let sharedAxes: [Int]
  private var alpha: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - alphaInitializer: the first slopes.
  ///   - alphaRegularizer: a penalty on the slopes.
  ///   - alphaConstraint: what the slopes must satisfy.
  ///   - sharedAxes: axes, counted with that of the samples, along which slopes are the same.
  public init(
    alphaInitializer: Initializer = .zeros, alphaRegularizer: Regularizer? = nil,
    alphaConstraint: Constraint? = nil, sharedAxes: [Int] = [], inputShape: [Int?]? = nil,
    name: String? = nil, trainable: Bool = true
  ) {
    self.alphaInitializer = alphaInitializer
    self.alphaRegularizer = alphaRegularizer
    self.alphaConstraint = alphaConstraint
    self.sharedAxes = sharedAxes
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    alphaInitializer = try Initializer(config: config["alpha_initializer"], default: .zeros)
    alphaRegularizer = try Regularizer.read(config: config["alpha_regularizer"])
    alphaConstraint = try Constraint.read(config: config["alpha_constraint"])
    sharedAxes = [Int](axisConfig: config["shared_axes"]) ?? []
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["alpha_initializer"] = alphaInitializer.config
    config["alpha_regularizer"] = alphaRegularizer?.config ?? .null
    config["alpha_constraint"] = alphaConstraint?.config ?? .null
    config["shared_axes"] = sharedAxes.isEmpty ? .null : .array(sharedAxes.map(JSON.int))
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    _ = try slopes(for: inputShape)
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    alpha = addWeight(
      "alpha", shape: try slopes(for: inputShape), initializer: alphaInitializer,
      regularizer: alphaRegularizer, constraint: alphaConstraint)
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let alpha else { throw shapeError(expected: "a built layer", found: "none") }
    return input.relu() - alpha.value * (-input).relu()
  }

  private func slopes(for shape: Shape) throws -> [Int] {
    let shared = try sharedAxes.map { try place(of: $0, in: shape) }
    return try shape.indices.dropFirst().map { axis in
      if shared.contains(axis) { return 1 }
      guard let size = shape[axis] else {
        throw shapeError(
          expected: "axes of known size where slopes are not shared", found: shape.text,
          hint: "name axis \(axis) in sharedAxes")
      }
      return size
    }
  }
}
