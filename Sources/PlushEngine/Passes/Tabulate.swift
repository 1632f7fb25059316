extension Program {
  /// The program in two, if it takes rows from products of `steady` inputs, which seldom change.
  ///
  /// A row of a table times a matrix is a row of their product: the first program, of the same inputs,
  /// makes the product, and its results stay right as long as the steady inputs stay the same. The
  /// second has them as further inputs and takes rows from them, so that a character goes through an
  /// embedding and what follows it without a product.
  package func tabulated(steady: Set<Int>) -> (tables: Program, rest: Program)? {
    let gathers = instructions.contains { if case .gather = $0.op { true } else { false } }
    if !gathers { return nil }
    let steady = steady.subtracting(updates.map(\.parameter))
    let program = foldingConstants().joiningTransposes().mergingEqual().droppingUnused()
      .takingRowsOfProducts(steady).mergingEqual().droppingUnused()
    let values = program.tables(steady)
    if values.isEmpty { return nil }
    var tables = program
    (tables.outputs, tables.updates) = (values, [])
    return (tables.droppingUnused(), program.replacing(values).droppingUnused())
  }

  /// Which instructions are made of steady inputs alone.
  private func steadyInstructions(_ inputs: Set<Int>) -> [Bool] {
    var isSteady: [Bool] = []
    for instruction in instructions {
      if case .parameter(let index, _) = instruction.op {
        isSteady.append(inputs.contains(index))
      } else {
        isSteady.append(instruction.operands.allSatisfy { isSteady[$0.instruction] })
      }
    }
    return isSteady
  }

  /// What rows are taken from that is made of products of steady inputs.
  private func tables(_ steady: Set<Int>) -> [Value] {
    let isSteady = steadyInstructions(steady)
    var multiplies: [Bool] = []
    var tables: [Value] = []
    for (index, instruction) in instructions.enumerated() {
      let isProduct = if case .matmul = instruction.op { true } else { false }
      multiplies.append(
        isProduct || instruction.operands.contains { multiplies[$0.instruction] })
      guard !isSteady[index], case .gather = instruction.op else { continue }
      let table = instruction.operands[0].instruction
      if isSteady[table], multiplies[table], !tables.contains(instruction.operands[0]) {
        tables.append(instruction.operands[0])
      }
    }
    return tables
  }

  /// The program with further inputs for these values, in their order.
  private func replacing(_ values: [Value]) -> Program {
    var rewriter = Rewriter(of: self)
    for value in values { rewriter.replace(value, by: rewriter.appendParameter(type(of: value))) }
    for (index, instruction) in instructions.enumerated() where !values.contains(Value(index)) {
      rewriter.copy(instruction, at: index)
    }
    return rewriter.finish(self)
  }

  /// The program with rows taken after what is done to each row, where it is done with steady numbers
  /// to a table that is not large.
  private func takingRowsOfProducts(_ steady: Set<Int>) -> Program {
    let isSteady = steadyInstructions(steady)
    var rewriter = Rewriter(of: self)
    var lookups: [Value: Lookup] = [:]
    for (index, instruction) in instructions.enumerated() {
      rewriter.copy(instruction, at: index)
      let value = Value(index)
      if case .gather(axis: 0) = instruction.op {
        let isLookup = isSteady[instruction.operands[0].instruction] && !isSteady[index]
        lookups[value] = isLookup ? Lookup(self, instruction, rewriter) : nil
        continue
      }
      let position = instruction.operands.firstIndex { lookups[$0] != nil }
      guard let position, var lookup = lookups[instruction.operands[position]] else { continue }
      let others = instruction.operands.enumerated().filter { $0.offset != position }
      guard others.allSatisfy({ isSteady[$0.element.instruction] }),
        lookup.advance(self, instruction, position, &rewriter)
      else { continue }
      lookups[value] = lookup
      if lookup.isProduct { rewriter.replace(value, by: lookup.rows(&rewriter)) }
    }
    return rewriter.finish(self)
  }
}

/// Rows of a table [rows, columns] that indices take, moved.
private struct Lookup {
  private var table: Program.Value
  private let indices: Program.Value
  /// Reshapes and transposes of the rows that were taken; columns stay last.
  private var moves: [Op] = []
  /// Whether the table was multiplied by a matrix.
  private(set) var isProduct = false

  /// The most numbers of a product: larger ones are slow to make again for each change.
  private static let limit = 1 << 20

  /// What a gathering of `source` takes, if it takes rows of a matrix.
  init?(_ source: Program, _ instruction: Program.Instruction, _ rewriter: Rewriter) {
    guard source.type(of: instruction.operands[0]).shape.count == 2 else { return nil }
    (table, indices) = (rewriter[instruction.operands[0]], rewriter[instruction.operands[1]])
  }

  /// Does to the table what an instruction of `source` does to the rows, if it does the same to each.
  mutating func advance(
    _ source: Program, _ instruction: Program.Instruction, _ position: Int,
    _ rewriter: inout Rewriter
  ) -> Bool {
    let type = instruction.types[0]
    let before = source.type(of: instruction.operands[position]).shape
    switch instruction.op {
    case .reshape(let shape) where !shape.isEmpty && shape.last == before.last:
      moves.append(instruction.op)
    case .transpose(let order) where order.last == order.count - 1:
      moves.append(instruction.op)
    case .cast: change(instruction.op, type, [], &rewriter)
    case .binary(.add) where isProduct:
      let row = source.row(instruction.operands[1 - position])
      guard let row else { return false }
      let shape = rewriter.result.type(of: table).shape
      let flat = append(.reshape([shape[1]]), [shape[1]], [rewriter[row]], &rewriter)
      change(.binary(.add), type, [append(.broadcast(shape), shape, [flat], &rewriter)], &rewriter)
    case .matmul(transposeA: false, _) where position == 0 && before.count == 2:
      let matrix = rewriter[instruction.operands[1]]
      let rows = rewriter.result.type(of: table).shape[0]
      guard rows * type.shape[1] <= Self.limit else { return false }
      isProduct = true
      change(instruction.op, type, [matrix], &rewriter)
    default: return false
    }
    return true
  }

  /// Gives the table other columns, and the type of elements that rows have after the operation.
  private mutating func change(
    _ op: Op, _ type: TensorType, _ others: [Program.Value], _ rewriter: inout Rewriter
  ) {
    let old = rewriter.result.type(of: table)
    table = rewriter.append(
      .init(op, [table] + others, [TensorType([old.shape[0], type.shape.last!], type.dtype)]))
  }

  private func append(
    _ op: Op, _ shape: [Int], _ operands: [Program.Value], _ rewriter: inout Rewriter
  ) -> Program.Value {
    let dtype = rewriter.result.type(of: operands[0]).dtype
    return rewriter.append(.init(op, operands, [TensorType(shape, dtype)]))
  }

  /// The rows, taken from the table as it is now.
  func rows(_ rewriter: inout Rewriter) -> Program.Value {
    let table = rewriter.result.type(of: table), columns = table.shape[1]
    let shape = rewriter.result.type(of: indices).shape + [columns]
    let rows = rewriter.append(
      .init(.gather(axis: 0), [self.table, indices], [TensorType(shape, table.dtype)]))
    return moves.reduce(rows) { rows, move in
      let shape = rewriter.result.type(of: rows).shape
      switch move {
      case .reshape(let target):
        let target = Array(target.dropLast()) + [columns]
        return append(.reshape(target), target, [rows], &rewriter)
      case .transpose(let order): return append(move, order.map { shape[$0] }, [rows], &rewriter)
      default: preconditionFailure("Rows are reshaped and transposed only.")
      }
    }
  }
}

extension Program {
  /// The numbers of one row if `value` has the same in all rows.
  fileprivate func row(_ value: Value) -> Value? {
    let instruction = instructions[value.instruction]
    var row = value
    if case .broadcast = instruction.op { row = instruction.operands[0] }
    let columns = type(of: value).shape.last
    let shape = type(of: row).shape
    return shape.last == columns && shape.dropLast().allSatisfy { $0 == 1 } ? row : nil
  }
}
