import PlushTensor

extension TensorFlowJSOperators {
  static let reductions: [String: Operator] = [
    "all": reduction { $0.all(axes: $1, keepDims: $2) },
    "any": reduction { $0.any(axes: $1, keepDims: $2) },
    "argMax": one { try alongFirst($0) { $0.argMax(axis: $1) } },
    "argMin": one { try alongFirst($0) { $0.argMin(axis: $1) } },
    "cumprod": one {
      try $0.tensor(0).cumulativeProduct(
        axis: $0.int(1) ?? 0, exclusive: $0.flag(2), reverse: $0.flag(3))
    },
    "cumsum": one {
      try $0.tensor(0).cumulativeSum(
        axis: $0.int(1) ?? 0, exclusive: $0.flag(2), reverse: $0.flag(3))
    },
    "euclideanNorm": reduction { $0.norm(axes: $1, keepDims: $2) },
    "logSoftmax": one { try $0.tensor(0).logSoftmax(axis: $0.int(1) ?? -1) },
    "logSumExp": reduction { $0.logSumExp(axes: $1, keepDims: $2) },
    "max": reduction { $0.max(axes: $1, keepDims: $2) },
    "mean": reduction { $0.mean(axes: $1, keepDims: $2) },
    "min": reduction { $0.min(axes: $1, keepDims: $2) },
    "moments": several {
      let (mean, variance) = try $0.tensor(0).moments(axes: $0.integers(1), keepDims: $0.flag(2))
      return [mean, variance]
    },
    "norm": one { try norm($0) },
    "prod": reduction { $0.product(axes: $1, keepDims: $2) },
    "softmax": one { try $0.tensor(0).softmax(axis: $0.int(1) ?? -1) },
    "sum": reduction { $0.sum(axes: $1, keepDims: $2) },
    "topk": several {
      let (values, indices) = try $0.tensor(0).topK($0.int(1) ?? 1)
      return [values, indices]
    },
  ]

  private static func reduction(
    _ body: @escaping @Sendable (Tensor, [Int]?, Bool) -> Tensor
  ) -> Operator { one { body(try $0.tensor(0), $0.integers(1), $0.flag(2)) } }

  private static func alongFirst(
    _ arguments: TensorFlowJSArguments, _ body: (Tensor, Int) -> Tensor
  ) throws -> Tensor {
    let x = try arguments.tensor(0)
    return x.rank == 0 ? body(x.flatten(), 0) : body(x, arguments.int(1) ?? 0)
  }

  private static func norm(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    let x = try arguments.tensor(0)
    let (axes, keepDims) = (arguments.integers(2), arguments.flag(3))
    let order = arguments.string(1) ?? arguments.int(1).map { "\($0)" } ?? "euclidean"
    if let axes, axes.count == 2 {
      let orders: [String: MatrixNormOrder] = [
        "1": .one, "Infinity": .infinity, "fro": .frobenius, "euclidean": .frobenius,
      ]
      if let order = orders[order] {
        return x.matrixNorm(order: order, axes: (axes[0], axes[1]), keepDims: keepDims)
      }
      if order == "-Infinity" {
        return x.norm(order: .one, axis: axes[1], keepDims: true)
          .min(axes: axes, keepDims: keepDims)
      }
      throw TensorFlowJSError(gap: "norm of order \(order)")
    }
    let orders: [String: NormOrder] = [
      "1": .one, "2": .two, "Infinity": .infinity, "-Infinity": .minusInfinity,
      "euclidean": .two, "fro": .two,
    ]
    guard let order = orders[order] else {
      throw TensorFlowJSError(gap: "norm of order \(order)")
    }
    return x.norm(order: order, axes: axes, keepDims: keepDims)
  }
}
