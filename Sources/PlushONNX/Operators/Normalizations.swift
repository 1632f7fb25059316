import PlushEngine
import PlushTensor

// Numbers brought to mean 0 and variance 1, or to length 1.

extension ONNXOperators {
  static let normalizations: [String: ONNXOperator] = [
    "BatchNormalization": { try batchNormalization($0) },
    "InstanceNormalization": { context in
      let x = try context.input(0, rank: 3...16)
      let y = x.normalized(Array(2..<x.rank), context.float("epsilon", 1e-5)).y
      let scale = try context.perChannel(try context.input(1), of: x, x.shape[1])
      let bias = try context.perChannel(try context.input(2), of: x, x.shape[1])
      return [(y * scale + bias).like(x)]
    },
    "GroupNormalization": { [try groupNormalization($0)] },
    "LayerNormalization": { context in
      let x = try context.input(0, rank: 1...16)
      let axis = try context.axis(context.int("axis", -1), rank: x.rank)
      let wide = x.dtype == .float64 ? x : x.cast(to: .float32)
      let (normal, mean, inverse) = wide.normalized(
        Array(axis..<x.rank), context.float("epsilon", 1e-5))
      let y = try context.scaled(normal.like(x), context.optional(1), context.optional(2))
      return [y.like(x), mean, inverse]
    },
    "RMSNormalization": { context in
      let x = try context.input(0, rank: 1...16)
      let axis = try context.axis(context.int("axis", -1), rank: x.rank)
      let wide = x.dtype == .float64 ? x : x.cast(to: .float32)
      let square = wide.square().mean(axes: Array(axis..<x.rank), keepDims: true)
      let normal = wide * (square + context.float("epsilon", 1e-5)).rsqrt()
      return [try context.scaled(normal.like(x), context.optional(1), nil).like(x)]
    },
    "LpNormalization": { context in
      let x = try context.input(0, rank: 1...16)
      let axis = try context.axis(context.int("axis", -1), rank: x.rank)
      let length =
        context.int("p", 2) == 1
        ? x.abs().sum(axes: [axis], keepDims: true)
        : x.square().sum(axes: [axis], keepDims: true).sqrt()
      return [x.divideNoNaN(length)]
    },
    "MeanVarianceNormalization": { context in
      let x = try context.input(0, rank: 1...16)
      let axes = try context.axes(context.ints("axes") ?? [0, 2, 3], rank: x.rank)
      let (mean, variance) = x.moments(axes: axes, keepDims: true)
      return [(x - mean) / (variance.sqrt() + 1e-9)]
    },
    "LRN": { context in
      let x = try context.input(0, rank: 3...16)
      let size = context.int("size", 1)
      try context.require(1...65536 ~= size, "a size above 0", "\(size)")
      var widths = [(Int, Int)](repeating: (0, 0), count: x.rank)
      widths[1] = ((size - 1) / 2, size - 1 - (size - 1) / 2)
      let squares = x.square().pad(widths)
      var sum = Tensor.zeros(x.shape, dtype: x.dtype)
      for place in 0..<size {
        sum = sum + squares[[.all, .stride(from: place, to: place + x.shape[1])]]
      }
      let base = sum * (context.float("alpha", 1e-4) / Double(size)) + context.float("bias", 1)
      return [x / base.pow(context.float("beta", 0.75))]
    },
  ]

  /// With the moments of the batch while the model and this node in it are trained, or if the node
  /// says that it is; the weights that hold running moments then follow them.
  private static func batchNormalization(_ context: NodeContext) throws -> [Tensor] {
    let x = try context.input(0, rank: 1...16)
    let channels = x.rank > 1 ? x.shape[1] : 1
    let (scale, bias) = (
      try context.perChannel(try context.input(1), of: x, channels),
      try context.perChannel(try context.input(2), of: x, channels)
    )
    let running = (try context.value(3), try context.value(4))
    let epsilon = context.float("epsilon", 1e-5)
    let saysSo = context.opset >= 14 && context.flag("training_mode")
    let isFrozen = running.0.variable.map {
      context.evaluation.frozen.contains(ObjectIdentifier($0))
    }
    let isTraining = context.isTraining && isFrozen != true
    guard isTraining || saysSo else {
      let mean = try context.perChannel(running.0.tensor, of: x, channels)
      let variance = try context.perChannel(running.1.tensor, of: x, channels)
      // One factor and one summand for each channel.
      let factor = scale * (variance + epsilon).rsqrt()
      let y = ((x - mean) * factor + bias).like(x)
      return [y] + [running.0.tensor, running.1.tensor, running.0.tensor, running.1.tensor]
    }
    let axes = x.shape.indices.filter { $0 != 1 }
    let (mean, variance) = x.moments(axes: axes, keepDims: false)
    let momentum = context.float("momentum", 0.9)
    let moments = [(running.0, mean), (running.1, variance)].map { old, new in
      let next = (old.tensor * momentum + new * (1 - momentum)).like(old.tensor)
      if isTraining { old.variable?.value = next }
      return next
    }
    let shifted = x - (try context.perChannel(mean, of: x, channels))
    let factor = scale * (try context.perChannel(variance, of: x, channels) + epsilon).rsqrt()
    return [(shifted * factor + bias).like(x)] + moments
  }

  private static func groupNormalization(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 3...16)
    let groups = context.int("num_groups", 1)
    try context.require(
      groups > 0 && x.shape[1] % groups == 0, "groups that divide \(x.shape[1]) channels",
      "\(groups)")
    let parts = x.reshape([x.shape[0], groups, -1])
    let y = parts.normalized([2], context.float("epsilon", 1e-5)).y.reshape(x.shape)
    // Before version 21 a number for each group.
    func expanded(_ values: Tensor) throws -> Tensor {
      let each =
        values.count == groups && groups != x.shape[1]
        ? values.repeat(x.shape[1] / groups, axis: 0) : values
      return try context.perChannel(each, of: x, x.shape[1])
    }
    let (scale, bias) = (try context.input(1), try context.input(2))
    try context.require(scale.rank == 1 && bias.rank == 1, "vectors", "\(scale.shape)")
    return (y * (try expanded(scale)) + (try expanded(bias))).like(x)
  }
}

extension NodeContext {
  fileprivate func scaled(_ x: Tensor, _ scale: Tensor?, _ bias: Tensor?) throws -> Tensor {
    let factors = [scale, bias].compactMap { $0 }
    for factor in factors {
      try require(
        x.shape.broadcast(with: factor.shape) == x.shape, "a factor that broadcasts to \(x.shape)",
        "shape \(factor.shape)")
    }
    let product = scale.map { x * $0.like(x) } ?? x
    return bias.map { product + $0.like(x) } ?? product
  }
}

extension Tensor {
  /// With mean 0 and variance 1 along axes; the mean and one by the standard deviation.
  fileprivate func normalized(
    _ axes: [Int], _ epsilon: Double
  ) -> (y: Tensor, mean: Tensor, inverse: Tensor) {
    let (mean, variance) = moments(axes: axes, keepDims: true)
    let inverse = (variance + epsilon).rsqrt()
    return ((self - mean) * inverse, mean, inverse)
  }
}
