extension Program {
  /// The program with equal instructions on equal operands computed once.
  func mergingEqual() -> Program {
    var rewriter = Rewriter(of: self)
    var seen: [Instruction: Value] = [:]
    for (index, instruction) in instructions.enumerated() {
      var key = instruction
      key.operands = instruction.operands.map { rewriter[$0] }
      if let known = seen[key] {
        for result in instruction.types.indices {
          rewriter.replace(Value(index, result), by: Value(known.instruction, result))
        }
      } else {
        rewriter.copy(instruction, at: index)
        seen[key] = rewriter[Value(index)]
      }
    }
    return rewriter.finish(self)
  }
}
