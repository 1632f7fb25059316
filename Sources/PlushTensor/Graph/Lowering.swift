import PlushEngine

/// Turns the graph below some nodes into a program. Used under `Graph.lock`.
///
/// Nodes with a value become inputs; the order of instructions depends on the graph alone, so that
/// equal graphs give equal programs.
struct Lowering {
  private(set) var program = Program()
  /// What to bind to the inputs that are not bound by the caller, in order after those.
  private(set) var captured: [Buffer] = []
  /// Nodes that became instructions, in order.
  private(set) var computed: [Node] = []
  private let number: Int

  /// What a lowering notes on a node.
  struct Mark {
    /// The lowering that wrote the rest.
    fileprivate var lowering = 0
    fileprivate var value: Program.Value?
    /// How often nodes of this lowering use the node.
    fileprivate var uses = 0
  }

  init() {
    Graph.lowerings += 1
    number = Graph.lowerings
  }

  /// Makes a node the program's next input, bound by the caller.
  mutating func bind(_ node: Node) {
    setValue(of: node, program.appendParameter(node.type))
  }

  /// The value of a node, with all instructions that it takes.
  mutating func lower(_ root: Node) -> Program.Value {
    var stack = [root]
    while let node = stack.last {
      if value(of: node) != nil {
        stack.removeLast()
        continue
      }
      if let buffer = node.buffer {
        capture(node, buffer)
        continue
      }
      if let original = node.original {
        if let value = value(of: original) {
          define(node, value)
          if case .projection = node.kind { countUses(by: node.inputs[0]) }
        } else {
          stack.append(original)
        }
        continue
      }
      let depth = stack.count
      for input in node.inputs.reversed() where value(of: input) == nil {
        stack.append(input)
      }
      if stack.count == depth { emit(node) }
    }
    return value(of: root)!
  }

  /// The value of a node that was lowered.
  func value(of node: Node) -> Program.Value? {
    node.mark.lowering == number ? node.mark.value : nil
  }

  /// Whether nodes that were not lowered use a node that was.
  func isUsedOutside(_ node: Node) -> Bool { node.uses > node.mark.uses }

  private func touch(_ node: Node) {
    if node.mark.lowering != number { node.mark = Mark(lowering: number) }
  }

  private func setValue(of node: Node, _ value: Program.Value) {
    touch(node)
    node.mark.value = value
  }

  private func countUses(by node: Node) {
    for input in node.inputs {
      touch(input)
      input.mark.uses += 1
    }
  }

  /// The input that a value is, if it is one.
  func parameter(_ value: Program.Value) -> Int? {
    guard case .parameter(let index, _) = program.instructions[value.instruction].op else {
      return nil
    }
    return index
  }

  /// The buffer behind a value that is a captured input: a reshaped one serves as it is.
  private func capturedBuffer(_ value: Program.Value) -> Buffer? {
    let bound = program.parameters.count - captured.count
    guard let index = parameter(value), index >= bound else { return nil }
    return captured[index - bound]
  }

  mutating func finish(outputs: [Program.Value], updates: [Program.Update] = []) {
    program.outputs = outputs
    program.updates = updates
  }

  private mutating func capture(_ node: Node, _ buffer: Buffer) {
    define(node, program.appendParameter(node.type))
    captured.append(buffer)
  }

  private mutating func emit(_ node: Node) {
    switch node.kind {
    case .operation(let op):
      let operands = node.inputs.map { value(of: $0)! }
      if case .reshape = op, let buffer = capturedBuffer(operands[0]) {
        capture(node, buffer)
      } else {
        append(node, op, operands)
      }
    case .number(let value): append(node, .fill(value, node.type), [])
    case .projection(let index):
      let source = value(of: node.inputs[0])!
      define(node, Program.Value(source.instruction, index))
    case .argument(let name):
      stop(
        "\(name) has no value while its function is being traced.",
        hint: "Read values outside of compiled, or return them from it.")
    case .value, .override: stop("A value was lost.")
    }
  }

  private mutating func append(_ node: Node, _ op: Op, _ operands: [Program.Value]) {
    program.instructions.append(Program.Instruction(op, operands, node.types))
    define(node, Program.Value(program.instructions.count - 1))
  }

  private mutating func define(_ node: Node, _ value: Program.Value) {
    setValue(of: node, value)
    computed.append(node)
    countUses(by: node)
  }
}
