import PlushTensor

// Graphs inside of graphs. How often and whether they run must be known while the model is recorded;
// each turn is recorded anew.

extension ONNXOperators {
  static let control: [String: ONNXOperator] = [
    "If": { context in
      guard let condition = try context.readable(0) else { return [] }
      try context.require(condition.count == 1, "one truth value", "shape \(condition.shape)")
      let name = condition.reshape([]).item(as: Bool.self) ? "then_branch" : "else_branch"
      return try context.run(try context.graph(name), [])
    },
    "Loop": { try loop($0) },
    "Scan": { try scan($0) },
  ]

  /// Operands: most turns, condition, values that are handed on. Results: these values, then what
  /// each turn gave, one after the other.
  private static func loop(_ context: NodeContext) throws -> [Tensor] {
    let body = try context.graph("body")
    let most = try context.integer(0)
    var goesOn = try context.readable(1).map { $0.reshape([]).item(as: Bool.self) } ?? true
    var state = try (2..<Swift.max(2, context.values.count)).map { try context.value($0) }
    let carried = state.count
    var collected = [[Tensor]](
      repeating: [], count: Swift.max(0, body.output.count - 1 - carried))
    var turn = 0
    while goesOn, turn < most ?? Limits.steps {
      try context.require(turn < Limits.steps, "at most \(Limits.steps) turns", "more")
      let inputs = [
        ONNXValue(Tensor([Int64(turn)], shape: []), isKnown: true),
        ONNXValue(Tensor([true], shape: []), isKnown: true),
      ]
      let results = try context.values(of: body, inputs + state)
      try context.require(
        results.count == 1 + carried + collected.count, "\(body.output.count) results",
        "\(results.count)")
      goesOn = try context.truth(results[0])
      state = Array(results[1...carried])
      for place in collected.indices {
        collected[place].append(results[1 + carried + place].tensor)
      }
      turn += 1
    }
    return try state.map(\.tensor)
      + collected.map { parts in
        if parts.isEmpty { return Tensor.zeros([0]) }
        return try context.stacked(parts, axis: 0)
      }
  }

  /// Operands: values that are handed on, then arrays of which each turn sees a slice.
  private static func scan(_ context: NodeContext) throws -> [Tensor] {
    let body = try context.graph("body")
    let count = context.int("num_scan_inputs", 1)
    // Version 8 had lengths of sequences first, and a batch.
    try context.require(context.opset >= 9, "version 9 of Scan or newer", "\(context.opset)")
    let given = try context.inputs()
    let carried = given.count - count
    try context.require(
      count > 0 && carried >= 0 && body.output.count >= carried, "\(count) arrays to scan",
      "\(given.count) inputs")
    let outputs = body.output.count - carried
    let axes = try (0..<count).map { place in
      try context.axis(
        context.ints("scan_input_axes")?[safe: place] ?? 0, rank: given[carried + place].rank)
    }
    let isReversed = { (name: String, place: Int) in context.ints(name)?[safe: place] == 1 }
    let steps = given[carried].shape[axes[0]]
    try context.require(steps <= Limits.steps, "at most \(Limits.steps) turns", "\(steps)")
    var state = try (0..<carried).map { try context.value($0) }
    var collected = [[Tensor]](repeating: [], count: outputs)
    for step in 0..<steps {
      let slices = try (0..<count).map { place -> ONNXValue in
        let (array, axis) = (given[carried + place], axes[place])
        try context.require(array.shape[axis] == steps, "\(steps) turns of each", "\(array.shape)")
        let index = isReversed("scan_input_directions", place) ? steps - 1 - step : step
        var part = [AxisIndex](repeating: .all, count: array.rank)
        part[axis] = .single(index)
        return ONNXValue(array[part], isKnown: false)
      }
      let results = try context.values(of: body, state + slices)
      state = Array(results[..<carried])
      for place in 0..<outputs { collected[place].append(results[carried + place].tensor) }
    }
    return try state.map(\.tensor)
      + collected.enumerated().map { place, parts in
        if parts.isEmpty { return Tensor.zeros([0]) }
        let ordered = isReversed("scan_output_directions", place) ? parts.reversed() : parts
        let axis = context.ints("scan_output_axes")?[safe: place] ?? 0
        return try context.stacked(ordered, axis: axis)
      }
  }
}

extension NodeContext {
  /// The results of a graph inside the node, which sees the values around it.
  fileprivate func values(
    of graph: ONNXGraphProto, _ inputs: [ONNXValue]
  ) throws -> [ONNXValue] {
    try require(
      graph.input.count == inputs.count, "\(graph.input.count) inputs of the graph inside",
      "\(inputs.count)")
    let inner = Scope(inside: scope)
    for proto in graph.initializer {
      let (tensor, element) = try proto.read()
      inner[proto.name] = ONNXValue(tensor, element, isKnown: true)
    }
    for (info, value) in zip(graph.input, inputs) { inner[info.name] = value }
    return try evaluation.run(graph, inner)
  }

  fileprivate func run(_ graph: ONNXGraphProto, _ inputs: [ONNXValue]) throws -> [Tensor] {
    try values(of: graph, inputs).map(\.tensor)
  }

  fileprivate func truth(_ value: ONNXValue) throws -> Bool {
    try require(value.tensor.count == 1, "one truth value", "shape \(value.tensor.shape)")
    guard value.isKnown || evaluation.readsValues else {
      throw fault(
        expected: "a condition that does not depend on the inputs of the model",
        found: "one that does", hint: "compute such a model with run(_:)")
    }
    return value.tensor.reshape([]).item(as: Bool.self)
  }

  fileprivate func stacked(_ parts: [Tensor], axis: Int) throws -> Tensor {
    try require(
      parts.allSatisfy { $0.type == parts[0].type }, "results of one shape in each turn",
      parts.map { "\($0.shape)" }.joined(separator: ", "))
    return stack(parts, axis: try self.axis(axis, rank: parts[0].rank + 1))
  }
}

extension Array {
  /// The element at a place, or nil.
  fileprivate subscript(safe place: Int) -> Element? { indices.contains(place) ? self[place] : nil }
}
