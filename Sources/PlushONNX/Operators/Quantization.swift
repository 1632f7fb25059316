import PlushEngine
import PlushTensor

// Numbers in small integers: value = (integer - zero point) · scale.

extension ONNXOperators {
  static let quantization: [String: ONNXOperator] = [
    "QuantizeLinear": { context in
      let x = try context.input(0)
      let element = try context.quantizedElement()
      let (scale, zero) = try context.scaleAndZero(1, 2, of: x)
      guard let (low, high) = element.range else {
        throw context.fault(expected: "integers of 8 or 16 bits", found: "\(element)")
      }
      let steps = (x.cast(to: .float32) / scale).round() + zero
      return [steps.clip(min: low, max: high).cast(to: .int32).cast(to: element.dtype)]
    },
    "DequantizeLinear": { context in
      let x = try context.input(0)
      let (scale, zero) = try context.scaleAndZero(1, 2, of: x)
      return [((x.cast(to: .float32) - zero) * scale).like(try context.input(1))]
    },
    "DynamicQuantizeLinear": { context in
      let x = try context.input(0)
      let low = x.min().minimum(0)
      let high = x.max().maximum(0)
      let scale = (high - low) / 255
      let zero = (-low / scale).round().clip(min: 0, max: 255)
      let steps = ((x / scale).round() + zero).clip(min: 0, max: 255)
      return [steps.cast(to: .uint8), scale, zero.cast(to: .uint8)]
    },
    "QLinearMatMul": { context in
      let a = try context.dequantized(0)
      let b = try context.dequantized(3)
      return [try context.requantized(try context.product(a, b), 6)]
    },
    "QLinearConv": { context in
      let x = try context.dequantized(0)
      let w = try context.dequantized(3)
      var bias: Tensor?
      if let given = context.optional(8) {
        let (first, second) = (try context.input(1), try context.input(4))
        _ = try context.broadcast([given, first, second])
        let scale = first * second
        bias = given.cast(to: .float32) * scale
      }
      return [try context.requantized(try context.convolution(x, w, bias: bias), 6)]
    },
  ]
}

extension NodeContext {
  /// The type of quantized results: that of the zero point, or the one named.
  fileprivate func quantizedElement() throws -> ElementType {
    if let zero = optionalValue(2) { return zero.element }
    guard let number = int("output_dtype"), number != 0 else { return .uint8 }
    return try ElementType(number: Int32(clamping: number), of: "output_dtype")
  }

  /// Scale and zero point in a form that broadcasts: one for all, one for each place of an axis, or
  /// one for each block of it.
  fileprivate func scaleAndZero(
    _ first: Int, _ second: Int, of x: Tensor
  ) throws -> (Tensor, Tensor) {
    let scale = try spread(try input(first).cast(to: .float32), x)
    guard let zero = optional(second) else { return (scale, Tensor.zeros([])) }
    return (scale, try spread(zero.cast(to: .float32), x))
  }

  private func spread(_ values: Tensor, _ x: Tensor) throws -> Tensor {
    if values.count == 1 { return values.reshape([]) }
    let axis = try axis(int("axis", 1), rank: x.rank)
    let block = int("block_size", 0)
    if block > 0, values.rank == x.rank {
      try require(
        values.shape.indices.allSatisfy {
          $0 == axis ? values.shape[$0] * block >= x.shape[$0] : values.shape[$0] == x.shape[$0]
        }, "a scale for each block of \(block) of \(x.shape)", "\(values.shape)")
      var part = [AxisIndex](repeating: .all, count: x.rank)
      part[axis] = .stride(from: 0, to: x.shape[axis])
      return values.repeat(block, axis: axis)[part]
    }
    try require(values.count == x.shape[axis], "\(x.shape[axis]) scales", "\(values.shape)")
    return values.reshape(x.shape.indices.map { $0 == axis ? -1 : 1 })
  }

  /// An operand with the scale and the zero point after it.
  fileprivate func dequantized(_ index: Int) throws -> Tensor {
    let x = try input(index)
    let scale = try input(index + 1).cast(to: .float32)
    let zero = try input(index + 2).cast(to: .float32)
    func line(_ values: Tensor) throws -> Tensor {
      if values.count == 1 { return values.reshape([]) }
      let shape = [-1] + [Int](repeating: 1, count: Swift.max(0, x.rank - 1))
      // Filters have a scale each, matrices one for each column or row.
      let isColumns = node.opType == "QLinearMatMul" && index == 3
      let result = isColumns ? values : values.reshape(shape)
      try require(
        x.shape.broadcast(with: result.shape) == x.shape, "scales for \(x.shape)",
        "\(values.shape)")
      return result
    }
    return (x.cast(to: .float32) - (try line(zero))) * (try line(scale))
  }

  /// A result in the scale and zero point from an operand on.
  fileprivate func requantized(_ y: Tensor, _ index: Int) throws -> Tensor {
    let zero = try value(index + 1)
    let (low, high) = zero.element.range ?? (0, 255)
    let scale = try input(index).cast(to: .float32)
    try require(scale.count == 1 && zero.tensor.count == 1, "one scale", "\(scale.shape)")
    let steps = (y / scale.reshape([])).round() + zero.tensor.cast(to: .float32).reshape([])
    return steps.clip(min: low, max: high).cast(to: .int32).cast(to: zero.element.dtype)
  }
}
