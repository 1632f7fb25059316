import PlushEngine

/// The gradient of a scalar function at `x`.
public func gradient(at x: Tensor, _ body: (Tensor) throws -> Tensor) rethrows -> Tensor {
  try valueAndGradient(at: x, body).gradient
}

/// The gradients of a scalar function at `x` and `y`.
public func gradient(
  at x: Tensor, _ y: Tensor, _ body: (Tensor, Tensor) throws -> Tensor
) rethrows -> (Tensor, Tensor) {
  let gradients = try gradient(at: [x, y]) { try body($0[0], $0[1]) }
  return (gradients[0], gradients[1])
}

/// The gradients of a scalar function at some tensors.
public func gradient(at xs: [Tensor], _ body: ([Tensor]) throws -> Tensor) rethrows -> [Tensor] {
  try valueAndGradient(at: xs, body).gradients
}

/// The value and the gradient of a scalar function at `x`.
public func valueAndGradient(
  at x: Tensor, _ body: (Tensor) throws -> Tensor
) rethrows -> (value: Tensor, gradient: Tensor) {
  let (value, gradients) = try valueAndGradient(at: [x]) { try body($0[0]) }
  return (value, gradients[0])
}

/// The value and the gradients of a scalar function at some tensors.
public func valueAndGradient(
  at xs: [Tensor], _ body: ([Tensor]) throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
  // Own nodes: a tensor that the function captured is a constant, even if it is one of `xs`.
  let arguments = xs.map { $0.separate() }
  return try GradientScope.run {
    let value = try body(arguments).requiredScalar
    return (value, gradients(of: value, withRespectTo: arguments))
  }
}

/// The value of a scalar function and its gradients at the variables that it reads.
public func valueAndGradient(
  of variables: [Variable], _ body: () throws -> Tensor
) rethrows -> (value: Tensor, gradients: [Tensor]) {
  let (value, gradients, _) = try valueAndGradient(of: variables, auxiliary: { (try body(), ()) })
  return (value, gradients)
}

/// As without `auxiliary`, for a function that has more results than the scalar.
public func valueAndGradient<Auxiliary>(
  of variables: [Variable], auxiliary body: () throws -> (Tensor, Auxiliary)
) rethrows -> (value: Tensor, gradients: [Tensor], auxiliary: Auxiliary) {
  let values = variables.map(\.value)
  return try GradientScope.run {
    let (value, auxiliary) = try body()
    return (
      value.requiredScalar, gradients(of: value, withRespectTo: values), auxiliary
    )
  }
}

/// The gradients of `y` at the tensors it was computed from; zeros where it does not depend on one.
///
/// - Parameters:
///   - y: a tensor of a floating type whose value was not read yet.
///   - xs: tensors of floating types.
///   - seed: the gradient of something at `y`, in its shape; ones if not given.
/// - Returns: a gradient for each of `xs`, in its shape.
public func gradients(
  of y: Tensor, withRespectTo xs: [Tensor], seed: Tensor? = nil
) -> [Tensor] {
  for x in xs + [y] where !x.dtype.isFloating {
    stop("Gradients exist for floating types only; got \(x.type).")
  }
  var walk = ReverseWalk(from: y.node, to: xs.map(\.node))
  return walk.run(seed?.cast(to: y.dtype).broadcast(to: y.shape) ?? .ones(like: y))
}

extension Tensor {
  fileprivate var requiredScalar: Tensor {
    guard count == 1 else {
      stop(
        "A gradient needs a function with a scalar result; got shape \(shape).",
        hint: "Take sum() or mean() of it.")
    }
    return self
  }
}

/// Tells that values which are read must keep the graph they came from.
enum GradientScope {
  @TaskLocal static var isActive = false

  static func run<R>(_ body: () throws -> R) rethrows -> R {
    try $isActive.withValue(true, operation: body)
  }
}

/// Visits what leads from wanted nodes to a result, from the result backwards.
private struct ReverseWalk {
  private struct Step {
    var node: Node
    var inputs: [Node]
  }

  private let root: Node
  private let targets: [Node]
  private let wanted: Set<ObjectIdentifier>
  /// Inputs before the nodes that use them; only nodes that depend on a target.
  private var steps: [Step] = []
  private var isNeeded: [ObjectIdentifier: Bool] = [:]
  private var gradients: [ObjectIdentifier: [Tensor?]] = [:]

  init(from root: Node, to targets: [Node]) {
    self.root = root
    self.targets = targets
    wanted = Set(targets.map(ObjectIdentifier.init))
    let isCut = Graph.lock.withLock {
      findSteps()
      return root.isCut
    }
    if isCut, !wanted.contains(ObjectIdentifier(root)) {
      stop(
        "The gradient of a tensor whose value was read: it no longer knows where it came from.",
        hint: "Compute it inside gradient { }, or take the gradient before reading.")
    }
  }

  private mutating func findSteps() {
    var stack = [(node: root, isExpanded: false)]
    while let (node, isExpanded) = stack.popLast() {
      let id = ObjectIdentifier(node)
      if isNeeded[id] != nil { continue }
      let inputs = node.differentiableInputs
      if isExpanded {
        let leads = inputs.contains { isNeeded[ObjectIdentifier($0)] == true }
        isNeeded[id] = leads || wanted.contains(id)
        if leads { steps.append(Step(node: node, inputs: node.inputs)) }
      } else {
        stack.append((node, true))
        for input in inputs where isNeeded[ObjectIdentifier(input)] == nil {
          stack.append((input, false))
        }
      }
    }
  }

  mutating func run(_ seed: Tensor) -> [Tensor] {
    gradients[ObjectIdentifier(root)] = [seed]
    while let step = steps.popLast() {
      let id = ObjectIdentifier(step.node)
      guard let gradients = gradients[id] else { continue }
      if !wanted.contains(id) { self.gradients[id] = nil }
      propagate(step, gradients)
    }
    return targets.map { gradients[ObjectIdentifier($0)]?[0] ?? .zeros(like: $0.tensor) }
  }

  private mutating func propagate(_ step: Step, _ gradients: [Tensor?]) {
    switch step.node.kind {
    case .operation(let op):
      let rule = GradientRule(
        inputs: step.inputs.map(\.tensor), outputs: step.node.projections, gradients: gradients)
      for (input, gradient) in zip(step.inputs, rule.gradients(of: op)) {
        if let gradient { add(gradient, to: input, 0) }
      }
    case .projection(let index):
      if let gradient = gradients[0] { add(gradient, to: step.inputs[0], index) }
    case .override(let backward): override(step, gradients, backward)
    case .value, .number, .argument: break
    }
  }

  private mutating func override(_ step: Step, _ gradients: [Tensor?], _ backward: Backward) {
    let count = step.node.types.count
    let inputs = step.inputs[count...].map(\.tensor)
    if inputs.isEmpty { return }
    let outputs = step.node.projections
    let known = zip(gradients, outputs).map { $0 ?? .zeros(like: $1) }
    let results = backward(inputs, outputs, known)
    guard results.count == inputs.count, zip(results, inputs).allSatisfy({ $0.shape == $1.shape })
    else {
      stop(
        "A custom gradient expects gradients of shapes \(inputs.map(\.shape)); got "
          + "\(results.map(\.shape)).")
    }
    for (index, gradient) in results.enumerated() where inputs[index].dtype.isFloating {
      add(gradient, to: step.inputs[count + index], 0)
    }
  }

  private mutating func add(_ gradient: Tensor, to node: Node, _ index: Int) {
    let id = ObjectIdentifier(node)
    guard isNeeded[id] == true else { return }
    let none = [Tensor?](repeating: nil, count: node.types.count)
    let sum = gradients[id, default: none][index].map { $0 + gradient } ?? gradient
    gradients[id, default: none][index] = sum
  }
}

extension Node {
  /// The inputs that a gradient may flow to.
  fileprivate var differentiableInputs: [Node] {
    switch kind {
    case .override: inputs.dropFirst(types.count).filter(\.isDifferentiable)
    default: inputs.filter(\.isDifferentiable)
    }
  }

  private var isDifferentiable: Bool { types.contains { $0.dtype.isFloating } }
}
