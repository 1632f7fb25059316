extension Program {
  /// The program with a transposition of a transposition made one, or none if the second undoes the
  /// first: as between layers that keep channels first around work that has them last.
  func joiningTransposes() -> Program {
    var rewriter = Rewriter(of: self)
    for (index, instruction) in instructions.enumerated() {
      guard case .transpose(let outer) = instruction.op,
        let (inner, source) = rewriter.result.transposition(rewriter[instruction.operands[0]])
      else {
        rewriter.copy(instruction, at: index)
        continue
      }
      let whole = outer.map { inner[$0] }
      let joined =
        whole == Array(whole.indices)
        ? source : rewriter.append(.init(.transpose(whole), [source], instruction.types))
      rewriter.replace(Value(index), by: joined)
    }
    return rewriter.finish(self)
  }

  /// How a value is the transposition of another, if it is.
  private func transposition(_ value: Value) -> (order: [Int], of: Value)? {
    let instruction = instructions[value.instruction]
    guard case .transpose(let order) = instruction.op else { return nil }
    return (order, instruction.operands[0])
  }
}
