import PlushEngine

/// One recorded operation and, once it has run, its value.
///
/// What a node is never changes; everything that does is guarded by `Graph.lock`.
final class Node: @unchecked Sendable {
  /// How a node comes by its value.
  enum Kind {
    /// By an operation on the inputs.
    case operation(Op)
    /// As one result of an input that has several.
    case projection(Int)
    /// From outside, as a buffer.
    case value
    /// From a number in the user's code; it takes the type of the tensor it meets.
    case number(Scalar)
    /// From the caller of a compiled function; told by its name if somebody reads it.
    case argument(String)
    /// The values of the first inputs, with a gradient of its own for the inputs after them.
    case override(Backward)
  }

  /// Nobody but a node's tensors holds its token, so a node knows whether the user can see it.
  final class Token: Sendable {}

  let kind: Kind
  /// Types of the results; several only where projections pick one.
  let types: [TensorType]
  var inputs: [Node]
  var buffer: Buffer?
  /// How often other nodes have this one as input.
  private(set) var uses = 0
  /// What the lowering under way knows.
  var mark = Lowering.Mark()
  private var token = Token()

  init(_ kind: Kind, _ inputs: [Node], _ types: [TensorType], buffer: Buffer? = nil) {
    self.kind = kind
    self.inputs = inputs
    self.types = types
    self.buffer = buffer
    if inputs.isEmpty { return }
    Graph.lock.withLock { for input in inputs { input.uses += 1 } }
  }

  /// Releases what only this node held step by step: chains are longer than the stack is deep.
  deinit {
    if inputs.isEmpty { return }
    var pending = Graph.lock.withLock { takeInputs() }
    while var node = pending.popLast() {
      guard isKnownUniquelyReferenced(&node), !node.inputs.isEmpty else { continue }
      pending.append(contentsOf: Graph.lock.withLock { node.takeInputs() })
    }
  }

  /// Lets go of the inputs; they must be released after the lock.
  func takeInputs() -> [Node] {
    defer { inputs = [] }
    for input in inputs { input.uses -= 1 }
    return inputs
  }

  var type: TensorType { types[0] }

  /// A tensor of this node.
  var tensor: Tensor { Tensor(node: self, token: token) }

  /// Whether the user holds a tensor of this node.
  var isHeld: Bool { !isKnownUniquelyReferenced(&token) }

  /// The node whose value this one repeats, if it does.
  var original: Node? {
    switch kind {
    case .override: inputs.first
    case .projection(let index):
      if case .override = inputs.first?.kind { inputs[0].inputs[index] } else { nil }
    default: nil
    }
  }

  /// What this node only repeats or reads in another shape.
  var source: Node? {
    switch kind {
    case .operation(.reshape), .operation(.broadcast): inputs.first
    default: original
    }
  }

  /// Whether computing the value again costs no more than reading it.
  var isFree: Bool {
    switch kind {
    case .operation(.fill), .operation(.iota), .number, .argument, .value: true
    default: false
    }
  }

  /// Whether the value is known and where it came from is forgotten.
  var isCut: Bool {
    switch kind {
    case .operation, .projection, .override: buffer != nil && inputs.isEmpty
    default: false
    }
  }
}

/// What all recorded operations share.
enum Graph {
  /// Guards the links and values of all nodes.
  static let lock = Lock()
  /// Counts the lowerings, so that each knows its own marks.
  nonisolated(unsafe) static var lowerings = 0
}

/// Stops the program as Swift's own collections do when they are misused.
func stop(_ message: String, hint: String? = nil) -> Never {
  fatalError("Plush: \(message)\(hint.map { "\n  hint: \($0)" } ?? "")")
}

/// The result, or the end of the program with the error's explanation.
func orStop<R>(_ body: () throws -> R) -> R {
  do { return try body() } catch { stop("\(error)") }
}
