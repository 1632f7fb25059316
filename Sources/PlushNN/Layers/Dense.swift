import PlushTensor

/// `activation(input · kernel + bias)` along the last axis.
///
/// Shapes: [batch, …, inputs] gives [batch, …, units].
public final class Dense: Layer {
  /// How many outputs.
  public let units: Int
  /// Applied to the outputs.
  public let activation: Activation
  /// Whether a bias is added.
  public let useBias: Bool
  private let kernelInitializer: Initializer
  private let biasInitializer: Initializer
  private let kernelRegularizer: Regularizer?
  private let biasRegularizer: Regularizer?
  private let activityRegularizer: Regularizer?
  private let kernelConstraint: Constraint?
  private let biasConstraint: Constraint?
  /// The weights [inputs, units], once built.
  public private(set) var kernel: Variable?
  /// The weights [units], once built.
  public private(set) var bias: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  public init(
    _ units: Int, activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    activityRegularizer: Regularizer? = nil, kernelConstraint: Constraint? = nil,
    biasConstraint: Constraint? = nil, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.units = units
    self.activation = activation
    self.useBias = useBias
    self.kernelInitializer = kernelInitializer
    self.biasInitializer = biasInitializer
    self.kernelRegularizer = kernelRegularizer
    self.biasRegularizer = biasRegularizer
    self.activityRegularizer = activityRegularizer
    self.kernelConstraint = kernelConstraint
    self.biasConstraint = biasConstraint
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    units = try config.get("units", \.int)
    activation = try Activation(config: config["activation"])
    useBias = config["use_bias"]?.bool ?? true
    kernelInitializer = try Initializer(
      config: config["kernel_initializer"], default: .glorotUniform)
    biasInitializer = try Initializer(config: config["bias_initializer"], default: .zeros)
    kernelRegularizer = try Regularizer.read(config: config["kernel_regularizer"])
    biasRegularizer = try Regularizer.read(config: config["bias_regularizer"])
    activityRegularizer = try Regularizer.read(config: config["activity_regularizer"])
    kernelConstraint = try Constraint.read(config: config["kernel_constraint"])
    biasConstraint = try Constraint.read(config: config["bias_constraint"])
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["units"] = .int(units)
    config["activation"] = activation.config
    config["use_bias"] = .bool(useBias)
    config["kernel_initializer"] = kernelInitializer.config
    config["bias_initializer"] = biasInitializer.config
    config["kernel_regularizer"] = kernelRegularizer?.config ?? .null
    config["bias_regularizer"] = biasRegularizer?.config ?? .null
    config["activity_regularizer"] = activityRegularizer?.config ?? .null
    config["kernel_constraint"] = kernelConstraint?.config ?? .null
    config["bias_constraint"] = biasConstraint?.config ?? .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard units > 0 else { throw shapeError(expected: "at least one unit", found: "\(units)") }
    guard inputShape.count >= 2 else {
      throw shapeError(
        expected: "an input of shape [batch, …, features]", found: inputShape.text,
        hint: "for one number a sample say inputShape: [1]")
    }
    if let kernel, let inputs = inputShape.last ?? nil, inputs != kernel.shape[0] {
      throw shapeError(
        expected: "\(kernel.shape[0]) features on the last axis", found: inputShape.text)
    }
    return try outputShape(of: activation, for: inputShape.dropLast() + [units])
  }

  public override func build(inputShape: Shape) throws {
    guard let inputs = inputShape.last ?? nil else {
      throw shapeError(
        expected: "a last axis of known size", found: inputShape.text,
        hint: "give the size in inputShape, as in inputShape: [784]")
    }
    kernel = addWeight(
      "kernel", shape: [inputs, units], initializer: kernelInitializer,
      regularizer: kernelRegularizer, constraint: kernelConstraint)
    guard useBias else { return }
    bias = addWeight(
      "bias", shape: [units], initializer: biasInitializer, regularizer: biasRegularizer,
      constraint: biasConstraint)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let output = activation(try callBeforeActivation(input, training: training))
    addLoss(activityRegularizer, on: output, training: training)
    return output
  }

  public override var supportsMasking: Bool { true }

  public override var outputActivation: Activation? {
    activityRegularizer == nil ? activation : nil
  }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let kernel else { throw shapeError(expected: "a built layer", found: "none") }
    let rows = input.rank == 2 ? input : input.reshape([-1, input.shape[input.rank - 1]])
    var product = rows.matmul(kernel.value)
    if let bias { product = product + bias.value }
    return input.rank == 2 ? product : product.reshape(input.shape.dropLast() + [units])
  }
}
