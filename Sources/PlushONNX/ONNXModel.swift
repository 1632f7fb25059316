import Foundation
import PlushData
import PlushEngine
import PlushFormats
import PlushNN
import PlushTensor

/// A model read from an ONNX file: it predicts, can be summarized, trained further and saved.
///
/// Its nodes record tensor operators, so a call is compiled as a whole. Nodes that have weights are
/// its layers; the weights are named as in the file.
public final class ONNXModel: Model {
  /// The file without the elements of the weights.
  private let file: ONNXModelProto
  private let nodes: [ONNXNode]
  private let weightNames: [String]
  private var initial: [String: ONNXValue] = [:]
  private let inputs: [ONNXValueInfoProto]
  private let elements: [ElementType]
  private let shapes: [Shape]?
  private let functions: [String: ONNXFunctionProto]

  /// - Parameters:
  ///   - source: the bytes of the file.
  ///   - external: where elements in other files are.
  ///   - areWeightsBare: whether weights without elements are 0, as a file gives them later.
  init(
    _ source: ByteSource, external: ExternalData?, inputShapes: [Shape]? = nil,
    areWeightsBare: Bool = false
  ) throws {
    let (model, stored) = try ONNXModelProto.read(source)
    try model.check()
    let uses = ONNXWeightUse.all(in: model.graph)
    var file = model
    var layers: [String: ONNXNode] = [:]
    var order: [ONNXNode] = []
    var names: [String] = []
    var given = NameGiver(taken: [])
    for (index, proto) in model.graph.initializer.enumerated() {
      let isBare = areWeightsBare && uses[proto.name] != nil && stored[index] == nil
      let (tensor, element) =
        isBare ? try proto.zeros() : try proto.read(elements: stored[index], folder: external)
      guard element.dtype.isFloating, tensor.rank > 0, let use = uses[proto.name] else {
        initial[proto.name] = ONNXValue(tensor, element, isKnown: true)
        file.graph.initializer[index] = ONNXTensorProto(proto.name, tensor, as: element)
        continue
      }
      let key = use.node.output.first ?? ""
      let layer =
        layers[key]
        ?? ONNXNode(name: given.name(for: use.node.layerName), operation: use.node.opType)
      if layers.updateValue(layer, forKey: key) == nil { order.append(layer) }
      let variable = layer.add(proto.name, tensor, trainable: use.isTrainable)
      initial[proto.name] = ONNXValue(variable)
      names.append(proto.name)
      file.graph.initializer[index].clearElements()
    }
    self.file = file
    nodes = order
    weightNames = names
    let known = Set(model.graph.initializer.map(\.name))
    inputs = model.graph.input.filter { !known.contains($0.name) }
    elements = try inputs.map { try $0.element() }
    shapes = inputShapes ?? inputs.batchShapes
    functions = Dictionary(
      model.functions.map { ("\($0.domain)::\($0.name)", $0) }, uniquingKeysWith: { $1 })
    super.init(name: model.graph.name.isEmpty ? nil : model.graph.name.asLayerName)
  }

  /// Makes the model that `config` describes, all of whose weights are 0.
  ///
  /// - Throws: `FileError` or `ONNXError` if it describes none.
  public required init(config: JSON) throws {
    guard let text = config["model"]?.string, let data = Data(base64Encoded: text) else {
      throw ModelError(expected: "an ONNX model in the configuration", found: "none")
    }
    let other = try ONNXModel(
      ByteSource([UInt8](data), path: "configuration"), external: nil, areWeightsBare: true)
    file = other.file
    nodes = other.nodes
    weightNames = other.weightNames
    initial = other.initial
    inputs = other.inputs
    elements = other.elements
    shapes = config["shapes"]?.array?.compactMap { $0.array?.map(\.int) } ?? other.shapes
    functions = other.functions
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    let data: Data? = try? file.serializedData()
    config["model"] = .string(data?.base64EncodedString() ?? "")
    if let shapes {
      config["shapes"] = .array(shapes.map { .array($0.map { $0.map(JSON.int) ?? .null }) })
    }
    return config
  }

  /// Makes files of other formats able to hold such models.
  public static func register() { Layer.register(ONNXModel.self) }

  /// The versions of the sets of operators that the file counts on, by domain; ONNX's own is empty.
  public var opsets: [String: Int] { file.opsets }

  /// How often each operator stands in the graph.
  public var operators: [String: Int] {
    file.graph.node.reduce(into: [:]) { $0[$1.opType, default: 0] += 1 }
  }

  /// The names of the inputs in the file.
  public var graphInputs: [String] { inputs.map(\.name) }
  /// The names of the outputs in the file.
  public var graphOutputs: [String] { file.graph.output.map(\.name) }

  public override func build() throws {
    guard let shapes, shapes.allSatisfy({ !$0.isEmpty }) else {
      throw ONNXError(
        expected: "inputs of known shapes whose first axis counts samples",
        found: "\(inputs.map { "'\($0.name)' \($0.shape.map(\.text) ?? "of any shape")" })",
        hint: "give inputShapes to load, or compute with run(_:)")
    }
    try build(inputShapes: shapes)
  }

  /// The outputs for inputs in the order of the file.
  ///
  /// Values are computed as far as other nodes need to know them: results whose sizes depend on the
  /// values of inputs are possible, unlike with `predict`.
  ///
  /// - Throws: `ONNXError` that names the node that cannot take what comes.
  public func run(_ inputs: [Tensor]) throws -> [Tensor] {
    try evaluate(inputs, training: false, readsValues: true).computed()
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    let fixed = self.inputs.compactMap { $0.shape?.first ?? nil }.first
    let count = inputs.first?.shape.first ?? 0
    guard let fixed, fixed != count, count > 0 else {
      return try evaluate(inputs, training: training, readsValues: false)
    }
    // A graph for a fixed number of samples may do for others too.
    if let results = try? evaluate(inputs, training: training, readsValues: false),
      results.allSatisfy({ $0.shape.first == count })
    {
      return results
    }
    // Otherwise batch for batch, the last one filled up.
    let batches = (count + fixed - 1) / fixed
    let parts = inputs.map { input in
      let missing = (0, batches * fixed - count)
      return input.pad([missing] + input.shape.dropFirst().map { _ in (0, 0) })
        .split(count: batches)
    }
    let results = try (0..<batches).map { batch in
      try evaluate(parts.map { $0[batch] }, training: training, readsValues: false)
    }
    guard results[0].allSatisfy({ $0.rank > 0 }) else {
      throw ONNXError(
        expected: "\(fixed) samples, as the graph gives one number for all of them",
        found: "\(count)")
    }
    return results[0].indices.map { output in
      concatenate(results.map { $0[output] })[.stride(from: 0, to: count)]
    }
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try call([input], training: training)[0]
  }

  private func evaluate(
    _ tensors: [Tensor], training: Bool, readsValues: Bool
  ) throws -> [Tensor] {
    guard tensors.count == inputs.count else {
      throw ONNXError(
        expected: "\(inputs.count) inputs (\(graphInputs.joined(separator: ", ")))",
        found: "\(tensors.count)")
    }
    var values = initial
    for (place, info) in inputs.enumerated() {
      let (tensor, element) = (tensors[place].cast(to: elements[place].dtype), elements[place])
      if let shape = info.shape, shape.count != tensor.rank {
        throw ONNXError(
          expected: "\(shape.count) axes of the input '\(info.name)', \(shape.text)",
          found: "\(tensor.shape)")
      }
      values[info.name] = ONNXValue(tensor, element, isKnown: false)
    }
    let frozen = nodes.filter { !$0.trainable }.flatMap(\.weights).map { ObjectIdentifier($0) }
    let evaluation = Evaluation(
      opsets: file.opsets, functions: functions, readsValues: readsValues, isTraining: training,
      frozen: Set(frozen))
    return try evaluation.run(file.graph, Scope(values)).map(\.tensor)
  }

  /// The file with the weights of now.
  var proto: ONNXModelProto {
    var model = file
    for index in model.graph.initializer.indices {
      let name = model.graph.initializer[index].name
      guard let variable = initial[name]?.variable else { continue }
      model.graph.initializer[index] = ONNXTensorProto(name, untraced { variable.value })
    }
    return model
  }
}

extension ONNXTensorProto {
  /// Leaves type and sizes.
  fileprivate mutating func clearElements() {
    var bare = ONNXTensorProto()
    (bare.name, bare.dims, bare.dataType) = (name, dims, dataType)
    self = bare
  }

  /// Zeros of the sizes, which take no memory before somebody asks for them.
  fileprivate func zeros() throws -> (tensor: Tensor, element: ElementType) {
    let element = try ElementType(number: dataType, of: name)
    _ = try elementCount()
    return (Tensor.zeros(dims.map { Int($0) }, dtype: element.dtype), element)
  }
}

extension ONNXNodeProto {
  /// The name of the node as that of a layer.
  var layerName: String {
    (name.isEmpty ? output.first ?? opType : name).asLayerName
  }
}

extension String {
  /// Without what separates the parts of weights' names.
  fileprivate var asLayerName: String {
    split(separator: "/").joined(separator: "_").split(separator: ":").joined(separator: "_")
  }
}

extension [ONNXValueInfoProto] {
  /// The shapes of the inputs as those of batches; nil if any is not told.
  fileprivate var batchShapes: [Shape]? {
    let shapes = compactMap(\.shape)
    guard shapes.count == count, shapes.allSatisfy({ !$0.isEmpty }) else { return nil }
    return shapes.map { [nil] + $0.dropFirst() }
  }
}
