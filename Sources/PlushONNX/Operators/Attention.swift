import PlushEngine
import PlushTensor

// Attention, with heads as an axis or in the last axis, and the turning of positions.

extension ONNXOperators {
  static let attention: [String: ONNXOperator] = [
    "Attention": { try attend($0) },
    "RotaryEmbedding": { [try rotate($0)] },
  ]

  private static func attend(_ context: NodeContext) throws -> [Tensor] {
    let given = try context.input(0, rank: 3...4)
    let heads = (context.int("q_num_heads", 0), context.int("kv_num_heads", 0))
    func apart(_ x: Tensor, _ count: Int) throws -> Tensor {
      if x.rank == 4 { return x }
      try context.require(
        x.rank == 3 && count > 0 && x.shape[2] % count == 0, "heads that divide the last axis",
        "\(x.shape), \(count) heads")
      return x.reshape([x.shape[0], x.shape[1], count, -1]).transpose([0, 2, 1, 3])
    }
    let q = try apart(given, heads.0)
    var k = try apart(try context.input(1), heads.1)
    var v = try apart(try context.input(2), heads.1)
    k = try joined(context, context.optional(4), k)
    v = try joined(context, context.optional(5), v)
    let present = (k, v)
    try context.require(
      k.rank == 4 && v.rank == 4 && q.shape[3] == k.shape[3] && k.shape[2] == v.shape[2]
        && k.shape[1] > 0 && k.shape[0] == q.shape[0] && v.shape[0] == q.shape[0]
        && q.shape[1] % k.shape[1] == 0 && k.shape[1] == v.shape[1],
      "queries, keys and values that fit", "\(q.shape), \(k.shape), \(v.shape)")
    if q.shape[1] != k.shape[1] {
      let times = q.shape[1] / k.shape[1]
      (k, v) = (k.repeat(times, axis: 1), v.repeat(times, axis: 1))
    }
    let wide: DType = q.dtype == .float64 ? .float64 : .float32
    let root = context.float("scale", 1 / Double(q.shape[3]).squareRoot()).squareRoot()
    let products = ((q * root).cast(to: wide)).matmul(
      (k * root).cast(to: wide), transposeB: true)
    let mode = context.int("qk_matmul_output_mode", 0)
    var shown = products
    var scores = products
    let cap = context.float("softcap", 0)
    let (allowed, bias) = try mask(context, q, k)
    if cap != 0 { scores = (scores / cap).tanh() * cap }
    if mode == 1 { shown = scores }
    if let bias { scores = scores + bias.cast(to: wide) }
    if let allowed { scores = allowed.select(scores, -Double.infinity) }
    if mode == 2 { shown = scores }
    // A row in which nothing counts gives zeros.
    let largest = scores.max(axis: -1, keepDims: true)
    let isEmpty = largest .== -Double.infinity
    let weights = isEmpty.select(0, isEmpty.select(0, scores).softmax(axis: -1))
    if mode == 3 { shown = weights }
    let y = weights.cast(to: v.dtype).matmul(v).like(q)
    let result =
      given.rank == 4
      ? y
      : y.transpose([0, 2, 1, 3]).reshape([y.shape[0], y.shape[2], y.shape[1] * y.shape[3]])
    return [result, present.0, present.1, shown.like(q)]
  }

  /// Keys or values after those of the past.
  private static func joined(
    _ context: NodeContext, _ past: Tensor?, _ x: Tensor
  ) throws -> Tensor {
    guard let past else { return x }
    try context.require(
      past.rank == 4 && x.rank == 4 && past.shape[..<2] == x.shape[..<2]
        && past.shape[3] == x.shape[3], "a past of \(x.shape)", "\(past.shape)")
    return concatenate([past.like(x), x], axis: 2)
  }

  /// Which keys a query may see, and what is added to their scores.
  private static func mask(
    _ context: NodeContext, _ q: Tensor, _ k: Tensor
  ) throws -> (allowed: Tensor?, bias: Tensor?) {
    let (steps, keys) = (q.shape[2], k.shape[2])
    var allowed: Tensor?
    var bias: Tensor?
    func allow(_ condition: Tensor) {
      allowed = allowed.map { $0.logicalAnd(condition) } ?? condition
    }
    if var given = context.optional(3) {
      try context.require(
        given.rank >= 1 && given.shape[given.rank - 1] <= keys,
        "a mask of \(keys) keys", "shape \(given.shape)")
      let missing = keys - given.shape[given.rank - 1]
      if missing > 0 {
        let widths = [(Int, Int)](repeating: (0, 0), count: given.rank - 1) + [(0, missing)]
        let isBool = given.dtype == .bool
        given =
          isBool
          ? given.cast(to: .int32).pad(widths).cast(to: .bool)
          : given.pad(widths, value: -.infinity)
      }
      let shape = [q.shape[0], q.shape[1], steps, keys]
      try context.require(
        given.shape.broadcast(with: shape) == shape, "a mask that broadcasts to \(shape)",
        "\(given.shape)")
      if given.dtype == .bool { allow(given) } else { bias = given }
    }
    if let lengths = context.optional(6) {
      try context.require(
        lengths.count == q.shape[0], "a length for each sample", "\(lengths.shape)")
    }
    let lengths = context.optional(6)?.cast(to: .int32).reshape([-1, 1, 1, 1])
    let columns = Tensor.range(0, keys).reshape([1, 1, 1, keys])
    if let lengths { allow(columns .< lengths) }
    let left = context.int("left_window_size", -1)
    let right = context.int("right_window_size", -1)
    let isCausal = context.flag("is_causal")
    if isCausal || left >= 0 || right >= 0 {
      // Without a cache of its own, the queries are the last of the keys that count.
      let past = context.optional(4).map { $0.shape[2] } ?? 0
      let offset = lengths.map { $0 - steps } ?? Tensor.full([], past)
      let rows = Tensor.range(0, steps).reshape([1, 1, steps, 1]) + offset
      if isCausal { allow(columns .<= rows) }
      if left >= 0 { allow(columns .>= rows - Swift.min(left, keys)) }
      if right >= 0 { allow(columns .<= rows + Swift.min(right, keys)) }
    }
    return (allowed, bias)
  }

  private static func rotate(_ context: NodeContext) throws -> Tensor {
    let given = try context.input(0, rank: 3...4)
    var (cosines, sines) = (try context.input(1), try context.input(2))
    let heads = context.int("num_heads", 0)
    var x = given
    if given.rank == 3 {
      try context.require(
        heads > 0 && given.shape[2] % heads == 0, "heads that divide the last axis",
        "\(given.shape), \(heads) heads")
      x = given.reshape([given.shape[0], given.shape[1], heads, -1]).transpose([0, 2, 1, 3])
    }
    let width = context.int("rotary_embedding_dim", 0)
    let turned = width > 0 ? width : x.shape[3]
    try context.require(
      turned % 2 == 0 && turned <= x.shape[3], "an even width within \(x.shape[3])", "\(turned)")
    if let positions = context.optional(3) {
      try context.require(cosines.rank == 2 && sines.rank == 2, "tables", "\(cosines.shape)")
      (cosines, sines) = (cosines.gather(positions), sines.gather(positions))
    }
    let half = turned / 2
    let shape = [x.shape[0], x.shape[2], half]
    try context.require(
      cosines.shape == shape && sines.shape == shape, "angles \(shape)", "\(cosines.shape)")
    let (c, s) = (cosines.expandDims(axis: 1).like(x), sines.expandDims(axis: 1).like(x))
    let (first, rest) = (x[..., .stride(from: 0, to: turned)], x[..., .stride(from: turned)])
    let isInterleaved = context.flag("interleaved")
    let real = isInterleaved ? first[..., .stride(from: 0, by: 2)] : first[..., .stride(to: half)]
    let imaginary =
      isInterleaved ? first[..., .stride(from: 1, by: 2)] : first[..., .stride(from: half)]
    let (a, b) = (c * real - s * imaginary, s * real + c * imaginary)
    let joined =
      isInterleaved ? stack([a, b], axis: 4).reshape(first.shape) : concatenate([a, b], axis: 3)
    let y = turned < x.shape[3] ? concatenate([joined, rest], axis: 3) : joined
    return (given.rank == 4 ? y : y.transpose([0, 2, 1, 3]).reshape(given.shape)).like(given)
  }
}
