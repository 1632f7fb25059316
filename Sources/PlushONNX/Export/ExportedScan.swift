import PlushEngine

// Recurrent layers with a mask, which ONNX's own do not have: a graph for one step, run by `Scan`.

extension Exporter {
  mutating func scan(
    _ recurrence: Recurrence, _ instruction: Program.Instruction, _ index: Int
  ) throws -> [ExportedValue] {
    let operands = instruction.operands
    let names = try operands.map { operand in
      try writer.full(value(operand), shape(operand))
    }
    let dtype = instruction.types[0].dtype
    let count = recurrence.kind == .lstm ? 2 : 1
    let bias = recurrence.hasBias ? names[2 + count] : nil
    let last = recurrence.kind.gates - 1
    // Weights of the candidate alone, where the state is changed before it meets them.
    var parts: [String] = []
    if recurrence.kind == .gruResetBefore {
      parts = writer.parts(of: names[1], 3)
    }
    let inputs = ["state", "cell", "input", "mask"].map { "\($0)_\(index)" }
    let start = writer.graph.node.count
    let step = Step(
      recurrence: recurrence, input: inputs[2], hidden: inputs[0], cell: inputs[1],
      weights: names[1], bias: bias, candidateWeights: parts.isEmpty ? nil : parts[last])
    let (hidden, cell) = step.write(to: &writer)
    let counts = writer.node("Unsqueeze", [inputs[3], writer.integers([-1])])
    let carried = count == 2 ? [inputs[0], inputs[1]] : [inputs[0]]
    let kept = zip([hidden, cell].prefix(count), carried).map {
      writer.node("Where", [counts, $0, $1])
    }
    let shown = kept.map { writer.node("Identity", [$0]) }
    let body = writer.takeBody(
      from: start, name: "step_\(index)",
      inputs: carried.map { ($0, dtype) } + [(inputs[2], dtype), (inputs[3], .bool)],
      outputs: (kept + shown).map { ($0, dtype) })
    let states = Array(names[2..<2 + count])
    writer.node(
      "Scan", states + [names[0], names[names.count - 1]],
      [.graph("body", body), .int("num_scan_inputs", 2)], outputs: 2 * count)
    let outputs = writer.graph.node[writer.graph.node.count - 1].output
    return try instruction.types.indices.map { place in
      // After the states, what only a gradient needs.
      guard place < count else { return ExportedValue("", [], dtype) }
      return ExportedValue(outputs[count + place], try shape(Program.Value(index, place)), dtype)
    }
  }
}

/// One step of a recurrent layer in operators on elements and products.
private struct Step {
  let recurrence: Recurrence
  let input: String
  let hidden: String
  let cell: String
  let weights: String
  let bias: String?
  let candidateWeights: String?

  func write(to writer: inout GraphWriter) -> (hidden: String, cell: String) {
    let product = writer.node("MatMul", [hidden, weights])
    let seen = bias.map { writer.node("Add", [product, $0]) } ?? product
    switch recurrence.kind {
    case .simple:
      let sum = writer.node("Add", [input, seen])
      return (writer.apply(recurrence.activation, sum), "")
    case .lstm:
      let parts = writer.parts(of: writer.node("Add", [input, seen]), 4)
      let gates = [parts[0], parts[1], parts[3]].map {
        writer.apply(recurrence.gateActivation, $0)
      }
      let candidate = writer.apply(recurrence.activation, parts[2])
      let kept = writer.node("Mul", [gates[1], cell])
      let new = writer.node("Add", [kept, writer.node("Mul", [gates[0], candidate])])
      return (writer.node("Mul", [gates[2], writer.apply(recurrence.activation, new)]), new)
    case .gru, .gruResetBefore:
      let given = writer.parts(of: input, 3)
      let back = writer.parts(of: seen, 3)
      let gates = (0..<2).map { gate in
        writer.apply(recurrence.gateActivation, writer.node("Add", [given[gate], back[gate]]))
      }
      var memory = writer.node("Mul", [gates[1], back[2]])
      if let candidateWeights {
        memory = writer.node(
          "MatMul", [writer.node("Mul", [gates[1], hidden]), candidateWeights])
        if let bias { memory = writer.node("Add", [memory, writer.parts(of: bias, 3)[2]]) }
      }
      let candidate = writer.apply(
        recurrence.activation, writer.node("Add", [given[2], memory]))
      // z∘h + (1 - z)∘n is n + z∘(h - n).
      let change = writer.node("Mul", [gates[0], writer.node("Sub", [hidden, candidate])])
      return (writer.node("Add", [candidate, change]), "")
    }
  }
}

extension GraphWriter {
  /// Equal parts of the last axis.
  fileprivate mutating func parts(of name: String, _ count: Int) -> [String] {
    node("Split", [name], [.int("axis", -1), .int("num_outputs", count)], outputs: count)
    return graph.node[graph.node.count - 1].output
  }

  fileprivate mutating func apply(_ function: Recurrence.Function, _ name: String) -> String {
    switch function {
    case .linear: node("Identity", [name])
    case .relu: node("Relu", [name])
    case .tanh: node("Tanh", [name])
    case .sigmoid: node("Sigmoid", [name])
    case .hardSigmoid: node("HardSigmoid", [name], [.float("alpha", 1.0 / 6)])
    case .hardSigmoidLegacy: node("HardSigmoid", [name])
    }
  }
}
