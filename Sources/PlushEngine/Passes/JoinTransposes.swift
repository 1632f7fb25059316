extension Program {
  /// The program with a transposition of a transposition made one, or none if the second undoes the
  /// first: as between layers that keep channels first around work that has them last. Padding is done
  /// after a transposition, once in the order in which it is read.
  func joiningTransposes() -> Program {
    let uses = useCounts
    var rewriter = Rewriter(of: self)
    for (index, instruction) in instructions.enumerated() {
      guard case .transpose(let order) = instruction.op else {
        rewriter.copy(instruction, at: index)
        continue
      }
      let source = instruction.operands[0]
      let value =
        uses[source.instruction] == 1
        ? rewriter.appendPadding(of: rewriter[source], in: order, instruction.types) : nil
      rewriter.replace(
        Value(index),
        by: value ?? rewriter.appendTranspose(order, of: rewriter[source], instruction.types))
    }
    return rewriter.finish(self)
  }

  /// How often each instruction's results are used.
  var useCounts: [Int] {
    var uses = [Int](repeating: 0, count: instructions.count)
    for operand in instructions.flatMap(\.operands) + roots { uses[operand.instruction] += 1 }
    return uses
  }
}

extension Rewriter {
  /// A value with its axes in another order, as one transposition.
  fileprivate mutating func appendTranspose(
    _ order: [Int], of value: Program.Value, _ types: [TensorType]
  ) -> Program.Value {
    let instruction = result.instructions[value.instruction]
    guard case .transpose(let inner) = instruction.op else {
      return append(.init(.transpose(order), [value], types))
    }
    let (whole, source) = (order.map { inner[$0] }, instruction.operands[0])
    if whole == Array(whole.indices) { return source }
    return append(.init(.transpose(whole), [source], types))
  }

  /// A padded value with its axes in another order, padded in that order; nil if it is not padded.
  fileprivate mutating func appendPadding(
    of value: Program.Value, in order: [Int], _ types: [TensorType]
  ) -> Program.Value? {
    let instruction = result.instructions[value.instruction]
    guard case .pad(let low, let high) = instruction.op else { return nil }
    var type = result.type(of: instruction.operands[0])
    type.shape = order.map { type.shape[$0] }
    let inner = appendTranspose(order, of: instruction.operands[0], [type])
    let padding = Op.pad(low: order.map { low[$0] }, high: order.map { high[$0] })
    return append(.init(padding, [inner, instruction.operands[1]], types))
  }
}
