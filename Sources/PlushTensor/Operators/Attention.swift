import PlushEngine

/// Means of values, weighed by how well their keys fit each query (Vaswani et al., 2017).
///
/// - Parameters:
///   - query: [batch, queries, heads, size].
///   - key: [batch, keys, heads, size].
///   - value: [batch, keys, heads, valueSize].
///   - mask: which keys a query may see: bool, broadcasts to [batch, heads, queries, keys].
///   - isCausal: whether a query sees only keys that are not after it.
///   - scale: factor of the products of queries and keys; `1 / sqrt(size)` without one.
/// - Returns: [batch, queries, heads, valueSize]; a query that sees no key gets the plain mean.
public func dotProductAttention(
  query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, isCausal: Bool = false,
  scale: Double? = nil
) -> Tensor {
  let scores = attentionScores(
    query: query, key: key, mask: mask, isCausal: isCausal, scale: scale)
  return attentionMean(of: value, scores: scores)
}

/// How much each query takes of the value of each key, the softmax of their scaled products.
///
/// - Parameters:
///   - query: [batch, queries, heads, size].
///   - key: [batch, keys, heads, size].
///   - mask: which keys a query may see: bool, broadcasts to [batch, heads, queries, keys].
///   - isCausal: whether a query sees only keys that are not after it.
///   - scale: factor of the products of queries and keys; `1 / sqrt(size)` without one.
/// - Returns: [batch, heads, queries, keys], which sums to 1 over the keys.
public func attentionScores(
  query: Tensor, key: Tensor, mask: Tensor? = nil, isCausal: Bool = false, scale: Double? = nil
) -> Tensor {
  guard query.rank == 4, key.rank == 4 else {
    stop(
      "attention expects queries and keys [batch, length, heads, size]; got \(query.shape) and "
        + "\(key.shape).")
  }
  let scale = scale ?? 1 / Double(query.shape[3]).squareRoot()
  var products = einsum("bqhd,bkhd->bhqk", query * scale, key)
  let hidden = products.dtype == .float16 ? -6e4 : -1e30
  if isCausal {
    let positions = [query.shape[1], key.shape[1]]
    let isVisible = Tensor.ones(positions, dtype: .bool).triangularLower()
    products = isVisible.select(products, hidden)
  }
  if let mask { products = mask.select(products, hidden) }
  return products.softmax()
}

/// The means of values by the scores that `attentionScores` gives.
///
/// - Parameters:
///   - value: [batch, keys, heads, valueSize].
///   - scores: [batch, heads, queries, keys].
/// - Returns: [batch, queries, heads, valueSize].
public func attentionMean(of value: Tensor, scores: Tensor) -> Tensor {
  guard value.rank == 4, scores.rank == 4 else {
    stop(
      "attention expects values [batch, length, heads, size] and scores [batch, heads, queries, "
        + "keys]; got \(value.shape) and \(scores.shape).")
  }
  return einsum("bhqk,bkhd->bqhd", scores, value)
}
