import PlushEngine
import PlushNN
import PlushTensor

/// Computes graphs: each node records tensor operators.
struct Evaluation {
  /// Versions of the sets of operators by domain.
  var opsets: [String: Int]
  /// Operators that the file defines, by domain and name.
  let functions: [String: ONNXFunctionProto]
  /// Whether elements of any value may be looked at, as is not possible while a model is traced.
  let readsValues: Bool
  /// Whether the model is being trained.
  let isTraining: Bool
  /// The weights of nodes that training leaves as they are.
  let frozen: Set<ObjectIdentifier>
  /// How many graphs are around this one.
  var depth = 0

  /// The outputs of a graph whose inputs are in a scope.
  func run(_ graph: ONNXGraphProto, _ scope: Scope) throws -> [ONNXValue] {
    var inner = self
    inner.depth += 1
    guard inner.depth <= Limits.depth else {
      throw ONNXError(
        expected: "at most \(Limits.depth) graphs inside each other", found: "more")
    }
    try inner.run(graph.node, scope)
    return try graph.output.map { try inner.value($0.name, in: scope) }
  }

  func value(_ name: String, in scope: Scope) throws -> ONNXValue {
    guard let value = scope[name] else {
      throw ONNXError(
        expected: "a value '\(name)'", found: "no node or input of that name before its use",
        hint: "does onnx.checker accept the model?")
    }
    return value
  }

  private func run(_ nodes: [ONNXNodeProto], _ scope: Scope) throws {
    for node in nodes {
      let domain = node.standardDomain
      let opset = opsets[domain] ?? 1
      do {
        let values = try node.input.map { $0.isEmpty ? nil : try value($0, in: scope) }
        let context = NodeContext(
          node: node, opset: opset, values: values, evaluation: self, scope: scope)
        let results = try run(context)
        guard results.count >= node.output.count else {
          throw context.fault(
            expected: "\(node.output.count) outputs", found: "\(results.count) that are supported")
        }
        for (name, value) in zip(node.output, results) where !name.isEmpty { scope[name] = value }
      } catch var error as ONNXError {
        if error.node == nil { error.node = node.label(opset: opset) }
        throw error
      }
    }
  }

  private func run(_ context: NodeContext) throws -> [ONNXValue] {
    let node = context.node
    if let function = functions["\(node.standardDomain)::\(node.opType)"] {
      return try run(function, context)
    }
    let run = try ONNXOperators.named(node, opset: context.opset)
    let isKnown =
      ["Shape", "Size"].contains(node.opType)
      || (context.values.allSatisfy { $0?.isKnown ?? true }
        && !ONNXOperators.random.contains(node.opType) && node.attribute.allSatisfy { !$0.hasG })
    return try run(context).map { tensor in
      let element = try context.element(of: tensor)
      return ONNXValue(element.wrapped(tensor), element, isKnown: isKnown)
    }
  }

  /// The body of a function with the attributes of the calling node.
  private func run(_ function: ONNXFunctionProto, _ context: NodeContext) throws -> [ONNXValue] {
    var inner = self
    inner.depth += 1
    guard inner.depth <= Limits.depth else {
      throw context.fault(expected: "functions that end", found: "\(inner.depth) inside each other")
    }
    for version in function.opsetImport {
      inner.opsets[version.domain == "ai.onnx" ? "" : version.domain] = Int(version.version)
    }
    var given = Dictionary(
      function.attributeProto.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for attribute in context.node.attribute { given[attribute.name] = attribute }
    let scope = Scope()
    for (name, value) in zip(function.input, context.values) { scope[name] = value }
    let missing = Set(function.input.dropFirst(context.values.count))
    let nodes = function.node.map { node in
      var node = node.withAttributes(given)
      node.input = node.input.map { missing.contains($0) ? "" : $0 }
      return node
    }
    try inner.run(nodes, scope)
    return try function.output.map { try inner.value($0, in: scope) }
  }
}

extension ONNXNodeProto {
  /// The domain, empty for ONNX's own.
  var standardDomain: String { domain == "ai.onnx" ? "" : domain }

  /// The node of a function with the attributes of its caller.
  fileprivate func withAttributes(_ given: [String: ONNXAttributeProto]) -> ONNXNodeProto {
    var node = self
    node.attribute = attribute.compactMap { attribute in
      guard attribute.hasRefAttrName, !attribute.refAttrName.isEmpty else { return attribute }
      guard var value = given[attribute.refAttrName] else { return nil }
      value.name = attribute.name
      return value
    }
    return node
  }
}

extension NodeContext {
  /// The type that the file means for a result: integers that tensors do not have stay what they
  /// were.
  fileprivate func element(of tensor: Tensor) throws -> ElementType {
    let named: ElementType? =
      switch node.opType {
      case "Cast", "BitCast":
        try int("to").map { try ElementType(number: Int32(clamping: $0), of: "to") }
      case "CastLike": try value(1).element
      case "Constant", "ConstantOfShape": try self.tensor("value")?.element
      case "QuantizeLinear", "DynamicQuantizeLinear": optionalValue(2)?.element ?? .uint8
      case "QLinearConv", "QLinearMatMul": optionalValue(7)?.element
      default: nil
      }
    if let named, named.dtype == tensor.dtype { return named }
    let source = values.lazy.compactMap { $0?.element }.first { $0.dtype == tensor.dtype }
    return source ?? ElementType(tensor.dtype)
  }
}
