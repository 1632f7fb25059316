import PlushTensor

/// A learned vector for each place in a sequence: inputs [batch, steps, features] give an array of
/// their shape, to be added to them.
///
/// ```swift
/// let tokens = Embedding(1000, 64)(Input(shape: [32]))
/// let sum = Add()([tokens, PositionEmbedding(sequenceLength: 32)(tokens)])
/// ```
public final class PositionEmbedding: Layer {
  /// How many steps a sequence has at most.
  public let sequenceLength: Int
  private let initializer: Initializer
  private var embeddings: Variable?

  /// Creates the layer; names and defaults are those of KerasHub.
  ///
  /// - Parameters:
  ///   - sequenceLength: how many steps a sequence has at most.
  ///   - initializer: the first vectors.
  public init(
    sequenceLength: Int, initializer: Initializer = .glorotUniform, name: String? = nil,
    trainable: Bool = true
  ) {
    self.sequenceLength = sequenceLength
    self.initializer = initializer
    super.init(name: name, trainable: trainable)
  }

  public required init(config: JSON) throws {
    sequenceLength = try config.get("sequence_length", \.int)
    initializer = try Initializer(config: config["initializer"], default: .glorotUniform)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["sequence_length"] = .int(sequenceLength)
    config["initializer"] = initializer.config
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard inputShape.count >= 3, let steps = inputShape.dropLast().last, sequenceLength > 0,
      steps ?? 0 <= sequenceLength
    else {
      throw shapeError(
        expected: "an input [batch, steps, features] of at most \(sequenceLength) steps",
        found: inputShape.text, hint: "make sequenceLength that of the longest sequence")
    }
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    let size = try sizes(of: [-1], in: inputShape)
    embeddings = addWeight("embeddings", shape: [sequenceLength] + size, initializer: initializer)
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let embeddings else { throw shapeError(expected: "a built layer", found: "none") }
    let steps = input.shape[input.rank - 2]
    return embeddings.value[0..<steps].broadcast(to: input.shape)
  }
}
