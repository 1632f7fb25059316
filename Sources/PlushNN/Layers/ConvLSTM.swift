import PlushTensor

/// One step of `ConvLSTM1D`, `ConvLSTM2D` or `ConvLSTM3D`: an LSTM whose products are convolutions.
///
/// Inputs are [batch, spatial…, channels], states [batch, places…, filters]. Weights: `kernel`
/// [window…, channels, 4 · filters], `recurrent_kernel` [window…, filters, 4 · filters] and `bias`, the
/// gates in the order of `LSTMCell`. The convolution of the state keeps its size.
public class ConvLSTMCell: LSTMCell {
  private let geometry: WindowShape

  /// Creates the cell; parameters are those of the layer.
  public required init(
    _ filters: Int, kernelSize: SpatialSizes, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, channelsFirst: Bool = false,
    dilationRate: SpatialSizes = 1, activation: Activation = .tanh,
    recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
    unitForgetBias: Bool = true, options: RecurrentOptions = RecurrentOptions(),
    name: String? = nil
  ) {
    geometry = WindowShape(
      window: kernelSize, strides: strides, padding: padding, dilations: dilationRate,
      channelsFirst: channelsFirst)
    super.init(
      filters, activation: activation, recurrentActivation: recurrentActivation,
      useBias: useBias, unitForgetBias: unitForgetBias, options: options, name: name)
  }

  public required init(config: JSON) throws {
    geometry = try WindowShape(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    geometry.write(to: &config, rank: Self.spatialRank)
    return config
  }

  override class var unitsName: String { "filters" }

  /// How many axes lie beside those of samples and channels.
  class var spatialRank: Int { 2 }

  public override func stateShapes(for inputShape: Shape) throws -> [Shape] {
    try checkNumbers()
    try check(geometry, rank: Self.spatialRank)
    let (sizes, channels) = try parts(of: inputShape)
    if let kernel, let channels, channels != kernel.shape[Self.spatialRank] {
      throw shapeError(
        expected: "\(kernel.shape[Self.spatialRank]) channels", found: "\(channels)")
    }
    let state = try shape(
      inputShape, sizes: geometry.places(in: sizes), channels: units,
      channelsFirst: geometry.channelsFirst)
    return [state, state]
  }

  private func parts(of inputShape: Shape) throws -> (sizes: [Int?], channels: Int?) {
    try spatialSizes(
      of: inputShape, rank: Self.spatialRank, channelsFirst: geometry.channelsFirst)
  }

  public override func build(inputShape: Shape) throws {
    guard let channels = try parts(of: inputShape).channels else {
      throw shapeError(
        expected: "an axis of channels of known size", found: inputShape.text,
        hint: "give the size in inputShape, as in inputShape: [nil, 64, 64, 1]")
    }
    let window = geometry.window(Self.spatialRank)
    addWeights(kernel: window + [channels, 4 * units], recurrent: window + [units, 4 * units])
  }

  // MARK: Computing

  override func projected(_ input: Tensor) throws -> Tensor {
    guard let kernel else { throw shapeError(expected: "a built layer", found: "none") }
    let product = input.convolution(
      kernel.value, strides: geometry.strides, padding: geometry.padding,
      dilations: geometry.dilations, channelsFirst: geometry.channelsFirst)
    guard let bias = inputBias else { return product }
    let ones = [Int](repeating: 1, count: geometry.channelsFirst ? Self.spatialRank : 0)
    return product + bias.reshape(bias.shape + ones)
  }

  override func product(_ state: Tensor, _ weights: Tensor) -> Tensor {
    state.convolution(weights, padding: .same, channelsFirst: geometry.channelsFirst)
  }

  override var gateAxis: Int { geometry.channelsFirst ? 1 : -1 }

  override func stateShape(for input: Tensor) -> [Int] {
    let sizes = geometry.channelsFirst ? input.shape.dropFirst(2) : input.shape[1...].dropLast()
    let places = geometry.places(in: sizes.map { $0 }).map { $0 ?? 1 }
    return [input.shape[0]] + (geometry.channelsFirst ? [units] + places : places + [units])
  }

  /// Steps are computed one by one.
  override func sequence(
    _ input: Tensor, states: [Tensor]?, mask: Tensor?, training: Bool
  ) throws -> (sequence: Tensor, states: [Tensor])? { nil }
}

/// What `ConvLSTM1D`, `ConvLSTM2D` and `ConvLSTM3D` share: an LSTM whose products are convolutions.
///
/// Shi et al., "Convolutional LSTM network: a machine learning approach for precipitation nowcasting",
/// 2015, without the weights that let gates see cells, as in Keras.
///
/// [batch, steps, spatial…, channels] gives the output of the last step, [batch, places…, filters], or
/// with `returnSequences` those of all steps, [batch, steps, places…, filters]; the states are h and c.
/// Else as `RNN`. Steps are computed one by one: the program grows with their number.
public class ConvLSTM: GatedRNN {
  /// How many channels each of the states has.
  public final var filters: Int { units }

  class var cellType: ConvLSTMCell.Type { ConvLSTMCell.self }

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - filters: how many channels each of the states has.
  ///   - kernelSize: sizes of the windows.
  ///   - strides: elements of the input from one place of its window to the next.
  ///   - padding: what stands around the input; the state is padded to keep its size.
  ///   - channelsFirst: whether inputs are [batch, steps, channels, spatial…], and outputs likewise.
  ///   - dilationRate: elements of the input from one element of its window to the next.
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
    _ filters: Int, kernelSize: SpatialSizes, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, channelsFirst: Bool = false,
    dilationRate: SpatialSizes = 1, activation: Activation = .tanh,
    recurrentActivation: Activation = .sigmoid, useBias: Bool = true,
    unitForgetBias: Bool = true, returnSequences: Bool = false, returnState: Bool = false,
    goBackwards: Bool = false, stateful: Bool = false,
    options: RecurrentOptions = RecurrentOptions(), inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    super.init(
      Self.cellType.init(
        filters, kernelSize: kernelSize, strides: strides, padding: padding,
        channelsFirst: channelsFirst, dilationRate: dilationRate, activation: activation,
        recurrentActivation: recurrentActivation, useBias: useBias,
        unitForgetBias: unitForgetBias, options: options,
        name: "\(Self.className.snakeCase)_cell"),
      returnSequences: returnSequences, returnState: returnState, goBackwards: goBackwards,
      stateful: stateful, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  override class func makeCell(config: JSON) throws -> GatedCell {
    try cellType.init(config: config)
  }
}

/// One step of `ConvLSTM1D`.
public final class ConvLSTM1DCell: ConvLSTMCell { override class var spatialRank: Int { 1 } }

/// One step of `ConvLSTM2D`.
public final class ConvLSTM2DCell: ConvLSTMCell { override class var spatialRank: Int { 2 } }

/// One step of `ConvLSTM3D`.
public final class ConvLSTM3DCell: ConvLSTMCell { override class var spatialRank: Int { 3 } }

/// A convolutional LSTM over sequences of rows: [batch, steps, rows, channels].
public final class ConvLSTM1D: ConvLSTM {
  override class var cellType: ConvLSTMCell.Type { ConvLSTM1DCell.self }
}

/// A convolutional LSTM over films: [batch, steps, rows, columns, channels].
public final class ConvLSTM2D: ConvLSTM {
  override class var cellType: ConvLSTMCell.Type { ConvLSTM2DCell.self }
}

/// A convolutional LSTM over sequences of volumes: [batch, steps, a, b, c, channels].
public final class ConvLSTM3D: ConvLSTM {
  override class var cellType: ConvLSTMCell.Type { ConvLSTM3DCell.self }
}
