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
  private let activityRegularizer: Regularizer?
  private var weighting: KernelAndBias
  /// The weights [inputs, units], once built.
  public var kernel: Variable? { weighting.kernel }
  /// The weights [units], once built.
  public var bias: Variable? { weighting.bias }

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - units: how many outputs.
  ///   - activation: applied to the outputs.
  ///   - useBias: whether a bias is added.
  ///   - kernelInitializer: the first kernel.
  ///   - biasInitializer: the first bias.
  ///   - kernelRegularizer: a penalty on the kernel, added to the loss.
  ///   - biasRegularizer: a penalty on the bias.
  ///   - activityRegularizer: a penalty on the outputs.
  ///   - kernelConstraint: what the kernel must satisfy after each step.
  ///   - biasConstraint: what the bias must satisfy.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  ///   - trainable: whether training changes the weights.
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
    self.activityRegularizer = activityRegularizer
    weighting = KernelAndBias(
      kernelInitializer: kernelInitializer, biasInitializer: biasInitializer,
      kernelRegularizer: kernelRegularizer, biasRegularizer: biasRegularizer,
      kernelConstraint: kernelConstraint, biasConstraint: biasConstraint)
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    units = try config.get("units", \.int)
    activation = try Activation(config: config["activation"])
    useBias = config["use_bias"]?.bool ?? true
    activityRegularizer = try Regularizer.read(config: config["activity_regularizer"])
    weighting = try KernelAndBias(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["units"] = .int(units)
    config["activation"] = activation.config
    config["use_bias"] = .bool(useBias)
    config["activity_regularizer"] = activityRegularizer?.config ?? .null
    weighting.write(to: &config)
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
    weighting.build(
      for: self, shape: [inputs, units], inputs: inputs, outputs: units,
      biasShape: useBias ? [units] : nil)
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
