import PlushTensor

/// One step of `SimpleRNN`: `h' = activation(x · kernel + h · recurrent_kernel + bias)`.
public final class SimpleRNNCell: GatedCell {
  /// Creates the cell.
  ///
  /// - Parameters:
  ///   - units: how many numbers the state holds.
  ///   - activation: the function of the new state.
  ///   - useBias: whether a bias is added.
  ///   - options: how weights begin, and what is dropped.
  ///   - name: the name; by default the layer around it gives one.
  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    options: RecurrentOptions = RecurrentOptions(), name: String? = nil
  ) {
    super.init(
      units, activation: activation, recurrentActivation: .sigmoid, useBias: useBias,
      options: options, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }
}

/// The simple recurrent network: at each step the state is a function of the input and the state.
///
/// Elman, "Finding structure in time", 1990. Shapes as of `RNN`.
public final class SimpleRNN: GatedRNN {
  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - units: how many numbers the state holds.
  ///   - activation: the function of the new state.
  ///   - useBias: whether a bias is added.
  ///   - returnSequences: whether the outputs of all steps come out, or that of the last.
  ///   - returnState: whether the last state comes out too.
  ///   - goBackwards: whether the steps are taken from the last to the first.
  ///   - stateful: whether the state goes from call to call until `resetStates()`.
  ///   - options: how weights begin, and what is dropped.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(
    _ units: Int, activation: Activation = .tanh, useBias: Bool = true,
    returnSequences: Bool = false, returnState: Bool = false, goBackwards: Bool = false,
    stateful: Bool = false, options: RecurrentOptions = RecurrentOptions(),
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    super.init(
      SimpleRNNCell(
        units, activation: activation, useBias: useBias, options: options,
        name: "simple_rnn_cell"),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override class func makeCell(config: JSON) throws -> GatedCell {
    try SimpleRNNCell(config: config)
  }
}
