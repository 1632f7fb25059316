import PlushTensor

/// A network of layers, from its inputs to its outputs.
///
/// A model is a layer too: call it on symbolic tensors to make it part of another.
open class Model: Layer {
  /// The graph of calls, once it is known.
  private(set) var graph: Graph?
  /// How the model learns, after `compile`.
  public internal(set) var training: Training?
  /// The programs of `predict`.
  private(set) lazy var prediction = Prediction(self)

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

  /// A model whose graph is not known yet.
  init(unbuilt name: String?) { super.init(name: name) }

  /// Makes the model that a file describes.
  ///
  /// - Throws: `ModelError` that names the layer at fault.
  public required init(config: JSON) throws {
    try super.init(config: config)
    if Self.self == Model.self { try setGraph(Graph(config: config)) }
  }

  open override class var className: String { self == Model.self ? "Functional" : super.className }

  open override var config: JSON {
    guard let graph else { return ["name": .string(name)] }
    return graph.config(name: name)
  }

  /// The layers, those next to the inputs first.
  open var layers: [Layer] { graph?.layers ?? [] }

  public override var sublayers: [Layer] { layers }

  /// The shapes of the inputs, the axis of samples first.
  public var inputShapes: [Shape] { graph?.inputs.map(\.shape) ?? [] }
  /// The shapes of the outputs, the axis of samples first.
  public var outputShapes: [Shape] { graph?.outputs.map(\.shape) ?? [] }
  /// The names of the inputs.
  public var inputNames: [String] { graph?.inputs.map(\.node.layer.name) ?? [] }
  /// The names of the outputs: those of the layers that compute them.
  public var outputNames: [String] { graph?.outputs.map(\.node.layer.name) ?? [] }

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
    guard graph != nil else {
      throw ModelError(
        expected: "a model whose inputs have a known shape", found: "one that has none",
        hint: "give the first layer an inputShape, as in Dense(32, inputShape: [784])")
    }
  }

  open override func build(inputShapes: [Shape]) throws { try build() }

  open override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try build()
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

  open override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    try build()
    guard let graph else { return [] }
    try check(inputs.map { $0.shape })
    return try graph.run(graph.converted(inputs), training: training).outputs
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
