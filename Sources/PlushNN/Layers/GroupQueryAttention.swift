import PlushTensor

/// Attention of several heads of queries, of which each group shares a head of keys and values:
/// [batch, queries, features] and [batch, keys, features] give [batch, queries, features].
///
/// With one head of keys and values for each of queries it is `MultiHeadAttention`. Ainslie et al.,
/// "GQA: training generalized multi-query transformer models from multi-head checkpoints", 2023.
public final class GroupQueryAttention: HeadedAttention {
  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - headDimension: how many numbers each head takes of queries, keys and values.
  ///   - queryHeads: how many heads of queries there are.
  ///   - keyValueHeads: how many heads of keys and values there are; it divides `queryHeads`.
  ///   - dropout: the part of the scores that is dropped while training.
  ///   - useBias: whether projections add a bias.
  ///   - slidingWindow: how near a key must be: less than that many steps away.
  ///   - useGate: whether the result of each head is multiplied by the sigmoid of a projection of
  ///     the query.
  ///   - useCausalMask: whether a query sees only keys that are not after it.
  ///   - returnAttentionScores: whether there is a second output, the scores [batch, queryHeads,
  ///     queries, keys].
  public init(
    headDimension: Int, queryHeads: Int, keyValueHeads: Int, dropout: Double = 0,
    useBias: Bool = true, slidingWindow: Int? = nil, useGate: Bool = false,
    useCausalMask: Bool = false, returnAttentionScores: Bool = false,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    activityRegularizer: Regularizer? = nil, kernelConstraint: Constraint? = nil,
    biasConstraint: Constraint? = nil, name: String? = nil, trainable: Bool = true
  ) {
    let options = Options(
      heads: queryHeads, keyHeads: keyValueHeads, keyDimension: headDimension,
      valueDimension: headDimension, dropout: dropout, useBias: useBias, useGate: useGate,
      slidingWindow: slidingWindow, useCausalMask: useCausalMask,
      returnAttentionScores: returnAttentionScores,
      kernel: WeightOptions(kernelInitializer, kernelRegularizer, kernelConstraint),
      bias: WeightOptions(biasInitializer, biasRegularizer, biasConstraint),
      activityRegularizer: activityRegularizer, outputShape: nil, attentionAxes: nil)
    super.init(options, name: name, trainable: trainable)
  }

  public required init(config: JSON) throws {
    let options = try Options(
      config: config, heads: try config.get("num_query_heads", \.int),
      keyHeads: try config.get("num_key_value_heads", \.int),
      keyDimension: try config.get("head_dim", \.int))
    try super.init(options, config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["head_dim"] = .int(options.keyDimension)
    config["num_query_heads"] = .int(options.heads)
    config["num_key_value_heads"] = .int(options.keyHeads)
    return config
  }
}
