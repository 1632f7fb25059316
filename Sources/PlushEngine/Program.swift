/// A computation as a flat value: instructions in order, operands by position.
///
/// Equal programs hash equal, and a device's plan depends on the program alone.
public struct Program: Hashable, Sendable {
  /// One result of an instruction.
  public struct Value: Hashable, Sendable, CustomStringConvertible {
    /// Position of the instruction.
    public var instruction: Int
    /// Which of its results.
    public var result: Int

    /// Result `result` of the instruction at `instruction`.
    public init(_ instruction: Int, _ result: Int = 0) {
      self.instruction = instruction
      self.result = result
    }

    public var description: String {
      result == 0 ? "%\(instruction)" : "%\(instruction).\(result)"
    }
  }

  /// An operation with its operands.
  public struct Instruction: Hashable, Sendable {
    /// What is done.
    public var op: Op
    /// What it is done to.
    public var operands: [Value]
    /// What comes out.
    public var types: [TensorType]

    /// An instruction whose result types are known.
    public init(_ op: Op, _ operands: [Value], _ types: [TensorType]) {
      self.op = op
      self.operands = operands
      self.types = types
    }
  }

  /// A value that replaces an input when the program has run.
  public struct Update: Hashable, Sendable {
    /// Index of the input.
    public var parameter: Int
    /// Its new content, of the same type.
    public var value: Value

    /// Input `parameter` becomes `value`.
    public init(parameter: Int, value: Value) {
      self.parameter = parameter
      self.value = value
    }
  }

  /// The instructions; each uses results of earlier ones only.
  public var instructions: [Instruction] = []
  /// Types of the inputs.
  public var parameters: [TensorType] = []
  /// What the program returns.
  public var outputs: [Value] = []
  /// Inputs that are written in place.
  public var updates: [Update] = []

  /// An empty program.
  public init() {}

  /// The type of a value.
  public func type(of value: Value) -> TensorType {
    instructions[value.instruction].types[value.result]
  }

  /// Adds an instruction and returns its first result.
  ///
  /// - Throws: `TypeError` if the operation cannot take these operands.
  public mutating func append(_ op: Op, _ operands: [Value] = []) throws -> Value {
    let types = try op.resultTypes(operands.map { type(of: $0) })
    return append(Instruction(op, operands, types))
  }

  /// Adds an instruction that is known to be right.
  package mutating func append(_ instruction: Instruction) -> Value {
    instructions.append(instruction)
    return Value(instructions.count - 1)
  }

  /// Adds an input.
  public mutating func appendParameter(_ type: TensorType) -> Value {
    parameters.append(type)
    return append(Instruction(.parameter(index: parameters.count - 1, type), [], [type]))
  }

  /// Values that must exist when the program ends: outputs, then updates.
  var roots: [Value] { outputs + updates.map(\.value) }
}

extension Program: CustomStringConvertible {
  public var description: String {
    var lines: [String] = []
    for (index, instruction) in instructions.enumerated() {
      let operands = instruction.operands.map(\.description).joined(separator: ", ")
      let types = instruction.types.map(\.description).joined(separator: ", ")
      lines.append("%\(index) = \(instruction.op.summary)(\(operands)) : \(types)")
      if case .fused(let fusion) = instruction.op {
        lines += fusion.body.description.split(separator: "\n").map { "    \($0)" }
      }
    }
    for update in updates { lines.append("input \(update.parameter) becomes \(update.value)") }
    lines.append("return \(outputs.map(\.description).joined(separator: ", "))")
    return lines.joined(separator: "\n")
  }
}

extension Op {
  /// Name and what distinguishes it, for printed programs.
  var summary: String {
    switch self {
    case .parameter(let index, _): "parameter \(index)"
    case .fill(let value, _): "fill \(value)"
    case .iota(let axis, _): "iota axis \(axis)"
    case .reduce(let reduction, let axes): "\(reduction) \(axes)"
    case .transpose(let permutation): "transpose \(permutation)"
    case .slice(let starts, let sizes, let strides): "slice \(starts) \(sizes) \(strides)"
    case .concatenate(let axis), .gather(let axis): "\(name) axis \(axis)"
    case .matmul(let transposeA, let transposeB):
      "matmul \(transposeA ? "t" : "n")\(transposeB ? "t" : "n")"
    default: name
    }
  }
}

/// Instructions that run as one pass over memory.
///
/// The body computes every element of its space independently, but for reductions over the trailing
/// `columns` axes, whose results are one value a row. Operands of the fused instruction are the
/// body's parameters; its results are the body's outputs.
public struct Fusion: Hashable, Sendable {
  /// The instructions.
  public var body: Program
  /// Shape of a value per element, without axes of size one.
  public var space: [Int]
  /// How many trailing axes of `space` make a row; nil if nothing works on rows.
  public var columnAxes: Int?

  /// A body over a space, with rows of so many axes.
  public init(body: Program, space: [Int], columnAxes: Int? = nil) {
    self.body = body
    self.space = space
    self.columnAxes = columnAxes
  }
}
