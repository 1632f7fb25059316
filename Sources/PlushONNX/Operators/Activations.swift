import PlushTensor

// Functions between the layers of networks.

extension ONNXOperators {
  static let activations: [String: ONNXOperator] = [
    "Relu": unary { $0.relu() },
    "Sigmoid": unary { $0.sigmoid() },
    "Softplus": unary { $0.softplus() },
    "Softsign": unary { $0.softsign() },
    "Mish": unary { $0.mish() },
    "HardSwish": unary { $0.hardSwish() },
    "Gelu": { [try $0.input(0).gelu(approximate: $0.string("approximate") == "tanh")] },
    "Swish": { context in
      let x = try context.input(0)
      return [(x * (x * context.float("alpha", 1)).sigmoid()).like(x)]
    },
    "LeakyRelu": { context in
      [try context.input(0).leakyRelu(alpha: context.float("alpha", 0.01))]
    },
    "Elu": { [try $0.input(0).elu(alpha: $0.float("alpha", 1))] },
    "Celu": { [try $0.input(0).celu(alpha: $0.float("alpha", 1))] },
    "Selu": { context in
      let alpha = context.float("alpha", 1.673_263_192_176_818_847_656_25)
      let gamma = context.float("gamma", 1.050_701_022_148_132_324_218_75)
      return [try context.input(0).elu(alpha: alpha) * gamma]
    },
    "HardSigmoid": { context in
      let x = try context.input(0)
      return [
        (x * context.float("alpha", 0.2) + context.float("beta", 0.5)).clip(min: 0, max: 1)
      ]
    },
    "ThresholdedRelu": { context in
      let x = try context.input(0)
      return [(x .> context.float("alpha", 1)).select(x, 0)]
    },
    "Shrink": { context in
      let x = try context.input(0)
      let (limit, bias) = (context.float("lambd", 0.5), context.float("bias", 0))
      return [(x .< -limit).select(x + bias, (x .> limit).select(x - bias, 0)).like(x)]
    },
    "PRelu": { context in
      let (x, given) = (try context.input(0), try context.input(1))
      var slope = given
      // Before version 7 a slope for each channel.
      if context.opset < 7, given.rank == 1, given.count > 1, x.rank > 1 {
        slope = given.reshape([given.count] + [Int](repeating: 1, count: x.rank - 2))
      }
      _ = try context.broadcast([x, slope])
      return [(x .< 0).select(x * slope, x).like(x)]
    },
    "SwiGLU": { context in
      let x = try context.input(0, rank: 1...16)
      let alpha = context.float("alpha", 1)
      if let gate = context.optional(1) {
        _ = try context.broadcast([x, gate])
        return [(x * (x * alpha).sigmoid() * gate).like(x)]
      }
      let axis = try context.axis(context.int("axis", -1), rank: x.rank)
      try context.require(x.shape[axis] % 2 == 0, "an even axis \(axis)", "shape \(x.shape)")
      let halves = x.split(count: 2, axis: axis)
      return [(halves[0] * (halves[0] * alpha).sigmoid() * halves[1]).like(x)]
    },
    "Softmax": { [try overClasses($0) { $0.softmax(axis: $1) }] },
    "LogSoftmax": { [try overClasses($0) { $0.logSoftmax(axis: $1) }] },
    "Hardmax": { context in
      [
        try overClasses(context) { x, axis in
          x.argMax(axis: axis).oneHot(x.shape[axis], dtype: x.dtype).moveAxis(-1, to: axis)
        }
      ]
    },
  ]

  /// Before version 13 all axes from the one named on counted as one.
  private static func overClasses(
    _ context: NodeContext, _ body: (Tensor, Int) -> Tensor
  ) throws -> Tensor {
    let x = try context.input(0, rank: 1...16)
    let axis = try context.axis(context.int("axis", context.opset < 13 ? 1 : -1), rank: x.rank)
    if x.count == 0 { return x }
    if context.opset >= 13 { return body(x, axis).like(x) }
    let rows = x.shape[..<axis].reduce(1, *)
    return body(x.reshape([rows, -1]), 1).reshape(x.shape).like(x)
  }
}
