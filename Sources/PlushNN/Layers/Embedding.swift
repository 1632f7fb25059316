import PlushTensor

/// Turns whole numbers into learned vectors: [batch, …] gives [batch, …, outputDimension].
///
/// With `maskZero` steps of number 0 do not count for layers that follow, see `Masking`.
public final class Embedding: Layer {
  /// How many different numbers there are: inputs go from 0 to below it.
  public let inputDimension: Int
  /// The length of a vector.
  public let outputDimension: Int
  /// Whether 0 stands for a step that does not count.
  public let maskZero: Bool
  private let embeddingsInitializer: Initializer
  private let embeddingsRegularizer: Regularizer?
  private let embeddingsConstraint: Constraint?
  private var embeddings: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - inputDimension: how many numbers there are: they go from 0 to below it.
  ///   - outputDimension: the size of a vector.
  ///   - embeddingsInitializer: the first vectors.
  ///   - embeddingsRegularizer: a penalty on the vectors.
  ///   - embeddingsConstraint: what the vectors must satisfy.
  ///   - maskZero: whether 0 stands for a step that does not count.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  ///   - trainable: whether training changes the vectors.
  public init(
    _ inputDimension: Int, _ outputDimension: Int,
    embeddingsInitializer: Initializer = .randomUniform(),
    embeddingsRegularizer: Regularizer? = nil, embeddingsConstraint: Constraint? = nil,
    maskZero: Bool = false, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.inputDimension = inputDimension
    self.outputDimension = outputDimension
    self.embeddingsInitializer = embeddingsInitializer
    self.embeddingsRegularizer = embeddingsRegularizer
    self.embeddingsConstraint = embeddingsConstraint
    self.maskZero = maskZero
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    inputDimension = try config.get("input_dim", \.int)
    outputDimension = try config.get("output_dim", \.int)
    embeddingsInitializer = try Initializer(
      config: config["embeddings_initializer"], default: .randomUniform())
    embeddingsRegularizer = try Regularizer.read(config: config["embeddings_regularizer"])
    embeddingsConstraint = try Constraint.read(config: config["embeddings_constraint"])
    maskZero = config["mask_zero"]?.bool ?? false
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["input_dim"] = .int(inputDimension)
    config["output_dim"] = .int(outputDimension)
    config["embeddings_initializer"] = embeddingsInitializer.config
    config["embeddings_regularizer"] = embeddingsRegularizer?.config ?? .null
    config["activity_regularizer"] = .null
    config["embeddings_constraint"] = embeddingsConstraint?.config ?? .null
    config["mask_zero"] = .bool(maskZero)
    config["input_length"] = .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard inputDimension > 0, outputDimension > 0 else {
      throw shapeError(
        expected: "dimensions above zero", found: "\(inputDimension) and \(outputDimension)")
    }
    return inputShape + [outputDimension]
  }

  public override func build(inputShape: Shape) throws {
    embeddings = addWeight(
      "embeddings", shape: [inputDimension, outputDimension], initializer: embeddingsInitializer,
      regularizer: embeddingsRegularizer, constraint: embeddingsConstraint)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let embeddings else { throw shapeError(expected: "a built layer", found: "none") }
    return embeddings.value.gather(input.cast(to: .int32), axis: 0)
  }

  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    [maskZero ? inputs[0] .!= 0 : nil]
  }
}
