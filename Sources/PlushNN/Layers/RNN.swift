import PlushEngine
import PlushTensor

/// Runs a cell over the steps of sequences.
///
/// [batch, steps, …] gives the output of the last step, or with `returnSequences` those of all steps,
/// [batch, steps, …]; with `returnState` the last states follow, each an output of its own. Further
/// inputs are the states before the first step; without them these are zeros.
///
/// Steps that a mask leaves out, as of `Masking` or `Embedding(maskZero: true)`, change no state; the
/// output of the step before stands in their place.
public class RNN: Layer {
  /// What is done at a step.
  public let cell: RecurrentCell
  /// Whether the outputs of all steps come out, or that of the last.
  public let returnSequences: Bool
  /// Whether the last states come out too.
  public let returnState: Bool
  /// Whether the steps are taken from the last to the first; outputs come in the order in which they
  /// are computed.
  public let goBackwards: Bool
  /// Whether the states go from call to call until `resetStates()`; batches of each size have their
  /// own.
  public let stateful: Bool
  /// Whether steps that a mask leaves out give zeros.
  public let zeroOutputForMask: Bool
  private let unroll: Bool
  private let activityRegularizer: Regularizer?
  private let carried = CarriedStates()

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - cell: what is done at a step.
  ///   - returnSequences: whether the outputs of all steps come out, or that of the last.
  ///   - returnState: whether the last states come out too.
  ///   - goBackwards: whether the steps are taken from the last to the first.
  ///   - stateful: whether the states go from call to call until `resetStates()`.
  ///   - zeroOutputForMask: whether steps that a mask leaves out give zeros.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model; nil for any
  ///     number of steps, as in `[nil, 64]`.
  ///   - name: the name; by default the model gives one.
  public init(
    _ cell: RecurrentCell, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, zeroOutputForMask: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.cell = cell
    self.returnSequences = returnSequences
    self.returnState = returnState
    self.goBackwards = goBackwards
    self.stateful = stateful
    self.zeroOutputForMask = zeroOutputForMask
    unroll = false
    activityRegularizer = nil
    super.init(name: name, inputShape: inputShape)
  }

  /// Creates a layer that runs several cells at each step, each on the output of the one before.
  public convenience init(
    _ cells: [RecurrentCell], returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.init(
      StackedRNNCells(cells), returnSequences: returnSequences, returnState: returnState,
      goBackwards: goBackwards, stateful: stateful, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    cell = try Self.cell(config: config)
    returnSequences = config["return_sequences"]?.bool ?? false
    returnState = config["return_state"]?.bool ?? false
    goBackwards = config["go_backwards"]?.bool ?? false
    stateful = config["stateful"]?.bool ?? false
    zeroOutputForMask = config["zero_output_for_mask"]?.bool ?? false
    unroll = config["unroll"]?.bool ?? false
    activityRegularizer = try Regularizer.read(config: config["activity_regularizer"])
    try super.init(config: config)
  }

  /// The cell that a configuration describes.
  class func cell(config: JSON) throws -> RecurrentCell {
    let json: JSON =
      config["cells"].map { ["class_name": "StackedRNNCells", "config": ["cells": $0]] }
      ?? config["cell"] ?? [:]
    if let cells = json.array { return try StackedRNNCells(config: ["cells": .array(cells)]) }
    guard let cell = try Layer.make(inner: json) as? RecurrentCell else {
      throw ModelError(expected: "a recurrent cell", found: json.summary)
    }
    return cell
  }

  public override var config: JSON {
    var config = super.config
    config["return_sequences"] = .bool(returnSequences)
    config["return_state"] = .bool(returnState)
    config["go_backwards"] = .bool(goBackwards)
    config["stateful"] = .bool(stateful)
    config["unroll"] = .bool(unroll)
    config["zero_output_for_mask"] = .bool(zeroOutputForMask)
    config["activity_regularizer"] = activityRegularizer?.config ?? .null
    writeCell(to: &config)
    return config
  }

  func writeCell(to config: inout JSON) { config["cell"] = cell.classAndConfig }

  // MARK: Shapes

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    let step = try shapeOfStep(inputShapes)
    let states = try cell.stateShapes(for: step)
    guard inputShapes.count == 1 || inputShapes.count == 1 + states.count else {
      throw shapeError(
        expected: "an input, or an input and \(states.count) states", found: inputShapes.text)
    }
    for (given, expected) in zip(inputShapes.dropFirst(), states) where !given.fits(expected) {
      throw shapeError(expected: "a state of shape \(expected.text)", found: given.text)
    }
    let output = try cell.outputShape(for: step)
    let first =
      returnSequences ? [output[0], inputShapes[0][1]] + output.dropFirst() : output
    return [first] + (returnState ? states : [])
  }

  private func shapeOfStep(_ inputShapes: [Shape]) throws -> Shape {
    guard let shape = inputShapes.first, shape.count >= 3 else {
      throw shapeError(
        expected: "an input of shape [batch, steps, features]",
        found: inputShapes.first?.text ?? "none",
        hint: inputShapes.first?.count == 2
          ? "numbers of tokens go through Embedding or CategoryEncoding first" : nil)
    }
    if shape[1] == 0 { throw shapeError(expected: "at least one step", found: shape.text) }
    return [shape[0]] + shape.dropFirst(2)
  }

  public override func build(inputShapes: [Shape]) throws {
    try cell.buildOnce([try shapeOfStep(inputShapes)])
  }

  // MARK: Computing

  override var usesMasks: Bool { true }

  public override var supportsMasking: Bool { true }

  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    returnSequences ? [masks.first ?? nil] : []
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    try call(inputs, masks: [nil], training: training)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try call([input], training: training)[0]
  }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    var (input, mask) = (inputs[0], masks.first ?? nil)
    let carriers = try stateCarriers(for: input)
    let given = inputs.count > 1 ? Array(inputs.dropFirst()) : carriers?.map(\.value)
    if goBackwards {
      input = input.reverse(axis: 1)
      mask = mask?.reverse(axis: 1)
    }
    var result =
      try cell.sequence(input, states: given, mask: mask, training: training)
      ?? steps(input, given, mask, training)
    for (carrier, state) in zip(carriers ?? [], result.states) {
      carrier.value = state.withoutHalf
    }
    if let mask { result.sequence = shown(result.sequence, mask, keepsFirst: given == nil) }
    let output = returnSequences ? result.sequence : result.sequence[.all, -1]
    addLoss(activityRegularizer, on: output, training: training)
    return [output] + (returnState ? result.states : [])
  }

  /// What comes out of steps that do not count: the output before, which at first is zero, or zeros.
  private func shown(_ sequence: Tensor, _ mask: Tensor, keepsFirst: Bool) -> Tensor {
    if keepsFirst && !zeroOutputForMask { return sequence }
    let counts =
      zeroOutputForMask ? mask : mask.cast(to: .int32).cumulativeSum(axis: 1) .> 0
    return counts.alignedMask(for: sequence).select(sequence, Tensor.zeros(like: sequence))
  }

  /// The steps one by one.
  private func steps(
    _ input: Tensor, _ given: [Tensor]?, _ mask: Tensor?, _ training: Bool
  ) throws -> (sequence: Tensor, states: [Tensor]) {
    let first = input[.all, 0]
    var states = try given ?? cell.firstStates(for: first.shape, dtype: input.dtype)
    var outputs: [Tensor] = []
    cell.beginSequence(first, training: training)
    for step in 0..<input.shape[1] {
      var result = try cell.step(input[.all, step], states: states, training: training)
      if let mask {
        let counts = mask[.all, step]
        let before = outputs.last ?? .zeros(like: result.output)
        result.output = counts.alignedMask(for: before).select(result.output, before)
        result.states = zip(result.states, states).map {
          counts.alignedMask(for: $0).select($0, $1)
        }
      }
      outputs.append(result.output)
      states = result.states
    }
    return (stack(outputs, axis: 1), states)
  }

  // MARK: States that last

  /// The variables that take states from call to call, if anything does.
  private func stateCarriers(for input: Tensor) throws -> [Variable]? {
    let stepping = CarriedStates.current
    guard let carried = stepping ?? (stateful ? carried : nil) else { return nil }
    if stepping != nil && goBackwards {
      throw shapeError(
        expected: "layers that run from the first step to the last, to go step by step",
        found: "one with goBackwards")
    }
    let step = [input.shape[0]] + input.shape.dropFirst(2)
    return try carried.variables(of: self, batch: input.shape[0]) {
      try cell.firstStates(for: step, dtype: .float32)
    }
  }

  /// Lets the next call of a stateful layer begin with zeros.
  public func resetStates() { carried.reset() }
}

/// Layers around one cell of gates, whose configuration is theirs.
public class GatedRNN: RNN {
  /// How many numbers a state holds, or how many channels one made of pictures has.
  public final var units: Int { gatedCell.units }
  /// The cell.
  final var gatedCell: GatedCell { cell as! GatedCell }

  class func makeCell(config: JSON) throws -> GatedCell {
    throw ModelError(expected: "a layer with a cell", found: className)
  }

  override class func cell(config: JSON) throws -> RecurrentCell {
    var inner = config
    inner["name"] = .string("\(className.snakeCase)_cell")
    inner["batch_input_shape"] = nil
    inner["batch_shape"] = nil
    return try makeCell(config: inner)
  }

  override func writeCell(to config: inout JSON) {
    guard case .object(let members) = cell.config else { return }
    for (key, value) in members where config[key] == nil { config[key] = value }
  }
}
