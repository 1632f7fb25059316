import PlushEngine
import PlushTensor

// Many numbers made one, and where the extremes are.

extension ONNXOperators {
  static let reductions: [String: ONNXOperator] = [
    "ReduceSum": reduce(since: 13) { $0.sum(axes: $1, keepDims: $2) },
    "ReduceMean": reduce { $0.mean(axes: $1, keepDims: $2) },
    "ReduceProd": reduce { $0.product(axes: $1, keepDims: $2) },
    "ReduceMax": reduce {
      $0.dtype == .bool ? $0.any(axes: $1, keepDims: $2) : $0.max(axes: $1, keepDims: $2)
    },
    "ReduceMin": reduce {
      $0.dtype == .bool ? $0.all(axes: $1, keepDims: $2) : $0.min(axes: $1, keepDims: $2)
    },
    "ReduceL1": reduce(isMapped: true) { $0.abs().sum(axes: $1, keepDims: $2) },
    "ReduceL2": reduce(isMapped: true) { $0.square().sum(axes: $1, keepDims: $2).sqrt() },
    "ReduceSumSquare": reduce(isMapped: true) { $0.square().sum(axes: $1, keepDims: $2) },
    "ReduceLogSum": reduce(isMapped: true) { $0.sum(axes: $1, keepDims: $2).log() },
    "ReduceLogSumExp": reduce(isMapped: true) { x, axes, keepDims in
      if x.count == 0 { return x.exp().sum(axes: axes, keepDims: keepDims).log() }
      return x.logSumExp(axes: axes, keepDims: keepDims)
    },
    "ArgMax": { [try argument($0) { $0.argMax(axis: $1) }] },
    "ArgMin": { [try argument($0) { $0.argMin(axis: $1) }] },
    "CumSum": { [try running($0) { $0.cumulativeSum(axis: $1, exclusive: $2, reverse: $3) }] },
    "CumProd": {
      [try running($0) { $0.cumulativeProduct(axis: $1, exclusive: $2, reverse: $3) }]
    },
    "TopK": topK,
    "Det": { context in
      let x = try context.input(0, rank: 2...16)
      try context.require(
        x.shape[x.rank - 1] == x.shape[x.rank - 2], "square matrices", "shape \(x.shape)")
      return [x.determinant()]
    },
  ]

  /// A reduction along axes that are an attribute before a version and an input since.
  ///
  /// - Parameter isMapped: whether the reduction also changes elements, which it does then even if
  ///   there is no axis to reduce.
  private static func reduce(
    since version: Int = 18, isMapped: Bool = false,
    _ body: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor
  ) -> ONNXOperator {
    { context in
      let x = try context.input(0)
      var axes = try context.axes(since: version)
      if axes?.isEmpty == true { axes = nil }
      if axes == nil, context.flag("noop_with_empty_axes") {
        return [isMapped ? body(x, [], false).like(x) : x]
      }
      let checked = try axes.map { try context.axes($0, rank: x.rank) }
      return [body(x, checked, context.flag("keepdims", true)).like(x)]
    }
  }

  private static func argument(
    _ context: NodeContext, _ body: (Tensor, Int) -> Tensor
  ) throws -> Tensor {
    let x = try context.input(0, rank: 1...16)
    let axis = try context.axis(context.int("axis", 0), rank: x.rank)
    let size = x.shape[axis]
    try context.require(size > 0, "elements along axis \(axis)", "shape \(x.shape)")
    let isLast = context.flag("select_last_index")
    let place = body(isLast ? x.reverse(axis: axis) : x, axis).cast(to: .int64)
    let result = isLast ? size - 1 - place : place
    return context.flag("keepdims", true) ? result.expandDims(axis: axis) : result
  }

  private static func running(
    _ context: NodeContext, _ body: (Tensor, Int, Bool, Bool) -> Tensor
  ) throws -> Tensor {
    let x = try context.input(0, rank: 1...16)
    let axis = try context.axis(try context.integer(1) ?? 0, rank: x.rank)
    return body(x, axis, context.flag("exclusive"), context.flag("reverse")).like(x)
  }

  private static let topK: ONNXOperator = { context in
    let x = try context.input(0, rank: 1...16)
    let axis = try context.axis(context.int("axis", -1), rank: x.rank)
    let k = try context.opset < 10 ? context.int("k", 1) : context.integer(1) ?? 1
    try context.require(
      k >= 0 && k <= x.shape[axis], "k from 0 to \(x.shape[axis])", "\(k)")
    let (values, indices) = x.topK(k, axis: axis, largest: context.flag("largest", true))
    return [values, indices.cast(to: .int64)]
  }
}
