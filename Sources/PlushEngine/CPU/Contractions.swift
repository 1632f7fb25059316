import PlushKernels

/// Finds instructions that one kernel does together, the inner ones being used by nothing else:
/// multiply-add, and the running means and normalized steps that optimizers are made of.
package struct Contractions {
  package struct Contraction {
    package var opcode: PlushOpcode
    package var operands: [Int]
  }

  /// By the index of the outermost instruction.
  package private(set) var found: [Int: Contraction] = [:]
  /// Instructions that the outermost ones compute as well.
  package private(set) var absorbed: Set<Int> = []

  private let fusion: Fusion
  private let reducesRows: Bool
  private var uses: [Int: Int] = [:]
  private var inner: [Int] = []

  package init(in fusion: Fusion, reducesRows: Bool) {
    self.fusion = fusion
    self.reducesRows = reducesRows
    let body = fusion.body
    for instruction in body.instructions {
      for operand in instruction.operands { uses[operand.instruction, default: 0] += 1 }
    }
    for output in body.outputs { uses[output.instruction, default: 0] += 1 }
    // The outer ones first: a running mean ends in a multiply-add.
    for index in body.instructions.indices.reversed()
    where !absorbed.contains(index) && body.instructions[index].types[0].dtype.isFloating {
      inner = []
      guard let contraction = contraction(index) else { continue }
      found[index] = contraction
      absorbed.formUnion(inner)
    }
  }

  private mutating func contraction(_ index: Int) -> Contraction? {
    let operands = fusion.body.instructions[index].operands.map(\.instruction)
    switch fusion.body.instructions[index].op {
    case .binary(.add): return runningMean(index, operands) ?? multiplyAdd(index, operands)
    case .binary(.subtract): return multiplySubtract(index, operands)
    case .binary(.divide): return divisionByRoot(index, operands)
    default: return nil
    }
  }

  /// The operands of instruction `index` if it is `op` and the instruction `outer` alone uses it.
  private mutating func operands(of index: Int, _ op: Op, in outer: Int) -> [Int]? {
    let instruction = fusion.body.instructions[index]
    let sameLevel = !reducesRows || fusion.isPerRow(index) == fusion.isPerRow(outer)
    guard instruction.op == op, uses[index] == 1, sameLevel else { return nil }
    inner.append(index)
    return instruction.operands.map(\.instruction)
  }

  /// x·y + z.
  private mutating func multiplyAdd(_ index: Int, _ terms: [Int]) -> Contraction? {
    for (position, term) in terms.enumerated() {
      inner = []
      guard let factors = operands(of: term, .binary(.multiply), in: index) else { continue }
      return Contraction(opcode: PLUSH_MULTIPLY_ADD, operands: factors + [terms[1 - position]])
    }
    return nil
  }

  /// x·y - z or z - x·y.
  private mutating func multiplySubtract(_ index: Int, _ terms: [Int]) -> Contraction? {
    for (position, term) in terms.enumerated() {
      inner = []
      guard let factors = operands(of: term, .binary(.multiply), in: index) else { continue }
      return Contraction(
        opcode: position == 0 ? PLUSH_MULTIPLY_SUBTRACT : PLUSH_SUBTRACT_MULTIPLY,
        operands: factors + [terms[1 - position]])
    }
    return nil
  }

  /// mean + (x - mean)·rate, or the same of x².
  private mutating func runningMean(_ index: Int, _ terms: [Int]) -> Contraction? {
    for (position, term) in terms.enumerated() {
      let mean = terms[1 - position]
      inner = []
      guard let factors = operands(of: term, .binary(.multiply), in: index) else { continue }
      for (place, factor) in factors.enumerated() {
        inner = [term]
        guard let difference = operands(of: factor, .binary(.subtract), in: index),
          difference[1] == mean
        else { continue }
        let rate = factors[1 - place]
        if let square = operands(of: difference[0], .binary(.multiply), in: index) {
          if square[0] == square[1] {
            return Contraction(opcode: PLUSH_LERP_SQUARE, operands: [mean, square[0], rate])
          }
          inner.removeLast()
        }
        return Contraction(opcode: PLUSH_LERP, operands: [mean, difference[0], rate])
      }
    }
    return nil
  }

  /// x / (√y + z).
  private mutating func divisionByRoot(_ index: Int, _ operands: [Int]) -> Contraction? {
    guard let terms = self.operands(of: operands[1], .binary(.add), in: index) else { return nil }
    for (position, term) in terms.enumerated() {
      guard let root = self.operands(of: term, .unary(.sqrt), in: index) else { continue }
      return Contraction(
        opcode: PLUSH_DIVIDE_ROOT, operands: [operands[0], root[0], terms[1 - position]])
    }
    return nil
  }
}
