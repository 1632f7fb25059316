import PlushTensor

/// A model that is a row of layers.
///
/// ```swift
/// let model = Sequential {
///   Dense(32, activation: .relu, inputShape: [784])
///   Dense(10, activation: .softmax)
/// }
/// ```
///
/// Without an `inputShape` the weights are made when the first data comes.
public final class Sequential: Model {
  private var row: [Layer]

  /// Makes a model of layers.
  public init(_ layers: [Layer] = [], name: String? = nil) {
    row = layers
    super.init(unbuilt: name)
  }

  /// Makes a model of the layers that a closure lists.
  public convenience init(name: String? = nil, @LayerBuilder _ layers: () -> [Layer]) {
    self.init(layers(), name: name)
  }

  public required init(config: JSON) throws {
    let layers = try config.array ?? config.get("layers", \.array)
    row = try layers.map { json in
      try Layer.make(className: try json.get("class_name", \.string), config: json["config"] ?? [:])
    }
    try super.init(config: config)
    if let shape = config["build_input_shape"].flatMap(Shape.init), declaredShape == nil {
      try build(batchShape: shape)
    } else if declaredShape != nil {
      try build()
    }
  }

  public override var config: JSON {
    var config: JSON = [
      "name": .string(name), "trainable": .bool(trainable),
      "layers": .array(row.map(\.classAndConfig)),
    ]
    if declaredShape == nil, let shape = inputShapes.first {
      config["build_input_shape"] = shape.json
    }
    return config
  }

  public override var layers: [Layer] { row }

  /// Adds a layer at the end.
  ///
  /// - Precondition: the model has not been built, which `compile`, `fit` and `summary` do.
  public func add(_ layer: Layer) {
    precondition(graph == nil, "layers are added before the model is compiled, trained or called")
    row.append(layer)
  }

  private var declaredShape: Shape? {
    guard let first = row.first else { return nil }
    return (first as? InputLayer)?.batchShape ?? first.declaredInputShape
      ?? (first as? Sequential)?.declaredShape ?? (first as? Model)?.inputShapes.first
  }

  /// Whether the shape of the inputs is not known before the data come.
  override var waitsForData: Bool { !row.isEmpty && declaredShape == nil }

  public override func build() throws {
    if graph != nil { return }
    guard !row.isEmpty else {
      throw ModelError(expected: "at least one layer", found: "an empty Sequential")
    }
    guard let shape = declaredShape else { return try super.build() }
    try build(batchShape: shape)
  }

  /// Makes the weights for inputs of a shape, the axis of samples first, unless the layers say it.
  func build(batchShape: Shape) throws {
    if graph != nil { return }
    var rest = row[...]
    let inputLayer = rest.first as? InputLayer
    if inputLayer != nil { rest.removeFirst() }
    let shape = declaredShape ?? batchShape
    let layer = inputLayer ?? InputLayer(shape: Array(shape.dropFirst()))
    let input = Node(input: layer).outputs[0]
    let output = rest.reduce(input) { $1($0) }
    try setGraph(Graph(inputs: [input], outputs: [output]))
  }
}

/// Lists layers in the closure of a `Sequential`.
@resultBuilder public enum LayerBuilder {
  /// One layer.
  public static func buildExpression(_ layer: Layer) -> [Layer] { [layer] }
  /// Several layers.
  public static func buildExpression(_ layers: [Layer]) -> [Layer] { layers }
  /// One after the other.
  public static func buildBlock(_ parts: [Layer]...) -> [Layer] { parts.flatMap { $0 } }
  /// Layers of an `if` without `else`.
  public static func buildOptional(_ part: [Layer]?) -> [Layer] { part ?? [] }
  /// Layers of an `if`.
  public static func buildEither(first part: [Layer]) -> [Layer] { part }
  /// Layers of an `else`.
  public static func buildEither(second part: [Layer]) -> [Layer] { part }
  /// Layers of a loop.
  public static func buildArray(_ parts: [[Layer]]) -> [Layer] { parts.flatMap { $0 } }
}
