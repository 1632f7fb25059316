/// Builds a program from another, instruction by instruction, remembering what became of each value.
struct Rewriter {
  /// The new program.
  private(set) var result = Program()
  private var replacements: [Program.Value: Program.Value] = [:]

  /// A new program with the inputs of `source`.
  init(of source: Program) { result.parameters = source.parameters }

  /// What `value` of the source is in the new program.
  subscript(value: Program.Value) -> Program.Value { replacements[value]! }

  /// Copies an instruction, its operands replaced.
  mutating func copy(_ instruction: Program.Instruction, at index: Int) {
    var copied = instruction
    copied.operands = instruction.operands.map { self[$0] }
    let value = result.append(copied)
    for position in instruction.types.indices {
      replacements[.init(index, position)] = .init(value.instruction, position)
    }
  }

  /// From now on `value` of the source is `replacement`.
  mutating func replace(_ value: Program.Value, by replacement: Program.Value) {
    replacements[value] = replacement
  }

  /// Adds an instruction that the source does not have.
  mutating func append(_ instruction: Program.Instruction) -> Program.Value {
    result.append(instruction)
  }

  /// Adds an input that the source does not have.
  mutating func appendParameter(_ type: TensorType) -> Program.Value {
    result.appendParameter(type)
  }

  /// The new program, with the outputs and updates of `source`.
  mutating func finish(_ source: Program) -> Program {
    result.outputs = source.outputs.map { self[$0] }
    result.updates = source.updates.map { .init(parameter: $0.parameter, value: self[$0.value]) }
    return result
  }
}
