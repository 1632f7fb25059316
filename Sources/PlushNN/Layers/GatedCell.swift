import PlushEngine
import PlushTensor

/// How a recurrent layer's weights begin, are penalized and kept in bounds, what is dropped, and what
/// training keeps.
public struct RecurrentOptions {
  var kernel: WeightOptions
  var recurrent: WeightOptions
  var bias: WeightOptions
  var dropout: Double
  var recurrentDropout: Double
  var weightDropout: Double
  var recompute: Int?

  /// Options; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - kernelInitializer: the first weights of the inputs.
  ///   - recurrentInitializer: the first weights of the state.
  ///   - biasInitializer: the first bias.
  ///   - kernelRegularizer: a penalty on the weights of the inputs, added to the loss.
  ///   - recurrentRegularizer: a penalty on the weights of the state.
  ///   - biasRegularizer: a penalty on the bias.
  ///   - kernelConstraint: what the weights of the inputs must satisfy after each step of training.
  ///   - recurrentConstraint: what the weights of the state must satisfy.
  ///   - biasConstraint: what the bias must satisfy.
  ///   - dropout: the part of the inputs that is dropped while training, the same at all steps.
  ///   - recurrentDropout: the part of the state that is dropped, the same at all steps. The steps
  ///     are then computed one by one, and the program grows with their number.
  ///   - weightDropout: the part of the weights of the state that is dropped, the same for all samples
  ///     and steps. It holds back a large layer that learns its text by heart, at no cost in time;
  ///     Keras does not know it. Merity, Keskar and Socher, "Regularizing and optimizing LSTM language
  ///     models", 2017.
  ///   - recompute: how many steps the gradient computes a second time at once. Training then keeps
  ///     one number for each unit and step, the output, and a state every so many steps; nil keeps all
  ///     that the gradient needs, six of an `LSTM`. Gradients are the same. Plays no part where steps
  ///     are computed one by one, and in a `GRU` without `resetAfter`; Keras does not know it.
  public init(
    kernelInitializer: Initializer = .glorotUniform,
    recurrentInitializer: Initializer = .orthogonal(), biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, recurrentRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, kernelConstraint: Constraint? = nil,
    recurrentConstraint: Constraint? = nil, biasConstraint: Constraint? = nil,
    dropout: Double = 0, recurrentDropout: Double = 0, weightDropout: Double = 0,
    recompute: Int? = nil
  ) {
    kernel = WeightOptions(kernelInitializer, kernelRegularizer, kernelConstraint)
    recurrent = WeightOptions(recurrentInitializer, recurrentRegularizer, recurrentConstraint)
    bias = WeightOptions(biasInitializer, biasRegularizer, biasConstraint)
    self.dropout = dropout
    self.recurrentDropout = recurrentDropout
    self.weightDropout = weightDropout
    self.recompute = recompute
  }

  init(config: JSON) throws {
    kernel = try WeightOptions(config: config, "kernel", default: .glorotUniform)
    recurrent = try WeightOptions(config: config, "recurrent", default: .orthogonal())
    bias = try WeightOptions(config: config, "bias", default: .zeros)
    dropout = config["dropout"]?.double ?? 0
    recurrentDropout = config["recurrent_dropout"]?.double ?? 0
    weightDropout = config["weight_dropout"]?.double ?? 0
    recompute = config["recompute"]?.int
  }

  func write(to config: inout JSON) {
    kernel.write(to: &config, "kernel")
    recurrent.write(to: &config, "recurrent")
    bias.write(to: &config, "bias")
    config["dropout"] = .double(dropout)
    config["recurrent_dropout"] = .double(recurrentDropout)
    if weightDropout > 0 { config["weight_dropout"] = .double(weightDropout) }
    config["seed"] = .null
    if let recompute { config["recompute"] = .int(recompute) }
  }
}

/// What `SimpleRNNCell`, `LSTMCell`, `GRUCell` and `ConvLSTM2DCell` share: gates that are functions of
/// the inputs and the state times weights.
///
/// Weights: `kernel` [inputs, gates · units], `recurrent_kernel` [units, gates · units] and `bias`.
public class GatedCell: RecurrentCell {
  /// How many numbers a state holds, or how many channels one made of pictures has.
  public let units: Int
  /// The function of candidates for the state.
  public let activation: Activation
  /// The function of gates.
  public let recurrentActivation: Activation
  /// Whether a bias is added.
  public let useBias: Bool
  let options: RecurrentOptions
  /// The weights of the inputs, once built.
  public private(set) var kernel: Variable?
  /// The weights of the state, once built.
  public private(set) var recurrentKernel: Variable?
  /// The bias, once built.
  public private(set) var bias: Variable?
  private var noise = Noise()

  /// What is dropped of a sequence: factors for inputs and state, the same at all steps.
  private struct Noise {
    var input: Tensor?
    var state: Tensor?
    var weights: Tensor?
  }

  init(
    _ units: Int, activation: Activation, recurrentActivation: Activation, useBias: Bool,
    options: RecurrentOptions, name: String?
  ) {
    self.units = units
    self.activation = activation
    self.recurrentActivation = recurrentActivation
    self.useBias = useBias
    self.options = options
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    units = try config.get(Self.unitsName, \.int)
    activation = try config["activation"].map { try Activation(config: $0) } ?? .tanh
    recurrentActivation =
      try config["recurrent_activation"].map { try Activation(config: $0) } ?? .sigmoid
    useBias = config["use_bias"]?.bool ?? true
    options = try RecurrentOptions(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config[Self.unitsName] = .int(units)
    config["activation"] = activation.config
    if kind != .simple { config["recurrent_activation"] = recurrentActivation.config }
    config["use_bias"] = .bool(useBias)
    options.write(to: &config)
    return config
  }

  /// What configurations call `units`.
  class var unitsName: String { "units" }
  /// What a step computes.
  var kind: Recurrence.Kind { .simple }
  /// The shape of the bias.
  var biasShape: [Int] { [kind.gates * units] }
  /// The first bias.
  func firstBias() -> Tensor { options.bias.initializer(biasShape) }

  /// Checks the numbers that make no sense at every value.
  final func checkNumbers() throws {
    guard units > 0 else { throw shapeError(expected: "at least one unit", found: "\(units)") }
    try checkRate(options.dropout)
    try checkRate(options.recurrentDropout)
    try checkRate(options.weightDropout)
    if let recompute = options.recompute, recompute < 1 {
      throw shapeError(expected: "recompute of at least one step", found: "\(recompute)")
    }
  }

  public override func stateShapes(for inputShape: Shape) throws -> [Shape] {
    try checkNumbers()
    guard inputShape.count == 2 else {
      throw shapeError(
        expected: "an input of shape [batch, features] at each step", found: inputShape.text)
    }
    let state: Shape = [inputShape[0], units]
    return kind == .lstm ? [state, state] : [state]
  }

  public override func build(inputShape: Shape) throws {
    guard let inputs = inputShape.last ?? nil else {
      throw shapeError(
        expected: "a last axis of known size", found: inputShape.text,
        hint: "give the size in inputShape, as in inputShape: [nil, 64]")
    }
    addWeights(
      kernel: [inputs, kind.gates * units], recurrent: [units, kind.gates * units])
  }

  /// Makes the weights, the kernels in these shapes.
  final func addWeights(kernel kernelShape: [Int], recurrent: [Int]) {
    kernel = addWeight("kernel", shape: kernelShape, options.kernel)
    recurrentKernel = addWeight("recurrent_kernel", shape: recurrent, options.recurrent)
    guard useBias else { return }
    bias = addWeight(
      "bias", value: firstBias(), regularizer: options.bias.regularizer,
      constraint: options.bias.constraint)
  }

  // MARK: Computing

  /// The input of a step times its weights, with bias.
  func projected(_ input: Tensor) throws -> Tensor {
    guard let kernel else { throw shapeError(expected: "a built layer", found: "none") }
    let product = input.matmul(kernel.value)
    return inputBias.map { product + $0 } ?? product
  }

  /// What is added to the products of inputs.
  var inputBias: Tensor? { bias?.value }
  /// What is added to the products of the state.
  var stateBias: Tensor? { nil }

  public override func beginSequence(_ input: Tensor, training: Bool) {
    noise = Noise()
    guard training else { return }
    func factors(_ shape: [Int], _ rate: Double) -> Tensor? {
      rate > 0 ? Tensor.ones(shape, dtype: input.dtype).dropout(rate: rate) : nil
    }
    noise.input = factors(input.shape, options.dropout)
    noise.state = factors(stateShape(for: input), options.recurrentDropout)
    noise.weights = recurrentKernel.flatMap { factors($0.value.shape, options.weightDropout) }
  }

  /// The shape of a state for the input of a step.
  func stateShape(for input: Tensor) -> [Int] { [input.shape[0], units] }

  public override func step(
    _ input: Tensor, states: [Tensor], training: Bool
  ) throws -> (output: Tensor, states: [Tensor]) {
    guard let weights = recurrentKernel?.value else {
      throw shapeError(expected: "a built layer", found: "none")
    }
    let input = noise.input.map { input * $0 } ?? input
    let state = noise.state.map { states[0] * $0 } ?? states[0]
    let new = step(
      try projected(input), state, [states[0]] + states.dropFirst(),
      noise.weights.map { weights * $0 } ?? weights)
    return (new[0], new)
  }

  /// The new states.
  ///
  /// - Parameters:
  ///   - input: the input times its weights, with bias.
  ///   - state: the state as products see it, which dropout may have touched.
  ///   - states: the states.
  ///   - weights: the weights of the state.
  func step(_ input: Tensor, _ state: Tensor, _ states: [Tensor], _ weights: Tensor) -> [Tensor] {
    [activation(input + state.matmul(weights))]
  }

  /// Products of the inputs for all steps at once, then one operation for the sequence.
  override func sequence(
    _ input: Tensor, states: [Tensor]?, mask: Tensor?, training: Bool
  ) throws -> (sequence: Tensor, states: [Tensor])? {
    guard let kernel, let weights = recurrentKernel?.value,
      !training || options.recurrentDropout == 0, let activation = activation.recurrenceFunction,
      let gateActivation = recurrentActivation.recurrenceFunction
    else { return nil }
    let (batch, steps, features) = (input.shape[0], input.shape[1], input.shape[2])
    let linked =
      training && options.weightDropout > 0
      ? weights.dropout(rate: options.weightDropout) : weights
    let kept =
      training && options.dropout > 0
      ? input.dropout(rate: options.dropout, noiseShape: [batch, 1, features]) : input
    // The weights' gradient of the other GRU needs a gate of every step.
    if training, kind != .gruResetBefore, let recompute = options.recompute {
      return kept.recurrent(
        kind, recomputing: recompute, inputWeights: kernel.value, inputBias: inputBias,
        weights: linked, bias: stateBias, states: states, mask: mask, activation: activation,
        gateActivation: gateActivation)
    }
    // Step by step in memory, as the sequence is worked on, and not rounded to half precision.
    let rows = kept.transpose([1, 0, 2]).reshape([steps * batch, features])
    let product = rows.matmul(kernel.value).withoutHalf
    let gates = (inputBias.map { product + $0.withoutHalf } ?? product)
      .reshape([steps, batch, kind.gates * units])
    return gates.transpose([1, 0, 2]).recurrent(
      kind, weights: linked, bias: stateBias, states: states, mask: mask, activation: activation,
      gateActivation: gateActivation)
  }
}

extension Activation {
  /// The function as a sequence in one operation knows it, if it does.
  fileprivate var recurrenceFunction: Recurrence.Function? {
    switch self {
    case .linear: .linear
    case .relu: .relu
    case .tanh: .tanh
    case .sigmoid: .sigmoid
    case .hardSigmoid: .hardSigmoid
    case .hardSigmoidLegacy: .hardSigmoidLegacy
    default: nil
    }
  }
}
