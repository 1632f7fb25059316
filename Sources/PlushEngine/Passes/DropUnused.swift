extension Program {
  /// The program without instructions that no output or update needs.
  func droppingUnused() -> Program {
    var used = [Bool](repeating: false, count: instructions.count)
    for root in roots { used[root.instruction] = true }
    for index in instructions.indices.reversed() where used[index] {
      for operand in instructions[index].operands { used[operand.instruction] = true }
    }
    if used.allSatisfy({ $0 }) { return self }
    var rewriter = Rewriter(of: self)
    for (index, instruction) in instructions.enumerated() where used[index] {
      rewriter.copy(instruction, at: index)
    }
    return rewriter.finish(self)
  }
}
