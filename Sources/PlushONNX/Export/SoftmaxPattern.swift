import PlushEngine

/// A softmax in the primitives that it is recorded as: the exponentials of what is left when the
/// largest is subtracted, times one by their sum.
struct SoftmaxPattern {
  let input: Program.Value
  let axis: Int

  /// The pattern that ends in an instruction, if one does.
  init?(_ program: Program, _ index: Int) {
    func op(_ value: Program.Value) -> Op { program.instructions[value.instruction].op }
    func operands(_ value: Program.Value) -> [Program.Value] {
      program.instructions[value.instruction].operands
    }
    /// What a value only repeats or shows in another shape.
    func source(_ value: Program.Value) -> Program.Value {
      switch op(value) {
      case .reshape, .broadcast: source(operands(value)[0])
      default: value
      }
    }
    func reduction(_ value: Program.Value, _ kind: Reduction) -> (of: Program.Value, axis: Int)? {
      guard case .reduce(kind, let axes) = op(value), axes.count == 1 else { return nil }
      return (operands(value)[0], axes[0])
    }
    guard case .binary(.multiply) = program.instructions[index].op else { return nil }
    let factors = program.instructions[index].operands
    let exponentials = factors[0]
    let inverse = source(factors[1])
    guard case .unary(.exp) = op(exponentials), case .unary(.reciprocal) = op(inverse),
      let sum = reduction(source(operands(inverse)[0]), .sum), sum.of == exponentials
    else { return nil }
    let shifted = operands(exponentials)[0]
    guard case .binary(.subtract) = op(shifted) else { return nil }
    let (x, largest) = (operands(shifted)[0], source(operands(shifted)[1]))
    guard let max = reduction(largest, .max), max.of == x, max.axis == sum.axis else { return nil }
    input = x
    axis = sum.axis
  }
}
