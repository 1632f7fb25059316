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
/// Layers in its stored properties are part of it, named as the properties are:
///
/// ```swift
/// final class Residual: Layer {
///   let inner = Dense(64, activation: .relu)
///   let outer = Dense(64)
///
///   override func call(_ input: Tensor, training: Bool) throws -> Tensor {
///     input + (try outer(inner(input)))
///   }
/// }
/// ```
///
/// A built layer that takes the place of another there is heeded when the model is compiled again.
open class Layer {
  /// The name, unique in its model, which also names the weights: `dense/kernel`.
  public internal(set) var name: String
  /// Whether training changes the weights; setting it sets it in the layers inside too.
  ///
  /// A step of training heeds the change at once.
  open var trainable: Bool {
    didSet {
      for layer in sublayers { layer.trainable = trainable }
      WeightChanges.note()
    }
  }
  /// The type in which the layer computes; setting it sets it in the layers inside too.
  public var dtypePolicy = DTypePolicy.float32 {
    didSet {
      for layer in sublayers { layer.dtypePolicy = dtypePolicy }
      WeightChanges.note()
    }
  }
  /// Whether the policy is to be handed on to layers inside, which a file does not list.
  private var handsPolicyOn = false
  /// The shape of the inputs given when the layer was made, with the axis of samples first.
  public let declaredInputShape: Shape?
  /// Whether the weights have been made.
  public private(set) var built = false
  /// Whether the name was not chosen by the user.
  private(set) var hasAutomaticName: Bool

  /// What calls added to the loss, such as penalties on the outputs, since it was last emptied.
  public internal(set) var addedLosses: [Tensor] = []
  private var ownWeights: [OwnWeight] = []

  /// What is wrong with a weight that `build` made.
  private var weightError: ModelError?

  private struct OwnWeight {
    let name: String
    let variable: Variable
    let trainable: Bool
    let regularizer: Regularizer?
    let constraint: Constraint?
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
    dtypePolicy = DTypePolicy(config: config["dtype"])
    handsPolicyOn = dtypePolicy != .float32
    declaredInputShape = (config["batch_input_shape"] ?? config["batch_shape"]).flatMap(Shape.init)
    if let shape = declaredInputShape, !shape.isPossible {
      throw ModelError(expected: "inputs that fit into memory", found: shape.text)
    }
  }

  /// The class in files: by default the name of the Swift class.
  open class var className: String { String(describing: Self.self) }

  /// The configuration, by the names of Keras, from which `init(config:)` makes an equal layer.
  ///
  /// A layer of your own adds its members to those of `super.config`.
  open var config: JSON {
    var config: JSON = [
      "name": .string(name), "trainable": .bool(trainable), "dtype": dtypePolicy.config,
    ]
    if let shape = declaredInputShape { config["batch_input_shape"] = shape.json }
    return config
  }

  // MARK: What a layer overrides

  /// Makes the weights for inputs of this shape, the axis of samples first; called once.
  ///
  /// - Throws: a `ModelError`, as of `shapeError`, if the layer cannot take them.
  open func build(inputShape: Shape) throws {}

  /// Makes the weights for inputs of these shapes.
  ///
  /// - Throws: a `ModelError`, as of `shapeError`, if the layer cannot take them.
  open func build(inputShapes: [Shape]) throws {
    try build(inputShape: try single(inputShapes))
  }

  /// The shape of the output for an input of this shape, the axis of samples first and nil where
  /// any size will do; by default the same.
  ///
  /// - Throws: a `ModelError`, as of `shapeError`, if the layer cannot take the input.
  open func outputShape(for inputShape: Shape) throws -> Shape { inputShape }

  /// The shapes of the outputs for inputs of these shapes.
  ///
  /// - Throws: a `ModelError`, as of `shapeError`, if the layer cannot take them.
  open func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    [try outputShape(for: try single(inputShapes))]
  }

  /// Computes the output, of shape `outputShape(for:)`; `training` tells whether the call is part
  /// of a training step.
  ///
  /// - Throws: an error if the input cannot be worked with.
  open func call(_ input: Tensor, training: Bool) throws -> Tensor {
    throw ModelError(
      layer: label, expected: "a layer that overrides call(_:training:)",
      found: "a call of \(Self.className), which does not")
  }

  /// Computes the outputs.
  ///
  /// - Throws: an error if the inputs cannot be worked with.
  open func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    guard inputs.count == 1 else {
      throw shapeError(expected: "one input", found: "\(inputs.count)")
    }
    return [try call(inputs[0], training: training)]
  }

  /// Computes the outputs of inputs of which only some steps count.
  ///
  /// - Parameters:
  ///   - inputs: the inputs.
  ///   - masks: for each input of shape [batch, steps, …] which steps count, of type bool and shape
  ///     [batch, steps]; nil where all do. A layer that ignores them need not override this.
  ///   - training: whether the call is part of a training step.
  /// - Throws: an error if the inputs cannot be worked with.
  open func call(_ inputs: [Tensor], masks: [Tensor?], training: Bool) throws -> [Tensor] {
    try call(inputs, training: training)
  }

  /// Whether what counts of the input is what counts of the output.
  open var supportsMasking: Bool { false }

  /// Which steps of the outputs count, nil where all do: by default as in the first input if
  /// `supportsMasking`.
  ///
  /// - Throws: an error if the inputs cannot be worked with.
  open func outputMasks(for inputs: [Tensor], masks: [Tensor?]) throws -> [Tensor?] {
    supportsMasking ? [masks.first ?? nil] : []
  }

  /// Whether the layer needs the precision of float32 whatever its policy.
  var computesInFloat32: Bool { false }

  /// Whether `call` depends on masks.
  var usesMasks: Bool { false }

  /// The names of the inputs in files that give each on its own; none if they give a list.
  class var inputNames: [String] { [] }

  /// The members of the configuration that files tell with each call of the layer.
  class var callOptions: [String] { [] }

  /// Computes the outputs and which of their steps count.
  func run(_ inputs: [Tensor], masks: [Tensor?], training: Bool) throws -> MaskedOutputs {
    let outputs = try call(inputs, masks: masks, training: training)
    return MaskedOutputs(outputs, try outputMasks(for: inputs, masks: masks))
  }

  /// The layers inside this one, whose weights are its own too: by default those in its stored
  /// properties, in arrays and dictionaries too.
  open var sublayers: [Layer] { reflectedSublayers.map(\.layer) }

  /// The layers inside by the names that Keras gives them in files.
  package var innerLayers: [(name: String, layer: Layer)] { sublayersByProperty }

  /// The function that `call` applies last, if `callBeforeActivation` can leave it out.
  ///
  /// Losses such as cross-entropy are computed from what comes before a softmax or sigmoid.
  open var outputActivation: Activation? { nil }

  /// What `call` computes before it applies `outputActivation`.
  ///
  /// - Throws: an error if the input cannot be worked with.
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
  ///   - constraint: what it must satisfy after each step.
  ///   - trainable: whether the optimizer changes it.
  public func addWeight(
    _ name: String, shape: [Int], initializer: Initializer, regularizer: Regularizer? = nil,
    constraint: Constraint? = nil, trainable: Bool = true
  ) -> Variable {
    addWeight(
      name, value: initializer(checked(shape, of: name)), regularizer: regularizer,
      constraint: constraint, trainable: trainable)
  }

  /// The shape of a weight; another one if no memory holds it, which `build` then ends with.
  final func checked(_ shape: [Int], of name: String) -> [Int] {
    if Shape(shape).isPossible { return shape }
    weightError = shapeError(
      expected: "a weight '\(name)' that fits into memory", found: "the shape \(shape)")
    return shape.map { _ in 1 }
  }

  /// Makes a weight of its first value and adds it to the layer's.
  package func addWeight(
    _ name: String, value: Tensor, regularizer: Regularizer? = nil,
    constraint: Constraint? = nil, trainable: Bool = true
  ) -> Variable {
    let variable = Variable(value, name: "\(self.name)/\(name)", trainable: trainable)
    ownWeights.append(
      OwnWeight(
        name: name, variable: variable, trainable: trainable, regularizer: regularizer,
        constraint: constraint))
    WeightChanges.note()
    return variable
  }

  /// Adds a scalar to the loss of the training step that calls the layer.
  public func addLoss(_ loss: Tensor) { addedLosses.append(loss) }

  /// Adds the penalty on an output to the loss, as a mean over its samples.
  func addLoss(_ regularizer: Regularizer?, on output: Tensor, training: Bool) {
    guard let regularizer, training else { return }
    addLoss(regularizer(output.withoutHalf) / Double(max(1, output.shape.first ?? 1)))
  }

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
    if handsPolicyOn { sublayers.forEach { $0.dtypePolicy = dtypePolicy } }
    try naming {
      try untraced {
        if !(self is Model) { nameSublayers() }
        try build(inputShapes: inputShapes)
        if let weightError { throw weightError }
        try buildSublayers(inputShapes)
      }
    }
    built = true
  }

  /// The shapes of the outputs; errors name this layer.
  final func checkedOutputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try naming {
      let shapes = try outputShapes(for: inputShapes)
      if let shape = shapes.first(where: { !$0.isPossible }) {
        throw shapeError(expected: "an output that fits into memory", found: shape.text)
      }
      return shapes
    }
  }

  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as ModelError {
      if error.layer == nil { error.layer = label }
      throw error
    }
  }

  /// Takes the name that a model gives.
  ///
  /// - Parameter base: what it begins with; by default the class.
  final func takeName(from names: inout NameGiver, base: String? = nil) {
    if hasAutomaticName && (!built || base != nil) {
      name = names.name(for: (base ?? Self.className).snakeCase)
    }
    hasAutomaticName = false
  }

  /// Computes the output of a value, making the weights first if needed.
  ///
  /// - Parameters:
  ///   - input: the input.
  ///   - training: whether the call is part of a training step: by default as the call of the layer
  ///     or model in whose code it stands.
  /// - Throws: `ModelError` that names the layer if the input does not fit.
  public func callAsFunction(_ input: Tensor, training: Bool? = nil) throws -> Tensor {
    try self([input], training: training)[0]
  }

  /// Computes the outputs of values, making the weights first if needed.
  ///
  /// - Parameters:
  ///   - inputs: the inputs.
  ///   - masks: for each input which steps count, of shape [batch, steps]; nil where all do.
  ///   - training: whether the call is part of a training step: by default as the call of the layer
  ///     or model in whose code it stands.
  /// - Throws: `ModelError` that names the layer if the inputs do not fit.
  public func callAsFunction(
    _ inputs: [Tensor], masks: [Tensor?]? = nil, training: Bool? = nil
  ) throws -> [Tensor] {
    let shapes = inputs.map { tensor -> Shape in tensor.shape }
    _ = try checkedOutputShapes(for: shapes)
    try buildOnce(shapes)
    let masks = masks ?? Array(repeating: nil, count: inputs.count)
    return try EnclosingCall.with(training ?? EnclosingCall.isTraining) { training in
      try naming {
        try inPolicy(inputs) { try call($0, masks: masks, training: training) }
      }
    }
  }
}

/// The call in whose code other layers are called.
enum EnclosingCall {
  @TaskLocal static var isTraining = false

  /// Runs the code of a call.
  static func with<Result>(
    _ training: Bool, _ body: (_ training: Bool) throws -> Result
  ) rethrows -> Result {
    try $isTraining.withValue(training) { try body(training) }
  }
}

// MARK: - Weights

/// Counts how often, in any layer, weights came or it changed whether they are trained: whoever
/// depends on it need not look through a model at every step. It does not see that a built layer
/// takes the place of another.
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
  /// What it must satisfy after each step of training.
  public let constraint: Constraint?

  /// Makes the weight satisfy its constraint: to be called while a training step is recorded.
  func applyConstraint() {
    guard let constraint else { return }
    variable.value = constraint(variable.value)
  }
}

extension Layer {
  /// The weights with their names, in the order in which they were made.
  ///
  /// A layer that stands in several places is listed under its first.
  public var namedWeights: [NamedWeight] {
    var seen: Set<ObjectIdentifier> = []
    return namedWeights(prefix: namePrefix, trainable: true)
      .filter { seen.insert(ObjectIdentifier($0.variable)).inserted }
  }

  /// What stands before the names of the weights.
  private var namePrefix: String { self is Model ? "" : "\(name)/" }

  private func namedWeights(prefix: String, trainable outer: Bool) -> [NamedWeight] {
    let trains = outer && trainable
    let own = ownWeights.map {
      NamedWeight(
        name: prefix + $0.name, variable: $0.variable, trainable: trains && $0.trainable,
        constraint: $0.constraint)
    }
    let inner = uniqueSublayers.flatMap {
      $0.namedWeights(prefix: "\(prefix)\($0.name)/", trainable: trains)
    }
    return own + inner
  }

  /// The weights of the layer itself, those that training changes first, as Keras lists them.
  package var ownVariables: [Variable] {
    ownWeights.filter(\.trainable).map(\.variable)
      + ownWeights.filter { !$0.trainable }.map(\.variable)
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

  /// This layer and all inside, each once.
  func allLayers() -> [Layer] {
    var seen: Set<ObjectIdentifier> = []
    var found: [Layer] = []
    func visit(_ layer: Layer) {
      guard seen.insert(ObjectIdentifier(layer)).inserted else { return }
      found.append(layer)
      layer.sublayers.forEach(visit)
    }
    visit(self)
    return found
  }

  /// The penalties on the weights of this layer and those inside.
  func regularizationLosses() -> [Tensor] {
    allLayers().flatMap(\.ownWeights).compactMap { weight in
      weight.regularizer.map { $0(weight.variable.value) }
    }
  }

  /// Takes away what calls added to the loss.
  func takeAddedLosses() -> [Tensor] {
    allLayers().flatMap { layer in
      defer { layer.addedLosses = [] }
      return layer.addedLosses
    }
  }
}
