import PlushEngine
import PlushTensor

/// A step of a model: weights, and how outputs are computed from inputs.
///
/// The contract is that of Keras. A layer of your own overrides
/// - `outputShape(for:)`, the shape of the outputs for a shape of the inputs;
/// - `build(inputShape:)`, which makes the weights with `addWeight`;
/// - `call(_:training:)`, which computes;
/// - `config` and `init(config:)`, to be saved and loaded (with `Layer.register`).
///
/// Layers with several inputs or outputs override the forms of these methods that take lists.
open class Layer {
  /// The name, unique in its model, which also names the weights: `dense/kernel`.
  public internal(set) var name: String
  /// Whether training changes the weights.
  open var trainable: Bool { didSet { WeightChanges.note() } }
  /// The shape of the inputs given when the layer was made, with the axis of samples first.
  public let declaredInputShape: Shape?
  /// Whether the weights have been made.
  public private(set) var built = false
  /// Whether the name was not chosen by the user.
  private(set) var hasAutomaticName: Bool

  /// What calls added to the loss, such as penalties on the outputs, since it was last emptied.
  public internal(set) var addedLosses: [Tensor] = []
  private var ownWeights: [OwnWeight] = []

  private struct OwnWeight {
    let name: String
    let variable: Variable
    let trainable: Bool
    let regularizer: Regularizer?
  }

  /// Creates a layer.
  ///
  /// - Parameters:
  ///   - name: the name; by default the model gives one, such as `dense_1`.
  ///   - trainable: whether training changes the weights.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  public init(name: String? = nil, trainable: Bool = true, inputShape: [Int?]? = nil) {
    self.name = name ?? Self.className.snakeCase
    hasAutomaticName = name == nil
    self.trainable = trainable
    declaredInputShape = inputShape.map { [nil] + $0 }
  }

  /// Creates a layer from a configuration, as `config` gives it.
  ///
  /// - Throws: an error if the configuration lacks something or contradicts itself.
  public required init(config: JSON) throws {
    let name = config["name"]?.string
    self.name = name ?? Self.className.snakeCase
    hasAutomaticName = name == nil
    trainable = config["trainable"]?.bool ?? true
    declaredInputShape = (config["batch_input_shape"] ?? config["batch_shape"]).flatMap(Shape.init)
  }

  /// The class in files: by default the name of the Swift class.
  open class var className: String { String(describing: Self.self) }

  /// The configuration, by the names of Keras, from which `init(config:)` makes an equal layer.
  ///
  /// A layer of your own adds its members to those of `super.config`.
  open var config: JSON {
    var config: JSON = [
      "name": .string(name), "trainable": .bool(trainable), "dtype": "float32",
    ]
    if let shape = declaredInputShape { config["batch_input_shape"] = shape.json }
    return config
  }

  // MARK: What a layer overrides

  /// Makes the weights for inputs of this shape.
  open func build(inputShape: Shape) throws {}

  /// Makes the weights for inputs of these shapes.
  open func build(inputShapes: [Shape]) throws {
    try build(inputShape: try single(inputShapes))
  }

  /// The shape of the output for an input of this shape; by default the same.
  open func outputShape(for inputShape: Shape) throws -> Shape { inputShape }

  /// The shapes of the outputs for inputs of these shapes.
  open func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    [try outputShape(for: try single(inputShapes))]
  }

  /// Computes the output.
  open func call(_ input: Tensor, training: Bool) throws -> Tensor {
    throw ModelError(
      layer: label, expected: "a layer that overrides call(_:training:)",
      found: "a call of \(Self.className), which does not")
  }

  /// Computes the outputs.
  open func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    guard inputs.count == 1 else {
      throw shapeError(expected: "one input", found: "\(inputs.count)")
    }
    return [try call(inputs[0], training: training)]
  }

  /// The layers inside this one, whose weights are its own too.
  open var sublayers: [Layer] { [] }

  /// The function that `call` applies last, if `callBeforeActivation` can leave it out.
  ///
  /// Losses such as cross-entropy are computed from what comes before a softmax or sigmoid.
  open var outputActivation: Activation? { nil }

  /// What `call` computes before it applies `outputActivation`.
  open func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    try call(input, training: training)
  }

  // MARK: For the code of layers

  /// Makes a weight and adds it to the layer's.
  ///
  /// - Parameters:
  ///   - name: the name within the layer, such as `kernel`.
  ///   - shape: its shape.
  ///   - initializer: its first values.
  ///   - regularizer: a penalty on it that is added to the loss.
  ///   - trainable: whether the optimizer changes it.
  public func addWeight(
    _ name: String, shape: [Int], initializer: Initializer, regularizer: Regularizer? = nil,
    trainable: Bool = true
  ) -> Variable {
    let variable = Variable(
      initializer(shape), name: "\(self.name)/\(name)", trainable: trainable)
    ownWeights.append(
      OwnWeight(name: name, variable: variable, trainable: trainable, regularizer: regularizer))
    WeightChanges.note()
    return variable
  }

  /// Adds a scalar to the loss of the training step that calls the layer.
  public func addLoss(_ loss: Tensor) { addedLosses.append(loss) }

  /// An error about the shape of the inputs of this layer.
  public func shapeError(expected: String, found: String, hint: String? = nil) -> ModelError {
    ModelError(layer: label, expected: expected, found: found, hint: hint)
  }

  /// The name and class, for errors.
  public var label: String { "'\(name)' (\(Self.className))" }

  private func single(_ shapes: [Shape]) throws -> Shape {
    guard shapes.count == 1 else {
      throw shapeError(
        expected: "one input", found: "\(shapes.count): \(shapes.text)",
        hint: "join them first, as with Concatenate()")
    }
    return shapes[0]
  }
}

// MARK: - Building and calling

extension Layer {
  /// Makes the weights if that has not been done.
  final func buildOnce(_ inputShapes: [Shape]) throws {
    if built { return }
    try naming { try untraced { try build(inputShapes: inputShapes) } }
    built = true
  }

  /// The shapes of the outputs; errors name this layer.
  final func checkedOutputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try naming { try outputShapes(for: inputShapes) }
  }

  private func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as ModelError {
      if error.layer == nil { error.layer = label }
      throw error
    }
  }

  /// Takes the name that a model gives.
  final func takeName(from names: inout NameGiver) {
    if hasAutomaticName && !built { name = names.name(for: Self.className.snakeCase) }
    hasAutomaticName = false
  }

  /// Computes the output of a value, making the weights first if needed.
  public func callAsFunction(_ input: Tensor, training: Bool = false) throws -> Tensor {
    try self([input], training: training)[0]
  }

  /// Computes the outputs of values, making the weights first if needed.
  public func callAsFunction(_ inputs: [Tensor], training: Bool = false) throws -> [Tensor] {
    let shapes = inputs.map { tensor -> Shape in tensor.shape }
    _ = try checkedOutputShapes(for: shapes)
    try buildOnce(shapes)
    return try naming { try call(inputs, training: training) }
  }
}

// MARK: - Weights

/// Counts how often, in any layer, weights came or it changed whether they are trained: whoever
/// depends on it need not look through a model at every step.
enum WeightChanges {
  private static let lock = Lock()
  nonisolated(unsafe) private static var changes = 0

  static var count: Int { lock.withLock { changes } }

  static func note() { lock.withLock { changes += 1 } }
}

/// A weight with its name in the model.
public struct NamedWeight {
  /// The name, such as `dense/kernel`.
  public let name: String
  /// The value.
  public let variable: Variable
  /// Whether training changes it.
  public let trainable: Bool
}

extension Layer {
  /// The weights with their names, in the order in which they were made.
  public var namedWeights: [NamedWeight] { namedWeights(prefix: namePrefix, trainable: true) }

  /// What stands before the names of the weights.
  private var namePrefix: String { self is Model ? "" : "\(name)/" }

  private func namedWeights(prefix: String, trainable outer: Bool) -> [NamedWeight] {
    let trains = outer && trainable
    let own = ownWeights.map {
      NamedWeight(
        name: prefix + $0.name, variable: $0.variable, trainable: trains && $0.trainable)
    }
    let inner = uniqueSublayers.flatMap {
      $0.namedWeights(prefix: "\(prefix)\($0.name)/", trainable: trains)
    }
    return own + inner
  }

  private var uniqueSublayers: [Layer] {
    var seen: Set<ObjectIdentifier> = []
    return sublayers.filter { seen.insert(ObjectIdentifier($0)).inserted }
  }

  /// All weights.
  public var weights: [Variable] { namedWeights.map(\.variable) }
  /// The weights that training changes.
  public var trainableWeights: [Variable] {
    namedWeights.filter(\.trainable).map(\.variable)
  }
  /// The weights that training leaves or that only count, such as moving averages.
  public var nonTrainableWeights: [Variable] {
    namedWeights.filter { !$0.trainable }.map(\.variable)
  }

  /// How many numbers the weights hold.
  public var parameterCount: Int { weights.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// The penalties on the weights of this layer and those inside.
  func regularizationLosses() -> [Tensor] {
    ownWeights.compactMap { weight in weight.regularizer.map { $0(weight.variable.value) } }
      + uniqueSublayers.flatMap { $0.regularizationLosses() }
  }

  /// Takes away what calls added to the loss.
  func takeAddedLosses() -> [Tensor] {
    defer { addedLosses = [] }
    return addedLosses + uniqueSublayers.flatMap { $0.takeAddedLosses() }
  }
}
