import PlushEngine
import PlushTensor

// Attention without softmax: a state of keys by values, which each step fades, corrects and adds to.

extension ONNXOperators {
  static let linearAttention: [String: ONNXOperator] = ["LinearAttention": { try recall($0) }]

  private static func recall(_ context: NodeContext) throws -> [Tensor] {
    let rule = context.string("update_rule") ?? "gated_delta"
    try context.require(
      ["linear", "gated", "delta", "gated_delta"].contains(rule),
      "linear, gated, delta or gated_delta", rule)
    let x = try context.input(0, rank: 3...3)
    let (heads, stored) = (context.int("q_num_heads", 0), context.int("kv_num_heads", 0))
    try context.require(
      stored > 0 && heads > 0 && heads % stored == 0, "heads of queries for each of keys",
      "\(heads), \(stored)")
    let q = try context.heads(0, heads)
    let (k, v) = (try context.heads(1, stored), try context.heads(2, stored))
    let (batch, steps, width) = (q.shape[0], q.shape[2], q.shape[3])
    let shape = [batch, stored, width, v.shape[3]]
    try context.require(
      k.shape == [batch, stored, steps, width] && v.shape[..<3] == k.shape[..<3] && width > 0,
      "keys and values for \(q.shape)", "\(k.shape), \(v.shape)")
    let fading = rule.hasPrefix("gated") ? try context.heads(4, stored).exp() : nil
    let rate = rule.hasSuffix("delta") ? try context.heads(5, stored) : nil
    try context.require(
      [fading, rate].allSatisfy { $0.map { $0.shape[2] == steps } ?? true }
        && fading.map { [1, width].contains($0.shape[3]) } ?? true,
      "numbers for \(steps) steps", "\(fading?.shape ?? []), \(rate?.shape ?? [])")
    var state = context.optional(3)?.cast(to: q.dtype) ?? .zeros(shape, dtype: q.dtype)
    try context.require(state.shape == shape, "a state \(shape)", "\(state.shape)")
    let given = context.float("scale", 0)
    let scale = given == 0 ? 1 / Double(width).squareRoot() : given
    var results: [Tensor] = []
    for step in 0..<steps {
      func now(_ x: Tensor) -> Tensor { x[[.all, .all, .stride(from: step, to: step + 1)]] }
      let key = now(k).swapAxes(-1, -2)
      if let fading { state = state * now(fading).swapAxes(-1, -2) }
      var value = now(v)
      if let rate { value = now(rate) * (value - now(k).matmul(state)) }
      state = state + key * value
      let seen = heads == stored ? state : state.repeat(heads / stored, axis: 1)
      results.append(now(q).matmul(seen) * scale)
    }
    let all = results.isEmpty ? q[..., .stride(to: 0)] : concatenate(results, axis: 2)
    let y = all.transpose([0, 2, 1, 3]).reshape([batch, steps, heads * v.shape[3]])
    return [y.like(x), state.like(context.optional(3) ?? x)]
  }
}

extension NodeContext {
  /// Numbers of heads, [batch, steps, heads · width], as [batch, heads, steps, width]; those of one
  /// number for all heads keep one.
  fileprivate func heads(_ index: Int, _ count: Int) throws -> Tensor {
    let x = try input(index, rank: 3...3)
    let count = x.shape[2] == 1 ? 1 : count
    try require(x.shape[2] % count == 0, "\(count) heads in input \(index)", "\(x.shape)")
    let wide = x.dtype == .float64 ? x : x.cast(to: .float32)
    return wide.reshape([x.shape[0], x.shape[1], count, -1]).transpose([0, 2, 1, 3])
  }
}
