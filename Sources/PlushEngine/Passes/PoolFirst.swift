extension Program {
  /// The program with maxima of windows taken right after a convolution, and what stood between done
  /// to the maxima: adding a number to each channel, or bounding it, changes no order. It is less
  /// work, and a convolution can take the maxima itself, before its results reach memory.
  func poolingFirst() -> Program {
    guard instructions.contains(where: { $0.op.isUnpaddedMaxPool }) else { return self }
    let uses = useCounts
    var rewriter = Rewriter(of: self)
    for (index, instruction) in instructions.enumerated() {
      if instruction.op.isUnpaddedMaxPool,
        let chain = chainToConvolution(instruction.operands[0], uses), let first = chain.last
      {
        let source = instructions[first.index].operands[first.position]
        var value = rewriter.append(
          .init(instruction.op, [rewriter[source]], instruction.types))
        for link in chain.reversed() {
          value = rewriter.append(link, of: self, to: value)
        }
        rewriter.replace(Value(index), by: value)
      } else {
        rewriter.copy(instruction, at: index)
      }
    }
    return rewriter.finish(self).droppingUnused()
  }

  /// An operation that keeps the order of what operand `position` brings.
  fileprivate struct Link {
    var index: Int
    var position: Int
  }

  /// What stands between a convolution and a value, the last first, if nothing else reads it.
  private func chainToConvolution(_ value: Value, _ uses: [Int]) -> [Link]? {
    var chain: [Link] = []
    var value = value
    while uses[value.instruction] == 1 {
      if case .convolution = instructions[value.instruction].op { return chain }
      guard let link = link(value.instruction) else { return nil }
      chain.append(link)
      value = instructions[link.index].operands[link.position]
    }
    return nil
  }

  private func link(_ index: Int) -> Link? {
    let operands = instructions[index].operands
    switch instructions[index].op {
    case .binary(.add), .binary(.maximum), .binary(.minimum):
      if isSameEverywhere(operands[1]) { return Link(index: index, position: 0) }
      return isSameEverywhere(operands[0]) ? Link(index: index, position: 1) : nil
    case .binary(.subtract):
      return isSameEverywhere(operands[1]) ? Link(index: index, position: 0) : nil
    default: return nil
    }
  }

  /// Whether all pixels of [batch, spatial…, channels] have the same numbers.
  private func isSameEverywhere(_ value: Value) -> Bool {
    let instruction = instructions[value.instruction]
    switch instruction.op {
    case .fill: return true
    case .broadcast(let target):
      let shape = type(of: instruction.operands[0]).shape
      let aligned = Array(repeating: 1, count: target.count - shape.count) + shape
      return aligned.dropFirst().dropLast().allSatisfy { $0 == 1 }
    default: return false
    }
  }
}

extension Rewriter {
  /// Repeats an operation of `source` on fewer pixels.
  fileprivate mutating func append(
    _ link: Program.Link, of source: Program, to value: Program.Value
  ) -> Program.Value {
    let type = result.type(of: value)
    let instruction = source.instructions[link.index]
    let operands = instruction.operands.enumerated().map { position, operand in
      if position == link.position { return value }
      let other = source.instructions[operand.instruction]
      guard case .fill(let scalar, _) = other.op else {
        return append(.init(.broadcast(type.shape), [self[other.operands[0]]], [type]))
      }
      return append(.init(.fill(scalar, type), [], [type]))
    }
    return append(.init(instruction.op, operands, [type]))
  }
}

extension Op {
  fileprivate var isUnpaddedMaxPool: Bool {
    guard case .pool(let pooling) = self, pooling.kind == .max else { return false }
    return (pooling.motion.low + pooling.motion.high).allSatisfy { $0 == 0 }
  }
}
