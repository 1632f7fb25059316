extension Program {
  /// The program with constants computed, and operations that change nothing removed.
  func foldingConstants() -> Program {
    var rewriter = Rewriter(of: self)
    for (index, instruction) in instructions.enumerated() {
      let operands = instruction.operands.map { rewriter[$0] }
      let value = Value(index)
      if let same = rewriter.result.unchangedOperand(instruction, operands) {
        rewriter.replace(value, by: same)
      } else if let scalar = rewriter.result.constant(instruction, operands) {
        let type = instruction.types[0]
        let fill = Instruction(.fill(scalar, type), [], [type])
        rewriter.replace(value, by: rewriter.append(fill))
      } else if let reshape = rewriter.result.trivialReduction(instruction, operands) {
        rewriter.replace(value, by: rewriter.append(reshape))
      } else {
        rewriter.copy(instruction, at: index)
      }
    }
    return rewriter.finish(self)
  }

  /// The operand that the instruction returns as it is, if it does.
  private func unchangedOperand(_ instruction: Instruction, _ operands: [Value]) -> Value? {
    guard let first = operands.first else { return nil }
    let type = instruction.types[0]
    switch instruction.op {
    case .cast, .reshape, .broadcast:
      return self.type(of: first) == type ? first : nil
    case .transpose(let permutation):
      return permutation == Array(permutation.indices) ? first : nil
    case .slice: return self.type(of: first) == type ? first : nil
    case .reverse(let axes): return axes.allSatisfy { type.shape[$0] == 1 } ? first : nil
    case .concatenate: return operands.count == 1 ? first : nil
    case .binary(let operation):
      return neutralOperand(operation, first, operands[1])
    default: return nil
    }
  }

  /// The other operand where one is neutral. Adding +0 is not neutral for -0, but no reader of a
  /// network cares; x - 0, x * 1 and x / 1 are exact.
  private func neutralOperand(_ operation: BinaryOperation, _ a: Value, _ b: Value) -> Value? {
    switch operation {
    case .add: isFill(b, 0) ? a : isFill(a, 0) ? b : nil
    case .subtract: isFill(b, 0) ? a : nil
    case .multiply: isFill(b, 1) ? a : isFill(a, 1) ? b : nil
    case .divide, .power: isFill(b, 1) ? a : nil
    default: nil
    }
  }

  private func fill(_ value: Value) -> Scalar? {
    guard case .fill(let scalar, _) = instructions[value.instruction].op else { return nil }
    return scalar
  }

  private func isFill(_ value: Value, _ number: Double) -> Bool { fill(value)?.real == number }

  /// The one number that all elements of the result are, if all operands are constants, or one is the
  /// matrix of zeros in a product: infinity is no number to count with.
  private func constant(_ instruction: Instruction, _ operands: [Value]) -> Scalar? {
    if case .matmul = instruction.op, let zero = operands.first(where: { isFill($0, 0) }) {
      return fill(zero)
    }
    let scalars = operands.compactMap(fill)
    guard let first = scalars.first, scalars.count == operands.count else { return nil }
    switch instruction.op {
    case .reshape, .transpose, .broadcast, .slice, .reverse: return first
    case .unary, .binary, .compare, .select, .cast:
      let types = operands.map { TensorType([], type(of: $0).dtype) }
      return evaluate(instruction.op, scalars, types)
    default: return nil
    }
  }

  /// One operation on scalars, on the reference device.
  private func evaluate(_ op: Op, _ scalars: [Scalar], _ types: [TensorType]) -> Scalar? {
    var program = Program()
    let operands = zip(scalars, types).map { scalar, type in
      program.append(Instruction(.fill(scalar, type), [], [type]))
    }
    guard let value = try? program.append(op, operands) else { return nil }
    let dtype = program.type(of: value).dtype
    let wide = TensorType([], dtype.isFloating ? .float64 : .int64)
    program.outputs = [program.append(Instruction(.cast(wide.dtype), [value], [wide]))]
    let output = Buffer(byteCount: 8)
    let device: any Device = ReferenceDevice()
    guard let plan = try? device.compile(program),
      (try? plan.run(inputs: [], outputs: [output])) != nil
    else { return nil }
    if dtype.isFloating {
      return Scalar.real(output.pointer.load(as: Double.self)).cast(to: dtype)
    }
    return .integer(output.pointer.load(as: Int64.self))
  }

  /// Reducing axes of size one only renames the shape.
  private func trivialReduction(_ instruction: Instruction, _ operands: [Value]) -> Instruction? {
    guard case .reduce(_, let axes) = instruction.op else { return nil }
    let shape = type(of: operands[0]).shape
    guard axes.allSatisfy({ shape[$0] == 1 }) else { return nil }
    return Instruction(.reshape(instruction.types[0].shape), operands, instruction.types)
  }
}
