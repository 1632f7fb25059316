import PlushEngine
import PlushTensor

/// One step of `LSTM`.
///
/// Its gates are i, f, candidate c̃ and o, in this order along the last axis of the weights; its states
/// are h and c: `c' = f∘c + i∘c̃`, `h' = o∘activation(c')`.
public class LSTMCell: GatedCell {
  /// Whether the bias of f begins at one, so that cells remember at first.
  public final let unitForgetBias: Bool

  /// Creates the cell.
  ///
  /// - Parameters:
  ///   - units: how many numbers each of the states holds.
  ///   - activation: the function of candidates, and of what is shown of cells.
  ///   - recurrentActivation: the function of gates.
  ///   - useBias: whether a bias is added.
  ///   - unitForgetBias: whether the bias of f begins at one; Jozefowicz et al., 2015.
  ///   - options: how weights begin, and what is dropped.
  ///   - name: the name; by default the layer around it gives one.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, unitForgetBias: Bool = true,
    options: RecurrentOptions = RecurrentOptions(), name: String? = nil
  ) {
    self.unitForgetBias = unitForgetBias
    super.init(
      units, activation: activation, recurrentActivation: recurrentActivation, useBias: useBias,
      options: options, name: name)
  }

  public required init(config: JSON) throws {
    // TensorFlow.js writes null for what it leaves off.
    unitForgetBias = config["unit_forget_bias"].map { $0.bool ?? false } ?? true
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["unit_forget_bias"] = .bool(unitForgetBias)
    return config
  }

  override var kind: Recurrence.Kind { .lstm }

  override func firstBias() -> Tensor {
    let bias = super.firstBias()
    guard unitForgetBias else { return bias }
    return concatenate(
      [bias[0..<units], Tensor.ones([units]), bias[2 * units..<4 * units]], axis: 0)
  }

  override func step(
    _ input: Tensor, _ state: Tensor, _ states: [Tensor], _ weights: Tensor
  ) -> [Tensor] {
    let gates = (input + product(state, weights)).split(count: 4, axis: gateAxis)
    let remembered = recurrentActivation(gates[1]) * states[1]
    let c = remembered + recurrentActivation(gates[0]) * activation(gates[2])
    return [recurrentActivation(gates[3]) * activation(c), c]
  }

  /// The state times its weights.
  func product(_ state: Tensor, _ weights: Tensor) -> Tensor { state.matmul(weights) }

  /// The axis along which the gates lie.
  var gateAxis: Int { -1 }
}

/// Long short-term memory: a state whose cells gates fill, keep, empty and show.
///
/// Hochreiter and Schmidhuber, "Long short-term memory", 1997. Shapes as of `RNN`; the states are h and
/// c, [batch, units] each.
public final class LSTM: GatedRNN {
  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - units: how many numbers each of the states holds.
  ///   - activation: the function of candidates, and of what is shown of cells.
  ///   - recurrentActivation: the function of gates.
  ///   - useBias: whether a bias is added.
  ///   - unitForgetBias: whether the bias of f begins at one.
  ///   - returnSequences: whether the outputs of all steps come out, or that of the last.
  ///   - returnState: whether the last states come out too.
  ///   - goBackwards: whether the steps are taken from the last to the first.
  ///   - stateful: whether the states go from call to call until `resetStates()`.
  ///   - options: how weights begin, and what is dropped.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(
    _ units: Int, activation: Activation = .tanh, recurrentActivation: Activation = .sigmoid,
    useBias: Bool = true, unitForgetBias: Bool = true, returnSequences: Bool = false,
    returnState: Bool = false, goBackwards: Bool = false, stateful: Bool = false,
    options: RecurrentOptions = RecurrentOptions(), inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    super.init(
      LSTMCell(
        units, activation: activation, recurrentActivation: recurrentActivation,
        useBias: useBias, unitForgetBias: unitForgetBias, options: options, name: "lstm_cell"),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override class func makeCell(config: JSON) throws -> GatedCell { try LSTMCell(config: config) }
}
