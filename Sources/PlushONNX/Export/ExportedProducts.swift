import PlushEngine

// Products of matrices and convolutions; a bias becomes an operand of their node.

extension Exporter {
  mutating func matmul(
    _ operands: [Program.Value], _ transposeA: Bool, _ transposeB: Bool, _ shape: [Extent],
    _ dtype: DType
  ) throws -> ExportedValue {
    let (a, b) = (value(operands[0]), value(operands[1]))
    if shape.count == 2 {
      let names = try operands.map { try writer.full(value($0), self.shape($0)) }
      var attributes: [ONNXAttributeProto] = []
      if transposeA { attributes.append(.int("transA", 1)) }
      if transposeB { attributes.append(.int("transB", 1)) }
      return ExportedValue(writer.node("Gemm", names, attributes), shape, dtype)
    }
    let left = try matrices(a, operands[0], transposed: transposeA)
    let right = try matrices(b, operands[1], transposed: transposeB)
    return ExportedValue(writer.node("MatMul", [left, right]), shape, dtype)
  }

  /// The matrices in the last two axes; batch axes are left out where all have the same matrix.
  private mutating func matrices(
    _ x: ExportedValue, _ operand: Program.Value, transposed: Bool
  ) throws -> String {
    let full = try shape(operand)
    let isPlain =
      x.constant == nil && x.rank >= 2 && x.shape.suffix(2) == full.suffix(2)
    let rank = isPlain ? x.rank : full.count
    var order = Array(0..<rank)
    if transposed { order.swapAt(rank - 1, rank - 2) }
    return isPlain ? writer.arrange(x, order) : writer.full(x, full, order)
  }

  mutating func convolve(
    _ convolution: Convolution, _ operands: [Program.Value], _ shape: [Extent], _ dtype: DType
  ) throws -> ExportedValue {
    let rank = shape.count
    let order = [Int].channelsFirst(rank)
    let x = try writer.full(value(operands[0]), self.shape(operands[0]), order)
    let filter = try self.shape(operands[1])
    let w = writer.full(value(operands[1]), filter, [rank - 1, rank - 2] + (0..<rank - 2))
    let name = writer.node("Conv", [x, w], attributes(of: convolution, filter))
    return ExportedValue(name, shape, dtype, order: order)
  }

  mutating func convolveTransposed(
    _ convolution: Convolution, _ sizes: [Int], _ operands: [Program.Value], _ shape: [Extent],
    _ dtype: DType
  ) throws -> ExportedValue {
    let rank = shape.count
    let order = [Int].channelsFirst(rank)
    let given = try self.shape(operands[0])
    let x = try writer.full(value(operands[0]), self.shape(operands[0]), order)
    let filter = try self.shape(operands[1])
    let w = writer.full(value(operands[1]), filter, [rank - 1, rank - 2] + (0..<rank - 2))
    let motion = convolution.motion
    // What the result has beyond the reach of the windows.
    let extra = sizes.indices.map { axis -> Int in
      let window = filter[axis].size ?? 1
      let reach = (window - 1) * motion.dilations[axis] + 1
      let steps = ((given[axis + 1].size ?? 1) - 1) * motion.strides[axis]
      return sizes[axis] - (steps + reach - motion.low[axis] - motion.high[axis])
    }
    let fits = zip(extra, zip(motion.strides, motion.dilations)).allSatisfy {
      $0 >= 0 && $0 < max($1.0, $1.1)
    }
    guard given[1...].allSatisfy(\.isFixed), extra.allSatisfy({ $0 >= 0 }) else {
      throw unsupported(.convolutionInputGradient(convolution, sizes: sizes))
    }
    var settings = attributes(of: convolution, filter)
    if fits, extra.contains(where: { $0 > 0 }) { settings.append(.ints("output_padding", extra)) }
    var name = writer.node("ConvTranspose", [x, w], settings)
    if !fits {
      let zeros = [Int](repeating: 0, count: rank + 2)
      name = writer.node(
        "Pad", [name, writer.integers(zeros + extra), writer.scalar(.real(0), dtype)])
    }
    return ExportedValue(name, shape, dtype, order: order)
  }

  private func attributes(
    of convolution: Convolution, _ filter: [Extent]
  ) -> [ONNXAttributeProto] {
    let motion = convolution.motion
    return [
      .ints("kernel_shape", filter.dropLast(2).map { $0.size ?? 1 }),
      .ints("strides", motion.strides), .ints("dilations", motion.dilations),
      .ints("pads", motion.low + motion.high), .int("group", convolution.groups),
    ]
  }

  /// The sum of a product that nobody else uses and a stored number for each channel.
  mutating func bias(_ operands: [Program.Value], _ shape: [Extent]) throws -> ExportedValue? {
    let (product, bias) = (value(operands[0]), value(operands[1]))
    guard isUsedOnce(operands[0]), let index = bias.stored, bias.rank == 1,
      let channels = bias.shape[0].size, shape.last == .fixed(channels),
      let node = writer.graph.node.lastIndex(where: { $0.output.first == product.name }),
      ["Conv", "ConvTranspose", "Gemm"].contains(writer.graph.node[node].opType),
      writer.graph.node[node].input.count == 2
    else { return nil }
    let name = writer.stored(index, order: [0])
    writer.append(name, toNode: node)
    return product
  }
}
