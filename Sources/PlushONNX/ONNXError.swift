import PlushEngine

/// What is wrong with an ONNX model or one of its nodes: where, what was expected, what came and how
/// to mend it.
public struct ONNXError: PlushError, Hashable {
  /// The node, as in `'conv1' (Conv, opset 13)`; nil if the fault is not one node's.
  public var node: String?
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?

  init(node: String? = nil, expected: String, found: String, hint: String? = nil) {
    self.node = node
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What was expected and what came, where.
  public var message: String {
    "ONNX\(node.map { " node \($0)" } ?? ""): expected \(expected), got \(found)"
  }
}
