import PlushEngine
import PlushTensor

// Recurrent layers: a step after the other, in one direction or both.

extension ONNXOperators {
  static let recurrent: [String: ONNXOperator] = [
    "RNN": { try Recurrence($0, gates: 1).run { $0.simpleStep($1, $2) } },
    "GRU": { try Recurrence($0, gates: 3).run { $0.gatedStep($1, $2) } },
    "LSTM": { try Recurrence($0, gates: 4).run { $0.memoryStep($1, $2) } },
  ]
}

/// A recurrent layer with operands as the specification names them.
private struct Recurrence {
  let context: NodeContext
  let x: Tensor
  let size: Int
  let gates: Int
  let directions: [Bool]
  let isBatchFirst: Bool

  /// The weights of one direction.
  struct Direction {
    let context: NodeContext
    /// W X + Wb for all steps: [steps, batch, gates · size].
    var inputs: Tensor
    var recurrence: Tensor
    var recurrentBias: Tensor
    var peepholes: Tensor?
    let size: Int
    var activations: [(Tensor) -> Tensor]

    func part(_ tensor: Tensor, _ gate: Int) -> Tensor {
      tensor[..., .stride(from: gate * size, to: (gate + 1) * size)]
    }

    func rows(_ tensor: Tensor, _ gate: Int) -> Tensor {
      tensor[.stride(from: gate * size, to: (gate + 1) * size)]
    }
  }

  /// What is handed from step to step.
  struct State {
    var hidden: Tensor
    var cell: Tensor
  }

  init(_ context: NodeContext, gates: Int) throws {
    self.context = context
    self.gates = gates
    isBatchFirst = context.flag("layout")
    let given = try context.input(0, rank: 3...3)
    x = isBatchFirst ? given.transpose([1, 0, 2]) : given
    let r = try context.input(2, rank: 3...3)
    size = r.shape[2]
    switch context.string("direction") ?? "forward" {
    case "forward": directions = [false]
    case "reverse": directions = [true]
    case "bidirectional": directions = [false, true]
    case let name:
      throw context.fault(expected: "forward, reverse or bidirectional", found: name)
    }
    let count = directions.count
    let w = try context.input(1, rank: 3...3)
    try context.require(
      w.shape == [count, gates * size, x.shape[2]] && r.shape == [count, gates * size, size],
      "weights [\(count), \(gates * size), \(x.shape[2])] and [\(count), \(gates * size), \(size)]",
      "\(w.shape) and \(r.shape)")
    if let b = context.optional(3) {
      try context.require(
        b.shape == [count, 2 * gates * size], "a bias [\(count), \(2 * gates * size)]",
        "\(b.shape)")
    }
  }

  func run(_ step: (Direction, Tensor, State) -> State) throws -> [Tensor] {
    let (steps, batch) = (x.shape[0], x.shape[1])
    let lengths = context.optional(4)?.cast(to: .int32)
    if let lengths {
      try context.require(lengths.shape == [batch], "a length for each sample", "\(lengths.shape)")
    }
    try context.require(steps > 0, "at least one step", "none")
    var outputs: [Tensor] = []
    var finals: [State] = []
    for (number, isReversed) in directions.enumerated() {
      let direction = try direction(number)
      var state = State(
        hidden: try initial(5, number, batch), cell: try initial(6, number, batch))
      var results = [Tensor](repeating: state.hidden, count: steps)
      for time in isReversed ? Array((0..<steps).reversed()) : Array(0..<steps) {
        var next = step(direction, direction.inputs[time], state)
        var shown = next.hidden
        if let lengths {
          let counts = (lengths .> time).reshape([batch, 1])
          shown = counts.select(next.hidden, 0)
          next.hidden = counts.select(next.hidden, state.hidden)
          next.cell = counts.select(next.cell, state.cell)
        }
        state = next
        results[time] = shown
      }
      outputs.append(stack(results))
      finals.append(state)
    }
    let y = stack(outputs, axis: 1)
    let hidden = stack(finals.map(\.hidden))
    let cell = stack(finals.map(\.cell))
    guard isBatchFirst else { return [y, hidden, cell] }
    return [y.transpose([2, 0, 1, 3]), hidden.transpose([1, 0, 2]), cell.transpose([1, 0, 2])]
  }

  private func initial(_ index: Int, _ direction: Int, _ batch: Int) throws -> Tensor {
    guard gates == 4 || index == 5, let given = context.optional(index) else {
      return Tensor.zeros([batch, size], dtype: x.dtype)
    }
    let states = isBatchFirst && given.rank == 3 ? given.transpose([1, 0, 2]) : given
    try context.require(
      states.shape == [directions.count, batch, size],
      "a state [\(directions.count), \(batch), \(size)]", "\(given.shape)")
    return states[direction]
  }

  private func direction(_ number: Int) throws -> Direction {
    let w = try context.input(1)[number]
    let r = try context.input(2)[number]
    let bias =
      context.optional(3).map { $0[number] }
      ?? Tensor.zeros([2 * gates * size], dtype: x.dtype)
    let halves = bias.split(count: 2)
    let peepholes = gates == 4 ? context.optional(7) : nil
    if let peepholes {
      try context.require(
        peepholes.shape == [directions.count, 3 * size], "3 · \(size) peepholes",
        "\(peepholes.shape)")
    }
    return Direction(
      context: context, inputs: matmul(x, w, transposeB: true) + halves[0], recurrence: r,
      recurrentBias: halves[1], peepholes: peepholes.map { $0[number] }, size: size,
      activations: try activations(number))
  }

  /// The functions of the gates, which have their own alpha and beta.
  private func activations(_ direction: Int) throws -> [(Tensor) -> Tensor] {
    let standard =
      gates == 1 ? ["Tanh"] : gates == 3 ? ["Sigmoid", "Tanh"] : ["Sigmoid", "Tanh", "Tanh"]
    let given = context.strings("activations") ?? []
    let names = given.isEmpty ? standard + standard : given
    try context.require(
      names.count >= standard.count * directions.count, "\(standard.count) activations a direction",
      "\(names)")
    var alphas = context.floats("activation_alpha") ?? []
    var betas = context.floats("activation_beta") ?? []
    let all = try names.map { name -> (Tensor) -> Tensor in
      func alpha(_ standard: Double) -> Double { alphas.isEmpty ? standard : alphas.removeFirst() }
      func beta(_ standard: Double) -> Double { betas.isEmpty ? standard : betas.removeFirst() }
      switch name.lowercased() {
      case "tanh": return { $0.tanh() }
      case "sigmoid": return { $0.sigmoid() }
      case "relu": return { $0.relu() }
      case "softsign": return { $0.softsign() }
      case "softplus": return { $0.softplus() }
      case "affine":
        let (a, b) = (alpha(1), beta(0))
        return { $0 * a + b }
      case "leakyrelu":
        let a = alpha(0.01)
        return { $0.leakyRelu(alpha: a) }
      case "thresholdedrelu":
        let a = alpha(1)
        return { ($0 .> a).select($0, 0) }
      case "scaledtanh":
        let (a, b) = (alpha(1), beta(1))
        return { ($0 * b).tanh() * a }
      case "hardsigmoid":
        let (a, b) = (alpha(0.2), beta(0.5))
        return { ($0 * a + b).clip(min: 0, max: 1) }
      case "elu":
        let a = alpha(1)
        return { $0.elu(alpha: a) }
      default: throw context.fault(expected: "an activation of the specification", found: name)
      }
    }
    let first = direction * standard.count
    return Array(all[first..<first + standard.count])
  }
}

extension Recurrence.Direction {
  private func clipped(_ x: Tensor) -> Tensor {
    guard let limit = context.float("clip") else { return x }
    return x.clip(min: -limit, max: limit)
  }

  fileprivate func simpleStep(_ input: Tensor, _ state: Recurrence.State) -> Recurrence.State {
    let sum = input + matmul(state.hidden, recurrence, transposeB: true) + recurrentBias
    let hidden = activations[0](clipped(sum))
    return Recurrence.State(hidden: hidden, cell: hidden)
  }

  fileprivate func gatedStep(_ input: Tensor, _ state: Recurrence.State) -> Recurrence.State {
    let first = rows(recurrence, 0)
    let second = rows(recurrence, 1)
    let third = rows(recurrence, 2)
    func seen(_ gate: Int, _ weights: Tensor, _ hidden: Tensor) -> Tensor {
      matmul(hidden, weights, transposeB: true) + part(recurrentBias, gate)
    }
    let update = activations[0](clipped(part(input, 0) + seen(0, first, state.hidden)))
    let reset = activations[0](clipped(part(input, 1) + seen(1, second, state.hidden)))
    let memory =
      context.flag("linear_before_reset")
      ? reset * seen(2, third, state.hidden) : seen(2, third, reset * state.hidden)
    let candidate = activations[1](clipped(part(input, 2) + memory))
    let hidden = (1 - update) * candidate + update * state.hidden
    return Recurrence.State(hidden: hidden, cell: hidden)
  }

  /// Gates in the order input, output, forget, cell.
  fileprivate func memoryStep(_ input: Tensor, _ state: Recurrence.State) -> Recurrence.State {
    let sum = input + matmul(state.hidden, recurrence, transposeB: true) + recurrentBias
    func peek(_ gate: Int, _ cell: Tensor) -> Tensor {
      let seen = part(sum, gate)
      return peepholes.map { seen + part($0, gate) * cell } ?? seen
    }
    let enters = activations[0](clipped(peek(0, state.cell)))
    let keeps =
      context.flag("input_forget") ? 1 - enters : activations[0](clipped(peek(2, state.cell)))
    let candidate = activations[1](clipped(part(sum, 3)))
    let cell = keeps * state.cell + enters * candidate
    let leaves = activations[0](clipped(peek(1, cell)))
    return Recurrence.State(hidden: leaves * activations[2](cell), cell: cell)
  }
}
