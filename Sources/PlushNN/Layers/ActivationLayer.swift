import PlushTensor

/// Applies a function to every element: the `Activation` layer of Keras.
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

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    activation(input)
  }

  public override var outputActivation: Activation? { activation }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    input
  }
}
