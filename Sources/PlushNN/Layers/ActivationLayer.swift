import PlushTensor

/// Applies a function to every element: the `Activation` layer of Keras. The shape stays, but `glu`
/// halves the last axis.
public final class ActivationLayer: Layer {
  /// The function.
  public let activation: Activation

  /// Creates the layer.
  public init(_ activation: Activation, inputShape: [Int?]? = nil, name: String? = nil) {
    self.activation = activation
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    activation = try Activation(config: config["activation"])
    try super.init(config: config)
  }

  public override class var className: String { "Activation" }

  public override var config: JSON {
    var config = super.config
    config["activation"] = activation.config
    return config
  }

  public override var supportsMasking: Bool { true }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try outputShape(of: activation, for: inputShape)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    activation(input)
  }

  public override var outputActivation: Activation? { activation }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    input
  }
}

extension Layer {
  /// The shape after an activation.
  ///
  /// - Throws: `ModelError` if the activation cannot be applied to the shape.
  func outputShape(of activation: Activation, for shape: Shape) throws -> Shape {
    guard let result = activation.outputShape(for: shape) else {
      throw shapeError(
        expected: "a last axis of even size for \(activation.rawValue)", found: shape.text)
    }
    return result
  }
}
