import PlushTensor

/// The calls of layers between the inputs and the outputs of a model.
struct Graph {
  /// The calls; each uses results of earlier ones only.
  let nodes: [Node]
  let inputs: [SymbolicTensor]
  let outputs: [SymbolicTensor]
  /// The layers in the order of Keras: by their distance from the outputs, then as first met.
  let layers: [Layer]

  /// - Throws: `ModelError`, or the error of a call.
  init(inputs: [SymbolicTensor], outputs: [SymbolicTensor]) throws {
    self.inputs = inputs
    self.outputs = outputs
    guard !inputs.isEmpty, !outputs.isEmpty else {
      throw ModelError(
        expected: "at least one input and one output",
        found: "\(inputs.count) inputs and \(outputs.count) outputs")
    }
    if let input = inputs.first(where: { !($0.node.layer is InputLayer) }) {
      throw ModelError(
        expected: "inputs made by Input(shape:)",
        found: "the output of layer \(input.node.layer.label)",
        hint: "make the sub-model from an Input and call its layers on it")
    }
    var walk = Walk()
    for output in outputs { walk.visit(output.node) }
    if let error = walk.nodes.lazy.compactMap(\.error).first { throw error }
    let given = Set(inputs.map { ObjectIdentifier($0.node) })
    if let missing = walk.nodes.first(where: {
      $0.layer is InputLayer && !given.contains(ObjectIdentifier($0))
    }) {
      throw ModelError(
        expected: "all inputs that the outputs depend on",
        found: "outputs that also need the input '\(missing.layer.name)'",
        hint: "add it to inputs")
    }
    for input in inputs { walk.visit(input.node) }
    nodes = walk.nodes
    layers = Graph.ordered(walk)
  }

  /// A walk from the outputs to the inputs that lists calls after those they need.
  ///
  /// It keeps its own stack: a network may be deeper than the stack of a thread allows.
  private struct Walk {
    var nodes: [Node] = []
    var layers: [Layer] = []
    private var seen: Set<ObjectIdentifier> = []
    private var seenLayers: Set<ObjectIdentifier> = []

    mutating func visit(_ start: Node) {
      var stack = [(node: start, next: 0)]
      enter(start, &stack)
      while let (node, next) = stack.last {
        if next < node.inputs.count {
          stack[stack.count - 1].next += 1
          let input = node.inputs[next].node
          stack.append((input, 0))
          enter(input, &stack)
        } else {
          nodes.append(node)
          stack.removeLast()
        }
      }
    }

    private mutating func enter(_ node: Node, _ stack: inout [(node: Node, next: Int)]) {
      guard seen.insert(ObjectIdentifier(node)).inserted else {
        stack.removeLast()
        return
      }
      if seenLayers.insert(ObjectIdentifier(node.layer)).inserted { layers.append(node.layer) }
    }
  }

  private static func ordered(_ walk: Walk) -> [Layer] {
    var nodeDepths: [ObjectIdentifier: Int] = [:]
    var layerDepths: [ObjectIdentifier: Int] = [:]
    for node in walk.nodes.reversed() {
      let layer = ObjectIdentifier(node.layer)
      let depth = max(nodeDepths[ObjectIdentifier(node)] ?? 0, layerDepths[layer] ?? 0)
      layerDepths[layer] = depth
      for input in node.inputs {
        nodeDepths[ObjectIdentifier(input.node), default: 0] = max(
          depth + 1, nodeDepths[ObjectIdentifier(input.node)] ?? 0)
      }
    }
    let depths = walk.layers.map { layerDepths[ObjectIdentifier($0)] ?? 0 }
    return walk.layers.indices.sorted { (-depths[$0], $0) < (-depths[$1], $1) }
      .map { walk.layers[$0] }
  }

  /// The calls of a layer in this graph, in order.
  func nodes(of layer: Layer) -> [Node] { nodes.filter { $0.layer === layer } }

  /// Which call of its layer a call is.
  func place(of node: Node) -> Int {
    nodes(of: node.layer).firstIndex { $0 === node } ?? 0
  }

  /// Makes the weights of all layers.
  func build() throws {
    for node in nodes { try node.layer.buildOnce(node.inputShapes) }
  }
}

// MARK: - Computing

extension Graph {
  /// What a call of the model computed.
  struct Results {
    /// The outputs.
    var outputs: [Tensor]
    /// For outputs whose layer ends in an activation, what came before it.
    var preactivations: [Tensor?]
    /// For each output which of its steps count; nil where all do.
    var masks: [Tensor?]
  }

  /// Computes the outputs of the model.
  ///
  /// - Parameters:
  ///   - inputs: the inputs.
  ///   - masks: which steps of the inputs count; by default all.
  ///   - training: whether the call is part of a training step.
  ///   - keepsPreactivations: whether to tell what came before last activations.
  func run(
    _ inputs: [Tensor], masks: [Tensor?]? = nil, training: Bool, keepsPreactivations: Bool = false
  ) throws -> Results {
    try EnclosingCall.with(training) { training in
      try compute(inputs, masks, training, keepsPreactivations)
    }
  }

  private func compute(
    _ inputs: [Tensor], _ masks: [Tensor?]?, _ training: Bool, _ keepsPreactivations: Bool
  ) throws -> Results {
    var values: [ObjectIdentifier: MaskedOutputs] = [:]
    var preactivations: [ObjectIdentifier: Tensor] = [:]
    for (place, input) in self.inputs.enumerated() {
      values[ObjectIdentifier(input.node)] = MaskedOutputs([inputs[place]], [masks?[place]])
    }
    let last = Set(keepsPreactivations ? outputs.map { ObjectIdentifier($0.node) } : [])
    for node in nodes where !(node.layer is InputLayer) {
      let key = ObjectIdentifier(node)
      let layer = node.layer
      let arguments = node.inputs.map { values[ObjectIdentifier($0.node)]!.outputs[$0.index] }
      let masks = node.inputs.map { values[ObjectIdentifier($0.node)]!.masks[$0.index] }
      let ignoresMasks = !layer.usesMasks || masks.allSatisfy { $0 == nil }
      if last.contains(key), ignoresMasks, let activation = layer.outputActivation {
        let before = try layer.inPolicy(arguments) {
          try layer.callBeforeActivation($0[0], training: training).withoutHalf
        }
        preactivations[key] = before
        values[key] = MaskedOutputs(
          [activation(before)], try layer.outputMasks(for: arguments, masks: masks))
      } else {
        values[key] = try layer.inPolicy(arguments) {
          try layer.run($0, masks: masks, training: training)
        }
      }
    }
    return Results(
      outputs: outputs.map { values[ObjectIdentifier($0.node)]!.outputs[$0.index] },
      preactivations: outputs.map { preactivations[ObjectIdentifier($0.node)] },
      masks: outputs.map { values[ObjectIdentifier($0.node)]!.masks[$0.index] })
  }
}
