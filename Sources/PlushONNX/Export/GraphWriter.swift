import Foundation
import PlushEngine
import PlushTensor

/// The graph that is being written: nodes, the arrays that the file holds, and names.
struct GraphWriter {
  /// The version of ONNX's operators that is written.
  static let opset = 18

  private(set) var graph = ONNXGraphProto()
  /// The arrays that may be written, in the order of the program's inputs.
  private let arrays: [(name: String, tensor: Tensor)]
  private var constants: [String: String] = [:]
  private var arranged: [String: String] = [:]
  private var counts: [String: Int] = [:]
  private let batchInput: String
  private var taken: Set<String>

  /// - Parameter batchInput: an input whose first axis counts samples.
  init(arrays: [(name: String, tensor: Tensor)], batchInput: String, taken: [String]) {
    self.arrays = arrays
    self.batchInput = batchInput
    self.taken = Set(taken)
  }

  /// Adds a node and returns the name of its first output.
  @discardableResult
  mutating func node(
    _ operation: String, _ inputs: [String], _ attributes: [ONNXAttributeProto] = [],
    outputs: Int = 1
  ) -> String {
    var node = ONNXNodeProto()
    node.opType = operation
    node.input = inputs
    node.attribute = attributes
    node.name = newName(operation.lowercased())
    node.output = (0..<outputs).map { $0 == 0 ? "\(node.name):0" : "\(node.name):\($0)" }
    graph.node.append(node)
    return node.output[0]
  }

  /// Adds an operand to a node that was written.
  mutating func append(_ input: String, toNode index: Int) { graph.node[index].input.append(input) }

  /// A node of its own under the name of an output of the model.
  mutating func finish(_ name: String, as output: String) {
    var node = ONNXNodeProto()
    node.opType = "Identity"
    node.name = newName("identity")
    node.input = [name]
    node.output = [output]
    graph.node.append(node)
  }

  /// Lets a node's result have the name of an output of the model, wherever it is used.
  mutating func rename(_ name: String, to output: String) -> Bool {
    guard graph.node.contains(where: { $0.output.contains(name) }) else { return false }
    for index in graph.node.indices {
      graph.node[index].input = graph.node[index].input.map { $0 == name ? output : $0 }
      graph.node[index].output = graph.node[index].output.map { $0 == name ? output : $0 }
    }
    return true
  }

  mutating func setInterface(_ inputs: [ONNXValueInfoProto], _ outputs: [ONNXValueInfoProto]) {
    graph.input = inputs
    graph.output = outputs
  }

  /// Takes the nodes since a place away, as a graph of their own that sees the values around it.
  mutating func takeBody(
    from start: Int, name: String, inputs: [(name: String, dtype: DType)],
    outputs: [(name: String, dtype: DType)]
  ) -> ONNXGraphProto {
    var body = ONNXGraphProto()
    body.name = name
    body.node = Array(graph.node[start...])
    graph.node.removeSubrange(start...)
    func infos(_ values: [(name: String, dtype: DType)]) -> [ONNXValueInfoProto] {
      values.map { value in
        var info = ONNXValueInfoProto()
        info.name = value.name
        info.type.tensorType.elemType = ElementType(value.dtype).rawValue
        return info
      }
    }
    (body.input, body.output) = (infos(inputs), infos(outputs))
    return body
  }

  private mutating func newName(_ base: String) -> String {
    var name: String
    repeat {
      let number = counts[base, default: 0]
      counts[base] = number + 1
      name = number == 0 ? base : "\(base)_\(number)"
    } while !taken.insert(name).inserted
    return name
  }

  // MARK: Arrays of the file

  /// A stored array with its axes in an order.
  mutating func stored(_ index: Int, order: [Int]) -> String {
    let (name, tensor) = arrays[index]
    let isPlain = order == Array(order.indices)
    let key = isPlain ? name : "\(name):\(order.map(String.init).joined())"
    if arranged[key] == nil {
      let value = untraced { isPlain ? tensor : tensor.transpose(order) }
      graph.initializer.append(ONNXTensorProto(key, value))
      arranged[key] = key
    }
    return key
  }

  /// A stored array in another shape of as many elements.
  mutating func stored(_ index: Int, shape: [Int]) -> String {
    let (name, tensor) = arrays[index]
    let key = "\(name):\(shape.map(String.init).joined(separator: "x"))"
    if arranged[key] == nil {
      graph.initializer.append(ONNXTensorProto(key, untraced { tensor.reshape(shape) }))
      arranged[key] = key
    }
    return key
  }

  mutating func integers(_ values: [Int]) -> String {
    constant("i\(values)", Tensor(values.map { Int64($0) }, shape: [values.count]))
  }

  mutating func scalar(_ value: Scalar, _ dtype: DType) -> String {
    let tensor =
      dtype.isFloating || dtype == .bool
      ? Tensor([value.real], shape: [], dtype: dtype)
      : Tensor([value.integer], shape: [], dtype: dtype)
    return constant("\(dtype) \(value)", tensor)
  }

  mutating func constant(_ key: String, _ tensor: @autoclosure () -> Tensor) -> String {
    if let known = constants[key] { return known }
    let name = newName("constant")
    graph.initializer.append(ONNXTensorProto(name, untraced { tensor() }))
    constants[key] = name
    return name
  }

  // MARK: Shapes

  /// The name of a vector with the sizes.
  mutating func shape(_ extents: [Extent]) -> String {
    if let sizes = extents.sizes { return integers(sizes) }
    let key = "shape \(extents)"
    if let known = arranged[key] { return known }
    let parts = extents.map { extent in
      switch extent {
      case .fixed(let size): integers([size])
      case .batch(let times): batchSize(times)
      }
    }
    let name = parts.count == 1 ? parts[0] : node("Concat", parts, [.int("axis", 0)])
    arranged[key] = name
    return name
  }

  /// So many times the samples of the batch, as a vector of one number.
  private mutating func batchSize(_ times: Int) -> String {
    let key = "batch \(times)"
    if let known = arranged[key] { return known }
    let single =
      arranged["batch 1"]
      ?? node("Shape", [batchInput], [.int("start", 0), .int("end", 1)])
    arranged["batch 1"] = single
    let name = times == 1 ? single : node("Mul", [single, integers([times])])
    arranged[key] = name
    return name
  }

  /// Sizes as `Reshape` takes them: one that is not fixed is computed from the others.
  mutating func reshapeTarget(_ extents: [Extent]) -> String {
    let open = extents.count { !$0.isFixed }
    guard open == 1, !extents.contains(.fixed(0)) else { return shape(extents) }
    return integers(extents.map { $0.size ?? -1 })
  }

  // MARK: Values in a form

  /// The value with its axes in an order, repeated elements still once.
  mutating func arrange(_ value: ExportedValue, _ order: [Int]) -> String {
    if let constant = value.constant { return scalar(constant, value.dtype) }
    if value.rank == order.count, value.order == order {
      return value.stored.map { stored($0, order: order) } ?? value.name
    }
    let plain = Array(order.indices)
    if order == plain, value.isInOrder {
      return value.stored.map { stored($0, order: value.order) } ?? value.name
    }
    let key = "\(value.name) \(value.order) \(order)"
    if value.stored == nil, let known = arranged[key] { return known }
    let shape = value.shape.aligned(order.count)
    // What has one axis only is as good as in any order.
    if shape.count(where: { $0 != .fixed(1) }) <= 1 {
      let target = order.map { shape[$0] }
      if let index = value.stored, let sizes = target.sizes { return stored(index, shape: sizes) }
      let name = node("Reshape", [value.name, reshapeTarget(target)])
      arranged[key] = name
      return name
    }
    if let index = value.stored, value.rank == order.count { return stored(index, order: order) }
    var name = value.stored.map { stored($0, order: value.order) } ?? value.name
    if value.rank < order.count, order != plain {
      // Axes in order first, then ones before them.
      name =
        value.isInOrder ? name : node("Transpose", [name], [.ints("perm", value.order.inverse)])
      name = node("Reshape", [name, reshapeTarget(shape)])
      name = node("Transpose", [name], [.ints("perm", order)])
    } else {
      let inverse = value.order.inverse
      let target = value.rank < order.count ? Array(0..<value.rank) : order
      name = node("Transpose", [name], [.ints("perm", target.map { inverse[$0] })])
    }
    arranged[key] = name
    return name
  }

  /// The value with its axes in an order and all its elements.
  mutating func full(_ value: ExportedValue, _ shape: [Extent], _ order: [Int]? = nil) -> String {
    let order = order ?? Array(shape.indices)
    let name = arrange(value, order)
    let isWhole = value.constant == nil && value.rank == shape.count && value.shape == shape
    if isWhole || (shape.isEmpty && value.constant != nil) { return name }
    let key = "full \(name) \(shape) \(order)"
    if let known = arranged[key] { return known }
    let result = node("Expand", [name, self.shape(order.map { shape[$0] })])
    arranged[key] = result
    return result
  }
}

extension ONNXAttributeProto {
  static func int(_ name: String, _ value: Int) -> ONNXAttributeProto {
    with(name, .int) { $0.i = Int64(value) }
  }

  static func ints(_ name: String, _ values: [Int]) -> ONNXAttributeProto {
    with(name, .ints) { $0.ints = values.map { Int64($0) } }
  }

  static func float(_ name: String, _ value: Double) -> ONNXAttributeProto {
    with(name, .float) { $0.f = Float(value) }
  }

  static func string(_ name: String, _ value: String) -> ONNXAttributeProto {
    with(name, .string) { $0.s = Data(value.utf8) }
  }

  static func graph(_ name: String, _ value: ONNXGraphProto) -> ONNXAttributeProto {
    with(name, .graph) { $0.g = value }
  }

  private static func with(
    _ name: String, _ type: ONNXAttributeProto.AttributeType,
    _ body: (inout ONNXAttributeProto) -> Void
  ) -> ONNXAttributeProto {
    var attribute = ONNXAttributeProto()
    attribute.name = name
    attribute.type = type
    body(&attribute)
    return attribute
  }
}
