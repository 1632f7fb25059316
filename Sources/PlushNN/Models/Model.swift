import PlushEngine
import PlushTensor

/// A network of layers, from its inputs to its outputs.
///
/// A model is a layer too: call it on symbolic tensors to make it part of another.
///
/// A model of your own that no graph describes is a subclass: its layers are its stored properties,
/// and it overrides `call`.
///
/// ```swift
/// final class Siamese: Model {
///   let encoder = Dense(8, activation: .relu)
///   let head = Dense(1, activation: .sigmoid)
///
///   override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
///     let (left, right) = (try encoder(inputs[0]), try encoder(inputs[1]))
///     return [try head((left - right).abs())]
///   }
/// }
/// ```
///
/// Its weights are made when the first data comes, or by `build(inputShapes:)`. With `config` and
/// `init(config:)`, and `Layer.register`, it can be saved and loaded.
open class Model: Layer {
  /// The graph of calls, once it is known.
  private(set) var graph: Graph?
  /// How the model learns, after `compile`.
  public internal(set) var training: Training? {
    didSet { knownPrediction = nil }
  }
  /// The programs of `predict`.
  var prediction: Prediction {
    if let known = knownPrediction, known.serves(self) { return known }
    let made = Prediction(self)
    knownPrediction = made
    return made
  }
  private var knownPrediction: Prediction?
  /// Whether a subclass overrides `call` instead of giving a graph.
  private(set) var callsItself = false
  /// The shapes for which the weights of such a model were made before it was saved.
  private var savedInputShapes: [Shape]?

  /// Makes a model of what lies between inputs and outputs.
  ///
  /// - Throws: `ModelError` that names the layer whose inputs do not fit.
  public init(inputs: [SymbolicTensor], outputs: [SymbolicTensor], name: String? = nil) throws {
    super.init(name: name)
    try setGraph(Graph(inputs: inputs, outputs: outputs))
  }

  /// Makes a model of what lies between an input and an output.
  ///
  /// - Throws: `ModelError` that names the layer whose inputs do not fit.
  public convenience init(
    inputs: SymbolicTensor, outputs: SymbolicTensor, name: String? = nil
  ) throws {
    try self.init(inputs: [inputs], outputs: [outputs], name: name)
  }

  /// Makes a model that overrides `call`.
  ///
  /// - Parameters:
  ///   - name: the name; by default it comes from the class.
  ///   - inputShape: the shape of one sample; by default that of the first data.
  public init(name: String? = nil, inputShape: [Int?]? = nil) {
    super.init(name: name, inputShape: inputShape)
    callsItself = true
  }

  /// A model whose graph is not known yet.
  init(unbuilt name: String?) { super.init(name: name) }

  /// Makes the model that a file describes.
  ///
  /// - Throws: `ModelError` that names the layer at fault.
  public required init(config: JSON) throws {
    try super.init(config: config)
    if Self.self == Model.self {
      try setGraph(Graph(config: config))
    } else {
      callsItself = !(self is Sequential)
      savedInputShapes = config["build_input_shapes"]?.array?.compactMap(Shape.init)
    }
  }

  open override class var className: String { self == Model.self ? "Functional" : super.className }

  open override var config: JSON {
    var config: JSON = ["name": .string(name), "trainable": .bool(trainable)]
    if callsItself {
      if dtypePolicy != .float32 { config["dtype"] = dtypePolicy.config }
      if let shape = declaredInputShape { config["batch_input_shape"] = shape.json }
      if graph != nil { config["build_input_shapes"] = .array(inputShapes.map(\.json)) }
    } else if let graph {
      for (key, value) in graph.config { config[key] = value }
    }
    return config
  }

  /// The layers, those next to the inputs first; of a model that overrides `call` those in its
  /// stored properties.
  open var layers: [Layer] { callsItself ? super.sublayers : graph?.layers ?? [] }

  open override var sublayers: [Layer] { layers }

  /// The shapes of the inputs, the axis of samples first.
  public var inputShapes: [Shape] { graph?.inputs.map(\.shape) ?? [] }
  /// The shapes of the outputs, the axis of samples first.
  public var outputShapes: [Shape] { graph?.outputs.map(\.shape) ?? [] }
  /// The names of the inputs.
  public var inputNames: [String] { graph?.inputs.map(\.node.layer.name) ?? [] }
  /// The names of the outputs: those of the layers that compute them, numbered if one computes
  /// several.
  public var outputNames: [String] {
    var names = NameGiver(taken: [])
    return graph?.outputs.map { names.name(for: $0.node.layer.name) } ?? []
  }

  /// The types of the inputs.
  package var inputTypes: [DType] {
    graph?.inputs.map { ($0.node.layer as? InputLayer)?.dtype ?? .float32 } ?? []
  }

  /// The layer with this name, or nil.
  public func layer(named name: String) -> Layer? { layers.first { $0.name == name } }

  /// Names the layers of the graph and makes their weights.
  final func setGraph(_ graph: Graph) throws {
    let own = graph.layers.filter { !$0.hasAutomaticName }
    if let twice = own.firstRepeated(by: \.name) {
      throw ModelError(
        layer: twice.label, expected: "every name once",
        found: "two layers of this name", hint: "give one of them another name")
    }
    var names = NameGiver(taken: own.map(\.name))
    // Names count in the order in which a reader meets the layers.
    for node in graph.nodes { node.layer.takeName(from: &names) }
    try graph.build()
    self.graph = graph
    try buildOnce(inputShapes)
  }

  /// Makes the graph and the weights, if that takes no more than what is known.
  ///
  /// - Throws: `ModelError` that names the layer at fault.
  open func build() throws {
    if graph != nil { return }
    if callsItself, let shapes = savedInputShapes ?? declaredInputShape.map({ [$0] }) {
      return try buildCall(shapes)
    }
    throw ModelError(
      expected: "a model whose inputs have a known shape", found: "one that has none",
      hint: callsItself
        ? "give an inputShape, or call build(inputShapes: [[nil, 784]])"
        : "give the first layer an inputShape, as in Dense(32, inputShape: [784])")
  }

  /// Makes the weights for inputs of these shapes, the axis of samples first, if that takes them.
  final func build(forInputs shapes: [Shape]) throws {
    if graph != nil { return }
    if let sequential = self as? Sequential, let shape = shapes.first, !shape.isEmpty {
      try sequential.build(batchShape: shape)
    } else if callsItself && declaredInputShape == nil {
      try buildCall(shapes.map { [nil] + $0.dropFirst() })
    } else {
      try build()
    }
  }

  /// Whether the shape of the inputs is not known before the data come.
  var waitsForData: Bool { callsItself && declaredInputShape == nil && savedInputShapes == nil }

  /// Makes the graph of a model that overrides `call`, which is a single step.
  private func buildCall(_ shapes: [Shape]) throws {
    if shapes.count == 1 { try naming { try untraced { try build(inputShape: shapes[0]) } } }
    let inputs = shapes.map { SymbolicTensor(shape: Array($0.dropFirst())) }
    let node = Node(OwnCall(self), inputs)
    try setGraph(Graph(inputs: inputs, outputs: node.outputs))
  }

  open override func build(inputShapes: [Shape]) throws { try build(forInputs: inputShapes) }

  open override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try build(forInputs: inputShapes)
    try check(inputShapes)
    guard let graph else { return [] }
    if inputShapes == self.inputShapes { return outputShapes }
    // Other sizes than the declared ones: ask the layers.
    var shapes: [ObjectIdentifier: [Shape]] = [:]
    for (input, shape) in zip(graph.inputs, inputShapes) {
      shapes[ObjectIdentifier(input.node)] = [shape]
    }
    for node in graph.nodes where !(node.layer is InputLayer) {
      let arguments = node.inputs.map { shapes[ObjectIdentifier($0.node)]![$0.index] }
      shapes[ObjectIdentifier(node)] = try node.layer.checkedOutputShapes(for: arguments)
    }
    return graph.outputs.map { shapes[ObjectIdentifier($0.node)]![$0.index] }
  }

  /// Checks the shapes of given inputs.
  final func check(_ shapes: [Shape]) throws {
    guard shapes.count == inputShapes.count else {
      throw ModelError(
        expected: "\(inputShapes.count) inputs (\(inputNames.joined(separator: ", ")))",
        found: "\(shapes.count)")
    }
    for ((shape, expected), name) in zip(zip(shapes, inputShapes), inputNames)
    where !shape.fits(expected) {
      throw ModelError(
        layer: "'\(name)' (InputLayer)", expected: "an input of shape \(expected.text)",
        found: shape.text, hint: Model.hint(shape, expected))
    }
  }

  /// What most likely is to be done about an input of the wrong shape.
  static func hint(_ shape: Shape, _ expected: Shape) -> String? {
    if shape.count == expected.count - 1 {
      if ([nil] + shape).fits(expected) {
        return "a single sample is still a batch: use expandDims(axis: 0)"
      }
      if (shape + [1]).fits(expected) { return "add the last axis with expandDims(axis: -1)" }
    }
    let wanted = expected.dropFirst().compactMap { $0 }.reduce(1, *)
    let given = shape.dropFirst().compactMap { $0 }.reduce(1, *)
    guard wanted == given, shape != expected else { return nil }
    let sizes = expected.dropFirst().map { $0.map(String.init) ?? "-1" }
    return "the sizes agree: reshape([\((["-1"] + sizes).joined(separator: ", "))])"
  }

  /// Computes the outputs; a model that overrides `call` for one input computes them with it.
  ///
  /// - Throws: `ModelError` that names the layer at fault, if one cannot take what comes.
  open override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    if callsItself { return try super.call(inputs, training: training) }
    return try run(inputs, masks: inputs.map { _ in nil }, training: training).outputs
  }

  open override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    if callsItself { return try super.call(inputs, masks: masks, training: training) }
    return try run(inputs, masks: masks, training: training).outputs
  }

  override func run(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> MaskedOutputs {
    if callsItself { return try super.run(inputs, masks: masks, training: training) }
    try build(forInputs: inputs.map { $0.shape })
    guard let graph else { return MaskedOutputs([], []) }
    try check(inputs.map { $0.shape })
    let results = try graph.run(graph.converted(inputs), masks: masks, training: training)
    return MaskedOutputs(results.outputs, results.masks)
  }
}

/// The whole of a model that overrides `call`, as a step of its graph.
private final class OwnCall: Layer {
  private unowned let model: Model

  init(_ model: Model) {
    self.model = model
    super.init(name: model.name)
  }

  required init(config: JSON) throws {
    throw ModelError(expected: "a layer of a file", found: "the call of a model")
  }

  // The model itself lists its layers.
  override var sublayers: [Layer] { [] }

  override func build(inputShapes: [Shape]) throws {}

  override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try model.naming { try model.outputShapesByCall(for: inputShapes) }
  }

  override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    try model.call(inputs, masks: masks, training: training)
  }

  override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) throws -> [Tensor?] {
    try model.outputMasks(for: inputs, masks: masks)
  }
}

extension Graph {
  /// The inputs in the types that the input layers ask for.
  func converted(_ tensors: [Tensor]) -> [Tensor] {
    zip(inputs, tensors).map { input, tensor in
      guard let layer = input.node.layer as? InputLayer, tensor.dtype != layer.dtype else {
        return tensor
      }
      return tensor.cast(to: layer.dtype)
    }
  }
}

extension Sequence {
  /// The first element whose key an earlier one has too.
  func firstRepeated<Key: Hashable>(by key: (Element) -> Key) -> Element? {
    var seen: Set<Key> = []
    return first { !seen.insert(key($0)).inserted }
  }
}
