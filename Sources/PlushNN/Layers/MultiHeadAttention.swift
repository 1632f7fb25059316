import PlushTensor

/// Attention of several heads: [batch, queries, features] and [batch, keys, features] give [batch,
/// queries, features].
///
/// Each head projects queries and keys to `keyDimension` numbers and values to `valueDimension`;
/// each query then gets the mean of the values, weighed by the softmax of its scaled products with
/// the keys. The heads' results together are projected to the output.
///
/// ```swift
/// let x = Input(shape: [64, 128])
/// let attention = MultiHeadAttention(heads: 8, keyDimension: 16, useCausalMask: true)
/// let model = try Model(inputs: x, outputs: attention(query: x, value: x))
/// ```
///
/// Steps that a mask leaves out are not attended to. Weights: `query/kernel` of shape [features,
/// heads, keyDimension] and `query/bias` of [heads, keyDimension], likewise `key` and `value`, and
/// `attention_output/kernel` of [heads, valueDimension, features].
public final class MultiHeadAttention: HeadedAttention {
  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - heads: how many heads there are.
  ///   - keyDimension: how many numbers of a query and a key each head compares.
  ///   - valueDimension: how many numbers of a value each head takes; `keyDimension` by default.
  ///   - dropout: the part of the scores that is dropped while training.
  ///   - useBias: whether projections add a bias.
  ///   - outputShape: the axes of a step of the output; those of the query by default.
  ///   - attentionAxes: the axes along which steps are attended to, counted with that of the
  ///     samples; by default all but the last.
  ///   - slidingWindow: how near a key must be: less than that many steps away.
  ///   - useGate: whether the result of each head is multiplied by the sigmoid of a projection of
  ///     the query.
  ///   - useCausalMask: whether a query sees only keys that are not after it.
  ///   - returnAttentionScores: whether there is a second output, the scores [batch, heads, queries,
  ///     keys].
  public init(
    heads: Int, keyDimension: Int, valueDimension: Int? = nil, dropout: Double = 0,
    useBias: Bool = true, outputShape: [Int]? = nil, attentionAxes: [Int]? = nil,
    slidingWindow: Int? = nil, useGate: Bool = false, useCausalMask: Bool = false,
    returnAttentionScores: Bool = false, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, kernelRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, activityRegularizer: Regularizer? = nil,
    kernelConstraint: Constraint? = nil, biasConstraint: Constraint? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    let options = Options(
      heads: heads, keyHeads: heads, keyDimension: keyDimension,
      valueDimension: valueDimension ?? keyDimension, dropout: dropout, useBias: useBias,
      useGate: useGate, slidingWindow: slidingWindow, useCausalMask: useCausalMask,
      returnAttentionScores: returnAttentionScores,
      kernel: WeightOptions(kernelInitializer, kernelRegularizer, kernelConstraint),
      bias: WeightOptions(biasInitializer, biasRegularizer, biasConstraint),
      activityRegularizer: activityRegularizer, outputShape: outputShape,
      attentionAxes: attentionAxes)
    super.init(options, name: name, trainable: trainable)
  }

  public required init(config: JSON) throws {
    let heads = try config.get("num_heads", \.int)
    var options = try Options(
      config: config, heads: heads, keyHeads: heads,
      keyDimension: try config.get("key_dim", \.int))
    options.valueDimension = config["value_dim"]?.int ?? options.keyDimension
    options.outputShape = [Int](axisConfig: config["output_shape"])
    options.attentionAxes = [Int](axisConfig: config["attention_axes"])
    try super.init(options, config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["num_heads"] = .int(options.heads)
    config["key_dim"] = .int(options.keyDimension)
    config["value_dim"] = .int(options.valueDimension)
    config["output_shape"] = options.outputShape.map { .array($0.map(JSON.int)) } ?? .null
    config["attention_axes"] = options.attentionAxes.map { .array($0.map(JSON.int)) } ?? .null
    return config
  }
}
