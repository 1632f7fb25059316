import PlushEngine

/// One recorded operation and, once it has run, its value.
///
/// What a node is never changes; `inputs` and `buffer` do, under `Graph.lock`.
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
  private var token = Token()

  init(_ kind: Kind, _ inputs: [Node], _ types: [TensorType], buffer: Buffer? = nil) {
    self.kind = kind
    self.inputs = inputs
    self.types = types
    self.buffer = buffer
  }

  /// Releases what only this node held step by step: chains are longer than the stack is deep.
  deinit {
    var pending = inputs
    inputs = []
    while var node = pending.popLast() {
      guard isKnownUniquelyReferenced(&node) else { continue }
      pending.append(contentsOf: node.inputs)
      node.inputs = []
    }
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
}

/// Stops the program as Swift's own collections do when they are misused.
func stop(_ message: String, hint: String? = nil) -> Never {
  fatalError("Plush: \(message)\(hint.map { "\n  hint: \($0)" } ?? "")")
}

/// The result, or the end of the program with the error's explanation.
func orStop<R>(_ body: () throws -> R) -> R {
  do { return try body() } catch { stop("\(error)") }
}
