import PlushEngine

/// Computes the tensors, in one program.
///
/// Reading a tensor does this by itself; several at once share the work they have in common.
public func realize(_ tensors: [Tensor]) { orStop { try Realization.run(tensors.map(\.node)) } }

/// A program made of the graph below some nodes, with what it reads and whom it serves.
struct Realization {
  var program: Program
  var inputs: [Buffer]
  var targets: [Target]

  /// A node that will have a value.
  struct Target {
    var node: Node
    var source: Source
  }

  enum Source {
    case input(Int)
    case output(Int)
  }

  static func run(_ roots: [Node]) throws {
    guard let realization = Graph.lock.withLock({ Realization(roots) }) else { return }
    let outputs = try realization.compute()
    // What the nodes let go of is released after the lock.
    let released = Graph.lock.withLock { realization.store(outputs) }
    withExtendedLifetime(released) {}
  }

  private init?(_ roots: [Node]) {
    if roots.allSatisfy({ $0.buffer != nil }) { return nil }
    var lowering = Lowering()
    for root in roots { _ = lowering.lower(root) }
    var outputs: [Program.Value: Int] = [:]
    var order: [Program.Value] = []
    targets = []
    for node in roots + lowering.kept where node.buffer == nil {
      guard let value = lowering.value(of: node) else { continue }
      if let input = lowering.parameter(value) {
        targets.append(Target(node: node, source: .input(input)))
        continue
      }
      if outputs[value] == nil {
        outputs[value] = order.count
        order.append(value)
      }
      targets.append(Target(node: node, source: .output(outputs[value]!)))
    }
    lowering.finish(outputs: order)
    program = lowering.program
    inputs = lowering.captured
  }

  private func compute() throws -> [Buffer] {
    if program.outputs.isEmpty { return [] }
    let device = defaultDevice
    let plan = try PlanCache.shared.plan(for: program, on: device)
    let outputs = program.outputs.map {
      device.allocate(byteCount: program.type(of: $0).byteCount)
    }
    try plan.run(inputs: inputs, outputs: outputs)
    return outputs
  }

  /// Gives the nodes their values, and returns the inputs that they need no longer.
  private func store(_ outputs: [Buffer]) -> [[Node]] {
    let keepsGraph = GradientScope.isActive
    return targets.compactMap { target in
      if target.node.buffer == nil {
        switch target.source {
        case .input(let index): target.node.buffer = inputs[index]
        case .output(let index): target.node.buffer = outputs[index]
        }
      }
      if keepsGraph { return nil }
      return target.node.takeInputs()
    }
  }
}

extension Lowering {
  /// Nodes that somebody will need again: the user, or nodes that are not part of this lowering.
  fileprivate var kept: [Node] {
    computed.compactMap { node in
      if node.types.count > 1 { return nil }
      if node.isHeld { return node.isFree ? nil : node }
      if !isUsedOutside(node) { return nil }
      var needed = node
      while !needed.isHeld, needed.buffer == nil, let source = needed.source { needed = source }
      return needed.isFree ? nil : needed
    }
  }
}

extension Tensor {
  /// The tensor's value in memory, computed now if need be.
  public var buffer: Buffer { orStop { try realizedBuffer() } }

  /// The tensor's value in memory.
  ///
  /// - Throws: `ExecutionError` if the values cannot be worked with.
  func realizedBuffer() throws -> Buffer {
    if let buffer = knownBuffer { return buffer }
    try Realization.run([node])
    return knownBuffer!
  }

  /// The tensor's value in memory, if it was computed.
  var knownBuffer: Buffer? { Graph.lock.withLock { node.buffer } }
}
