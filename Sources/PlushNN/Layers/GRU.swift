import PlushEngine
import PlushTensor

/// One step of `GRU`.
///
/// Its gates are z, r and candidate n, in this order along the last axis of the weights:
/// `h' = z∘h + (1 - z)∘n`.
public final class GRUCell: GatedCell {
  /// Whether r is applied to what the weights make of the state, or to the state.
  public let resetAfter: Bool

  /// Creates the cell.
  ///
  /// - Parameters:
  ///   - units: how many numbers the state holds.
  ///   - activation: the function of candidates.
  ///   - recurrentActivation: the function of gates.
  ///   - useBias: whether a bias is added.
  ///   - resetAfter: whether r is applied to what the weights make of the state, as cuDNN does; the
  ///     bias is then [2, 3 · units], for inputs and for the state.
  ///   - options: how weights begin, and what is dropped.
  ///   - name: the name; by default the layer around it gives one.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, resetAfter: Bool = true, options: RecurrentOptions = RecurrentOptions(),
    name: String? = nil
  ) {
    self.resetAfter = resetAfter
    super.init(
      units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
      options: options, name: name)
  }

  public required init(config: JSON) throws {
    resetAfter = config["reset_after"].map { $0.bool ?? false } ?? true
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["reset_after"] = .bool(resetAfter)
    return config
  }

  override var kind: Recurrence.Kind { resetAfter ? .gru : .gruResetBefore }
  override var biasShape: [Int] { resetAfter ? [2, 3 * units] : [3 * units] }
  override var inputBias: Tensor? { resetAfter ? bias?.value[0] : bias?.value }
  override var stateBias: Tensor? { resetAfter ? bias?.value[1] : nil }

  override func step(
    _ input: Tensor, _ state: Tensor, _ states: [Tensor], _ weights: Tensor
  ) -> [Tensor] {
    let inputs = input.split(count: 3, axis: 1)
    let z: Tensor
    let candidate: Tensor
    if resetAfter {
      let product = state.matmul(weights)
      let inner = (stateBias.map { product + $0 } ?? product).split(count: 3, axis: 1)
      z = recurrentActivation(inputs[0] + inner[0])
      candidate = activation(inputs[2] + recurrentActivation(inputs[1] + inner[1]) * inner[2])
    } else {
      let gates = state.matmul(weights[.all, 0..<2 * units]).split(count: 2, axis: 1)
      z = recurrentActivation(inputs[0] + gates[0])
      let reset = recurrentActivation(inputs[1] + gates[1]) * state
      candidate = activation(
        inputs[2] + reset.matmul(weights[.all, 2 * units..<3 * units]))
    }
    return [z * states[0] + (1 - z) * candidate]
  }
}

/// The gated recurrent unit: a state that gates keep, or reset and fill.
///
/// Cho et al., "Learning phrase representations using RNN encoder–decoder", 2014. Shapes as of `RNN`.
public final class GRU: GatedRNN {
  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - units: how many numbers the state holds.
  ///   - activation: the function of candidates.
  ///   - recurrentActivation: the function of gates.
  ///   - useBias: whether a bias is added.
  ///   - resetAfter: whether r is applied to what the weights make of the state, or to the state.
  ///   - returnSequences: whether the outputs of all steps come out, or that of the last.
  ///   - returnState: whether the last state comes out too.
  ///   - goBackwards: whether the steps are taken from the last to the first.
  ///   - stateful: whether the state goes from call to call until `resetStates()`.
  ///   - options: how weights begin, and what is dropped.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, resetAfter: Bool = true, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    options: RecurrentOptions = RecurrentOptions(), inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    super.init(
      GRUCell(
        units, activation: activation, recurrentActivation: recurrentActivation,
        useBias: useBias, resetAfter: resetAfter, options: options, name: "gru_cell"),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override class func makeCell(config: JSON) throws -> GatedCell { try GRUCell(config: config) }
}
