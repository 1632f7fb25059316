import PlushTensor

// Steps of training, of the domain ai.onnx.preview.training. Operands: rate, number of updates, then
// all weights, all gradients and all states of one kind after the other.

extension ONNXOperators {
  static let optimizers: [String: ONNXOperator] = [
    "ai.onnx.preview.training::Adagrad": { context in
      try update(context, states: 1) { x, g, states, rate, step in
        let decayed = rate / (step * context.float("decay_factor", 0) + 1)
        let sum = states[0] + g.square()
        return [x - decayed * g / (sum.sqrt() + context.float("epsilon", 1e-6)), sum]
      }
    },
    "ai.onnx.preview.training::Momentum": { context in
      try update(context, states: 1) { x, g, states, rate, step in
        let beta = context.float("beta", 1)
        // The first gradient counts whole.
        let weight = (step .> 0).select(beta, 1)
        let moving = states[0] * context.float("alpha", 0) + g * weight
        guard context.string("mode") == "nesterov" else { return [x - rate * moving, moving] }
        return [x - rate * (g + moving * context.float("alpha", 0)), moving]
      }
    },
    "ai.onnx.preview.training::Adam": { context in
      try update(context, states: 2) { x, g, states, rate, step in
        let (alpha, beta) = (context.float("alpha", 0.9), context.float("beta", 0.999))
        let mean = states[0] * alpha + g * (1 - alpha)
        let square = states[1] * beta + g.square() * (1 - beta)
        let (first, second) = (
          1 - Tensor.number(alpha, like: step).pow(step),
          1 - Tensor.number(beta, like: step).pow(step)
        )
        let corrected = (step .> 0).select(rate * second.sqrt() / first, rate)
        let moved = x - corrected * mean / (square.sqrt() + context.float("epsilon", 1e-6))
        return [moved * (1 - context.float("norm_coefficient_post", 0)), mean, square]
      }
    },
  ]

  private static func update(
    _ context: NodeContext, states count: Int,
    _ body: (Tensor, Tensor, [Tensor], Tensor, Tensor) -> [Tensor]
  ) throws -> [Tensor] {
    let given = try context.inputs()
    let weights = (given.count - 2) / (count + 2)
    try context.require(
      weights > 0 && given.count == 2 + weights * (count + 2), "weights, gradients and states",
      "\(given.count) inputs")
    let decay = context.float("norm_coefficient", 0)
    let (rate, step) = (given[0], given[1].like(given[2]))
    let results = try (0..<weights).map { number in
      let x = given[2 + number]
      let states = (0..<count).map { given[2 + (2 + $0) * weights + number] }
      try context.require(
        (states + [given[2 + weights + number]]).allSatisfy { $0.shape == x.shape }
          && rate.count == 1 && step.count == 1, "gradients and states of \(x.shape)", "others")
      return body(x, given[2 + weights + number] + x * decay, states, rate.like(x), step)
    }
    return (0...count).flatMap { kind in results.map { $0[kind] } }
  }
}
