import PlushTensor

// Truth values and the choice by them.

extension ONNXOperators {
  static let comparisons: [String: ONNXOperator] = [
    "Equal": compare { $0 .== $1 },
    "Less": compare { $0 .< $1 },
    "LessOrEqual": compare { $0 .<= $1 },
    "Greater": compare { $0 .> $1 },
    "GreaterOrEqual": compare { $0 .>= $1 },
    "And": compare { $0.logicalAnd($1) },
    "Or": compare { $0.logicalOr($1) },
    "Xor": compare { $0.logicalXor($1) },
    "Not": { [try $0.input(0).logicalNot()] },
    "IsNaN": { [try $0.input(0).isNaN()] },
    "IsInf": { context in
      let x = try context.input(0)
      let above = context.flag("detect_positive", true) ? x .== Double.infinity : x .!= x
      let below = context.flag("detect_negative", true) ? x .== -Double.infinity : x .!= x
      let isNumber = x.isNaN().logicalNot()
      return [above.logicalOr(below).logicalAnd(isNumber)]
    },
    "Where": { context in
      let (condition, a, b) = (try context.input(0), try context.input(1), try context.input(2))
      _ = try context.broadcast([condition, a, b])
      return [condition.select(a, b.like(a))]
    },
  ]

  private static func compare(
    _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> ONNXOperator {
    { context in
      let (a, b) = try context.pair()
      return [body(a, b)]
    }
  }
}
