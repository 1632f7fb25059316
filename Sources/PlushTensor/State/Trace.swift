import PlushEngine

/// Watches a function while it records: which variables it reads and assigns, what it draws.
final class Trace: @unchecked Sendable {
  @TaskLocal static var current: Trace?

  /// A variable that the function read or assigned.
  struct Entry {
    var variable: Variable
    /// Stands for the variable's value when the function begins.
    var placeholder: Tensor
    var assigned: Tensor?
  }

  private(set) var entries: [Entry] = []
  /// Positions of the entries that were assigned, in that order.
  private(set) var assignments: [Int] = []
  private(set) var key: Tensor?
  private var indices: [ObjectIdentifier: Int] = [:]
  private var streams = 0

  /// Records what `body` does with arguments of these types.
  static func record(
    _ types: [TensorType], _ body: ([Tensor]) throws -> [Tensor]
  ) rethrows -> (trace: Trace, arguments: [Tensor], results: [Tensor]) {
    let trace = Trace()
    let arguments = types.indices.map {
      Node(.argument("Argument \($0 + 1) of a compiled function"), [], [types[$0]]).tensor
    }
    let results = try Trace.$current.withValue(trace) {
      try RandomState.$scoped.withValue(nil) { try body(arguments) }
    }
    return (trace, arguments, results)
  }

  func read(_ variable: Variable) -> Tensor {
    let entry = entries[index(of: variable)]
    return entry.assigned ?? entry.placeholder
  }

  func assign(_ tensor: Tensor, to variable: Variable) {
    let index = index(of: variable)
    if entries[index].assigned == nil { assignments.append(index) }
    entries[index].assigned = tensor
  }

  func draw(streams count: Int) -> (key: Tensor, stream: Int) {
    let key = key ?? Node(.argument("The random key"), [], [TensorType([2], .int64)]).tensor
    self.key = key
    defer { streams += count }
    return (key, streams)
  }

  private func index(of variable: Variable) -> Int {
    if let index = indices[ObjectIdentifier(variable)] { return index }
    let node = Node(.argument("Variable '\(variable.name)'"), [], [variable.type])
    indices[ObjectIdentifier(variable)] = entries.count
    entries.append(Entry(variable: variable, placeholder: node.tensor))
    return entries.count - 1
  }
}

/// Runs `body` as if no compiled function was being traced: what it reads has values, what it
/// assigns lasts. Layers that build themselves when first called use it to make their variables.
public func untraced<R>(_ body: () throws -> R) rethrows -> R {
  try Trace.$current.withValue(nil, operation: body)
}
