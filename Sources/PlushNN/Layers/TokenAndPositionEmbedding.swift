import PlushTensor

/// The sum of a learned vector for each number and one for its place: [batch, steps] gives [batch,
/// steps, embeddingDimension].
public final class TokenAndPositionEmbedding: Layer {
  /// The vectors of the numbers.
  public let tokenEmbedding: Embedding
  /// The vectors of the places.
  public let positionEmbedding: PositionEmbedding
  private let embeddingsInitializer: Initializer

  /// Creates the layer; names and defaults are those of KerasHub.
  ///
  /// - Parameters:
  ///   - vocabularySize: how many numbers there are: they go from 0 to below it.
  ///   - sequenceLength: how many steps a sequence has at most.
  ///   - embeddingDimension: the size of a vector.
  ///   - embeddingsInitializer: the first vectors.
  ///   - maskZero: whether 0 stands for a step that does not count.
  public init(
    vocabularySize: Int, sequenceLength: Int, embeddingDimension: Int,
    embeddingsInitializer: Initializer = .randomUniform(), maskZero: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil, trainable: Bool = true
  ) {
    self.embeddingsInitializer = embeddingsInitializer
    tokenEmbedding = Embedding(
      vocabularySize, embeddingDimension, embeddingsInitializer: embeddingsInitializer,
      maskZero: maskZero)
    positionEmbedding = PositionEmbedding(
      sequenceLength: sequenceLength, initializer: embeddingsInitializer)
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    embeddingsInitializer = try Initializer(
      config: config["embeddings_initializer"], default: .randomUniform())
    tokenEmbedding = Embedding(
      try config.get("vocabulary_size", \.int), try config.get("embedding_dim", \.int),
      embeddingsInitializer: embeddingsInitializer,
      maskZero: config["mask_zero"]?.bool ?? false)
    positionEmbedding = PositionEmbedding(
      sequenceLength: try config.get("sequence_length", \.int),
      initializer: embeddingsInitializer)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["vocabulary_size"] = .int(tokenEmbedding.inputDimension)
    config["sequence_length"] = .int(positionEmbedding.sequenceLength)
    config["embedding_dim"] = .int(tokenEmbedding.outputDimension)
    config["embeddings_initializer"] = embeddingsInitializer.config
    config["tie_weights"] = .bool(true)
    config["mask_zero"] = .bool(tokenEmbedding.maskZero)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard inputShape.count >= 2 else {
      throw shapeError(expected: "an input [batch, steps]", found: inputShape.text)
    }
    let shape = try tokenEmbedding.checkedOutputShapes(for: [inputShape])
    return try positionEmbedding.checkedOutputShapes(for: shape)[0]
  }

  public override func build(inputShape: Shape) throws {
    try tokenEmbedding.buildOnce([inputShape])
    try positionEmbedding.buildOnce(try tokenEmbedding.checkedOutputShapes(for: [inputShape]))
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let tokens = try tokenEmbedding(input, training: training)
    return tokens + (try positionEmbedding(tokens, training: training))
  }

  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    tokenEmbedding.outputMasks(for: inputs, masks: masks)
  }
}
