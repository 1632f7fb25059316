import PlushEngine
import PlushTensor

// Values out of settings and shapes.

extension ONNXOperators {
  static let creation: [String: ONNXOperator] = [
    "Constant": { [try constant($0)] },
    "ConstantOfShape": { context in
      let shape = try context.checked(try context.integers(0) ?? [])
      let value = try context.tensor("value")?.tensor ?? Tensor.zeros([1])
      try context.require(value.count == 1, "a value of one number", "shape \(value.shape)")
      return [value.reshape([]).broadcast(to: shape)]
    },
    "Shape": { context in
      let shape = try context.input(0).shape
      func place(_ name: String, _ standard: Int) -> Int {
        let position = context.int(name, standard)
        return Swift.min(
          Swift.max(position < 0 ? position + shape.count : position, 0), shape.count)
      }
      let start = place("start", 0)
      let sizes = shape[start..<Swift.max(start, place("end", shape.count))].map { Int64($0) }
      return [Tensor(sizes, shape: [sizes.count])]
    },
    "Size": { [Tensor([Int64(try $0.input(0).count)], shape: [])] },
    "Range": { [try range($0)] },
    "EyeLike": { context in
      let x = try context.input(0, rank: 2...2)
      let element = try context.int("dtype").map {
        try ElementType(number: Int32(clamping: $0), of: "dtype")
      }
      let k = context.int("k", 0)
      let rows = Tensor.range(0, x.shape[0]).reshape([-1, 1])
      let columns = Tensor.range(0, x.shape[1]).reshape([1, -1])
      let isOne = columns.cast(to: .int64) .== rows.cast(to: .int64) + k
      return [isOne.cast(to: element?.dtype ?? x.dtype)]
    },
    "RandomNormal": { [try random($0, shape: $0.ints("shape") ?? [])] },
    "RandomNormalLike": { [try random($0, shape: try $0.input(0).shape)] },
    "RandomUniform": { [try random($0, shape: $0.ints("shape") ?? [])] },
    "RandomUniformLike": { [try random($0, shape: try $0.input(0).shape)] },
    "Bernoulli": { context in
      let x = try context.input(0)
      let element = try context.int("dtype").map {
        try ElementType(number: Int32(clamping: $0), of: "dtype")
      }
      return [(Tensor.randomUniform(x.shape) .< x).cast(to: element?.dtype ?? x.dtype)]
    },
    "Multinomial": { context in
      let (logits, count) = (try context.input(0, rank: 2...2), context.int("sample_size", 1))
      let element = try ElementType(number: Int32(clamping: context.int("dtype", 6)), of: "dtype")
      _ = try context.checked(logits.shape + [count])
      try context.require(logits.shape[1] > 0, "classes", "\(logits.shape)")
      return [Tensor.randomCategorical(logits, count: count).cast(to: element.dtype)]
    },
    "Dropout": dropout,
  ]

  private static func constant(_ context: NodeContext) throws -> Tensor {
    if let (tensor, _) = try context.tensor("value") { return tensor }
    if let value = context.float("value_float") { return Tensor.full([], Float(value)) }
    if let value = context.int("value_int") { return Tensor([Int64(value)], shape: []) }
    if let values = context.floats("value_floats") {
      return Tensor(values.map { Float($0) }, shape: [values.count])
    }
    if let values = context.ints("value_ints") {
      return Tensor(values.map { Int64($0) }, shape: [values.count])
    }
    throw context.fault(
      expected: "a value of numbers",
      found: context.node.attribute.map(\.name).joined(separator: ", "))
  }

  private static func range(_ context: NodeContext) throws -> Tensor {
    let like = try context.input(0)
    guard let start = try context.number(0), let end = try context.number(1),
      let step = try context.number(2), step != 0
    else { throw context.fault(expected: "a start, an end and a step other than 0", found: "less") }
    let count = ((end - start) / step).rounded(.up)
    try context.require(
      count < Double(Limits.elements), "a result that memory can hold", "\(count)")
    let size = Swift.max(0, Int(count.isNaN ? 0 : count))
    let wide: DType = like.dtype.isFloating ? .float64 : .int64
    let steps = Tensor.ones([size], dtype: wide).cumulativeSum(axis: 0) - 1
    if like.dtype.isFloating { return (steps * step + start).like(like) }
    return (steps * Int(step) + Int(start)).like(like)
  }

  private static func random(_ context: NodeContext, shape: [Int]) throws -> Tensor {
    let shape = try context.checked(shape)
    let element = try context.int("dtype").map {
      try ElementType(number: Int32(clamping: $0), of: "dtype")
    }
    let dtype = element?.dtype ?? context.optional(0)?.dtype ?? .float32
    if context.node.opType.hasPrefix("RandomNormal") {
      let draws = Tensor.randomNormal(shape)
      return (draws * context.float("scale", 1) + context.float("mean", 0)).cast(to: dtype)
    }
    let (low, high) = (context.float("low", 0), context.float("high", 1))
    return (Tensor.randomUniform(shape) * (high - low) + low).cast(to: dtype)
  }

  /// Drops elements while the model is trained, or if the node says that it is.
  private static let dropout: ONNXOperator = { context in
    let x = try context.input(0)
    let all = Tensor.ones(x.shape, dtype: .bool)
    let ratio = try context.opset < 12 ? context.float("ratio", 0.5) : context.number(1) ?? 0.5
    let saysSo = try context.opset >= 12 && context.readable(2)?.item(as: Bool.self) == true
    guard context.isTraining || saysSo, ratio > 0 else { return [x, all] }
    try context.require(0..<1 ~= ratio, "a ratio from 0 to below 1", "\(ratio)")
    let kept = Tensor.randomUniform(x.shape) .>= ratio
    return [kept.select(x / (1 - ratio), 0).like(x), kept]
  }
}
