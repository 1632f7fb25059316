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
  guard query.rank == 4, key.rank == 4, value.rank == 4 else {
    stop(
      "dotProductAttention expects [batch, length, heads, size]; got \(query.shape), "
        + "\(key.shape), \(value.shape).")
  }
  let scale = scale ?? 1 / Double(query.shape[3]).squareRoot()
  var scores = einsum("bqhd,bkhd->bhqk", query * scale, key)
  let hidden = scores.dtype == .float16 ? -6e4 : -1e30
  if isCausal {
    let positions = [query.shape[1], key.shape[1]]
    let isVisible = Tensor.ones(positions, dtype: .bool).triangularLower()
    scores = isVisible.select(scores, hidden)
  }
  if let mask { scores = mask.select(scores, hidden) }
  return einsum("bhqk,bkhd->bqhd", scores.softmax(), value)
}
