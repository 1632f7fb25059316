import PlushTensor

/// Means of values, weighed by how well their keys fit each query: inputs [batch, queries, size],
/// [batch, keys, valueSize] and, if they are not the values, the keys [batch, keys, size] give
/// [batch, queries, valueSize].
///
/// The scores are the softmax of the products of queries and keys (Luong et al., "Effective
/// approaches to attention-based neural machine translation", 2015). A value that a mask leaves out
/// counts nothing, and the output of a query that a mask leaves out is zero.
public class Attention: Layer {
  /// How a query and a key are compared.
  public enum ScoreMode: String, Sendable, Hashable, CaseIterable {
    /// By their product.
    case dot
    /// By the sum of `tanh(query + key)`.
    case concat
  }

  /// Whether products are scaled by a learned factor.
  public let useScale: Bool
  private let scoreMode: ScoreMode
  private let dropout: Double
  private let useCausalMask: Bool
  private let returnAttentionScores: Bool
  fileprivate var scale: Variable?
  private var concatScoreWeight: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - useScale: whether products are scaled by a learned factor.
  ///   - scoreMode: how a query and a key are compared.
  ///   - dropout: the part of the scores that is dropped while training.
  ///   - useCausalMask: whether a query sees only keys that are not after it.
  ///   - returnAttentionScores: whether there is a second output, the scores [batch, queries, keys].
  public init(
    useScale: Bool = false, scoreMode: ScoreMode = .dot, dropout: Double = 0,
    useCausalMask: Bool = false, returnAttentionScores: Bool = false, name: String? = nil,
    trainable: Bool = true
  ) {
    self.useScale = useScale
    self.scoreMode = scoreMode
    self.dropout = dropout
    self.useCausalMask = useCausalMask
    self.returnAttentionScores = returnAttentionScores
    super.init(name: name, trainable: trainable)
  }

  public required init(config: JSON) throws {
    useScale = config["use_scale"]?.bool ?? Self.usesScaleByDefault
    let mode = config["score_mode"]?.string ?? "dot"
    guard let scoreMode = ScoreMode(rawValue: mode) else {
      throw ModelError(expected: "the score mode dot or concat", found: "'\(mode)'")
    }
    self.scoreMode = scoreMode
    dropout = config["dropout"]?.double ?? 0
    useCausalMask = config["use_causal_mask"]?.bool ?? false
    returnAttentionScores = config["return_attention_scores"]?.bool ?? false
    try super.init(config: config)
  }

  fileprivate class var usesScaleByDefault: Bool { false }

  public override var config: JSON {
    var config = super.config
    config["use_scale"] = .bool(useScale)
    config["score_mode"] = .string(scoreMode.rawValue)
    config["dropout"] = .double(dropout)
    config["seed"] = .null
    config["use_causal_mask"] = .bool(useCausalMask)
    config["return_attention_scores"] = .bool(returnAttentionScores)
    return config
  }

  override class var callOptions: [String] { ["use_causal_mask", "return_attention_scores"] }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try checkRate(dropout)
    guard (2...3).contains(inputShapes.count) else {
      throw shapeError(
        expected: "a query, a value and, if wanted, a key", found: "\(inputShapes.count) inputs",
        hint: "attention to itself is layer([x, x])")
    }
    let (query, value) = (inputShapes[0], inputShapes[1])
    let key = inputShapes.last ?? value
    guard query.count >= 2, value.count == query.count, key.count == query.count,
      Shape([query[query.count - 1]]).fits([key[key.count - 1]]),
      Shape(value.dropLast()).fits(Shape(key.dropLast())),
      Shape(query.dropLast(2)).fits(Shape(value.dropLast(2)))
    else {
      throw shapeError(
        expected: "inputs [batch, steps, features], with queries as long as keys and as many keys "
          + "as values", found: inputShapes.text)
    }
    let steps = Shape(query.dropLast())
    let output = steps + [value[value.count - 1]]
    return returnAttentionScores ? [output, steps + [value[value.count - 2]]] : [output]
  }

  public override func build(inputShapes: [Shape]) throws {
    if useScale { scale = addWeight("scale", shape: [], initializer: .ones) }
    if scoreMode == .concat {
      concatScoreWeight = addWeight("concat_score_weight", shape: [], initializer: .ones)
    }
  }

  /// How well each key [batch, keys, size] fits each query [batch, queries, size].
  func scores(query: Tensor, key: Tensor) -> Tensor {
    guard let concatScoreWeight else {
      let products = query.matmul(key, transposeB: true)
      return scale.map { products * $0.value } ?? products
    }
    let sums = query.expandDims(axis: -2) + key.expandDims(axis: -3)
    return (scale.map { sums * $0.value } ?? sums).tanh().sum(axis: -1) * concatScoreWeight.value
  }

  override var usesMasks: Bool { true }

  public override var supportsMasking: Bool { true }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    let (query, value) = (inputs[0], inputs[1])
    var scores = scores(query: query, key: inputs.count > 2 ? inputs[2] : value)
    let hidden = scores.dtype == .float16 ? -65504 : -1e9
    if let mask = masks[1] { scores = mask.expandDims(axis: -2).select(scores, hidden) }
    if useCausalMask {
      let shape = Array(scores.shape.suffix(2))
      scores = Tensor.ones(shape, dtype: .bool).triangularLower().select(scores, hidden)
    }
    let weights = scores.softmax()
    let kept = training ? weights.dropout(rate: dropout) : weights
    var output = kept.matmul(value)
    if let mask = masks[0] { output = mask.expandDims(axis: -1).select(output, 0) }
    return returnAttentionScores ? [output, weights] : [output]
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    try call(inputs, masks: inputs.map { _ in nil }, training: training)
  }
}

/// Means of values, weighed by `Σ scale · tanh(query + key)`: inputs and output as of `Attention`.
///
/// Bahdanau et al., "Neural machine translation by jointly learning to align and translate", 2014.
public final class AdditiveAttention: Attention {
  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - useScale: whether terms are scaled by learned factors, one for each feature.
  ///   - dropout: the part of the scores that is dropped while training.
  ///   - useCausalMask: whether a query sees only keys that are not after it.
  ///   - returnAttentionScores: whether there is a second output, the scores [batch, queries, keys].
  public init(
    useScale: Bool = true, dropout: Double = 0, useCausalMask: Bool = false,
    returnAttentionScores: Bool = false, name: String? = nil, trainable: Bool = true
  ) {
    super.init(
      useScale: useScale, dropout: dropout, useCausalMask: useCausalMask,
      returnAttentionScores: returnAttentionScores, name: name, trainable: trainable)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  fileprivate override class var usesScaleByDefault: Bool { true }

  public override var config: JSON {
    var config = super.config
    config["score_mode"] = nil
    return config
  }

  public override func build(inputShapes: [Shape]) throws {
    guard useScale else { return }
    let sizes = try sizes(of: [-1], in: inputShapes[0])
    scale = addWeight("scale", shape: sizes, initializer: .glorotUniform)
  }

  override func scores(query: Tensor, key: Tensor) -> Tensor {
    let terms = (query.expandDims(axis: -2) + key.expandDims(axis: -3)).tanh()
    return (scale.map { terms * $0.value } ?? terms).sum(axis: -1)
  }
}
