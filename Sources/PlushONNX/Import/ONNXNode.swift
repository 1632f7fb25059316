import PlushNN
import PlushTensor

/// A node of an ONNX model that has weights of its own.
public final class ONNXNode: Layer {
  /// The operator, such as `Conv`.
  public let operation: String

  init(name: String, operation: String) {
    self.operation = operation
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    throw ModelError(
      expected: "the model of a node", found: "the node alone",
      hint: "load the model that it belongs to")
  }

  func add(_ name: String, _ value: Tensor, trainable: Bool) -> Variable {
    addWeight(name, value: value, trainable: trainable)
  }
}

/// Which arrays of a file are weights.
struct ONNXWeightUse {
  /// The node that reads a weight first.
  var node: ONNXNodeProto
  /// Whether training changes it.
  var isTrainable: Bool

  /// Operands that set how a node works and are not weights.
  private static let settings: [String: Set<Int>] = [
    "Resize": [1, 2], "Upsample": [1], "Clip": [1, 2], "Pad": [2], "Range": [0, 1, 2],
    "OneHot": [1, 2], "Dropout": [1, 2], "QuantizeLinear": [1, 2], "DequantizeLinear": [0, 1, 2],
    "Tile": [1], "Expand": [1], "Reshape": [1], "TopK": [1], "NonMaxSuppression": [2, 3, 4],
    "CumSum": [1], "Slice": [1, 2, 3, 4], "Compress": [1], "NonZero": [0], "Unique": [0],
  ]

  /// The uses of initializers as weights, by their names.
  static func all(in graph: ONNXGraphProto) -> [String: ONNXWeightUse] {
    var uses: [String: ONNXWeightUse] = [:]
    for node in graph.node {
      let names = node.input + node.attribute.flatMap { $0.g.node.flatMap(\.input) }
      for (index, name) in names.enumerated() where uses[name] == nil {
        if settings[node.opType]?.contains(index) == true { continue }
        let isMoment = node.opType == "BatchNormalization" && index >= 3
        uses[name] = ONNXWeightUse(node: node, isTrainable: !isMoment)
      }
    }
    return uses
  }
}
