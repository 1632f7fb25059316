import PlushTensor

/// What all layers of convolution share: windows, a bias, an activation.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, outputs].
public class ConvolutionLayer: Layer {
  let geometry: WindowShape
  /// Applied to the outputs.
  public let activation: Activation
  /// Whether a bias is added.
  public let useBias: Bool
  private let biasOptions: WeightOptions
  private let activityRegularizer: Regularizer?
  /// The weights, one for each channel of the output, once built.
  public private(set) var bias: Variable?

  init(
    _ geometry: WindowShape, activation: Activation, useBias: Bool, bias: WeightOptions,
    activityRegularizer: Regularizer?, inputShape: [Int?]?, name: String?, trainable: Bool
  ) {
    self.geometry = geometry
    self.activation = activation
    self.useBias = useBias
    biasOptions = bias
    self.activityRegularizer = activityRegularizer
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    geometry = try WindowShape(config: config)
    activation = try Activation(config: config["activation"])
    useBias = config["use_bias"]?.bool ?? true
    biasOptions = try WeightOptions(config: config, "bias", default: .zeros)
    activityRegularizer = try Regularizer.read(config: config["activity_regularizer"])
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    geometry.write(to: &config, rank: Self.spatialRank)
    config["activation"] = activation.config
    config["use_bias"] = .bool(useBias)
    biasOptions.write(to: &config, "bias")
    config["activity_regularizer"] = activityRegularizer?.config ?? .null
    return config
  }

  // MARK: What subclasses tell

  /// How many axes lie beside those of samples and channels.
  class var spatialRank: Int { 2 }

  /// The channels of the output for those of the input.
  ///
  /// - Throws: `ModelError` if there cannot be so many.
  func outputChannels(of channels: Int?) throws -> Int? { channels }

  /// The spatial sizes of the output.
  func outputSizes(of sizes: [Int?]) throws -> [Int?] { geometry.places(in: sizes) }

  /// Makes the weights but for the bias.
  func buildKernels(channels: Int) {}

  /// The output before bias and activation; channels are last.
  func convolved(_ input: Tensor) throws -> Tensor { input }

  // MARK: The layer

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let rank = Self.spatialRank
    try check(geometry, rank: rank)
    let (sizes, channels) = try spatialSizes(
      of: inputShape, rank: rank, channelsFirst: geometry.channelsFirst)
    let result = try shape(
      inputShape, sizes: try outputSizes(of: sizes), channels: try outputChannels(of: channels),
      channelsFirst: geometry.channelsFirst)
    return try outputShape(of: activation, for: result)
  }

  public override func build(inputShape: Shape) throws {
    let (_, size) = try spatialSizes(
      of: inputShape, rank: Self.spatialRank, channelsFirst: geometry.channelsFirst)
    guard let channels = size, let outputs = try outputChannels(of: channels) else {
      throw shapeError(
        expected: "an axis of channels of known size", found: inputShape.text,
        hint: "give the size in inputShape, as in inputShape: [28, 28, 1]")
    }
    buildKernels(channels: channels)
    if useBias { bias = addWeight("bias", shape: [outputs], biasOptions) }
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let output: Tensor
    if activation.isElementwise {
      output = withChannelsInPlace(activation(try affine(withChannelsLast(input))))
    } else {
      output = activation(try callBeforeActivation(input, training: training))
    }
    addLoss(activityRegularizer, on: output, training: training)
    return output
  }

  public override var outputActivation: Activation? {
    activityRegularizer == nil ? activation : nil
  }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    withChannelsInPlace(try affine(withChannelsLast(input)))
  }

  private func affine(_ input: Tensor) throws -> Tensor {
    let output = try convolved(input)
    return bias.map { output + $0.value } ?? output
  }

  private func withChannelsLast(_ input: Tensor) -> Tensor {
    geometry.channelsFirst ? input.moveAxis(1, to: -1) : input
  }

  private func withChannelsInPlace(_ output: Tensor) -> Tensor {
    geometry.channelsFirst ? output.moveAxis(-1, to: 1) : output
  }
}

/// `activation(convolution(input, kernel) + bias)`: what `Conv1D`, `Conv2D` and `Conv3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, filters].
public class Convolution: ConvolutionLayer {
  /// How many channels come out.
  public let filters: Int
  /// Equal parts of the channels, of which each filter sees one.
  public let groups: Int
  private let kernelOptions: WeightOptions
  /// The weights [window…, channels / groups, filters], once built.
  public private(set) var kernel: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - filters: how many channels come out.
  ///   - kernelSize: sizes of the window.
  ///   - strides: elements from one place of the window to the next.
  ///   - padding: what stands around the input.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, spatial…].
  ///   - dilationRate: elements of the input from one element of the window to the next.
  ///   - groups: equal parts of channels and filters; a filter sees the channels of its own part.
  ///   - activation: applied to the outputs.
  ///   - useBias: whether a bias is added, one number for each filter.
  ///   - kernelInitializer: the first kernel.
  ///   - biasInitializer: the first bias.
  public init(
    _ filters: Int, kernelSize: SpatialSizes, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, channelsFirst: Bool = false,
    dilationRate: SpatialSizes = 1, groups: Int = 1, activation: Activation = .linear,
    useBias: Bool = true, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, kernelRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, activityRegularizer: Regularizer? = nil,
    kernelConstraint: Constraint? = nil, biasConstraint: Constraint? = nil,
    inputShape: [Int?]? = nil, name: String? = nil, trainable: Bool = true
  ) {
    self.filters = filters
    self.groups = groups
    kernelOptions = WeightOptions(kernelInitializer, kernelRegularizer, kernelConstraint)
    super.init(
      WindowShape(
        window: kernelSize, strides: strides, padding: padding, dilations: dilationRate,
        channelsFirst: channelsFirst),
      activation: activation, useBias: useBias,
      bias: WeightOptions(biasInitializer, biasRegularizer, biasConstraint),
      activityRegularizer: activityRegularizer, inputShape: inputShape, name: name,
      trainable: trainable)
  }

  public required init(config: JSON) throws {
    filters = try config.get("filters", \.int)
    groups = config["groups"]?.int ?? 1
    kernelOptions = try WeightOptions(config: config, "kernel", default: .glorotUniform)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["filters"] = .int(filters)
    config["groups"] = .int(groups)
    kernelOptions.write(to: &config, "kernel")
    return config
  }

  override func outputChannels(of channels: Int?) throws -> Int? {
    guard filters > 0, groups > 0, filters % groups == 0, (channels ?? groups) % groups == 0
    else {
      throw shapeError(
        expected: "filters and channels that are multiples of the \(groups) groups",
        found: "\(filters) filters, \(channels.map(String.init) ?? "unknown") channels")
    }
    if let kernel, let channels, channels != kernel.shape[Self.spatialRank] * groups {
      throw shapeError(
        expected: "\(kernel.shape[Self.spatialRank] * groups) channels", found: "\(channels)")
    }
    return filters
  }

  override func buildKernels(channels: Int) {
    let window = geometry.window(Self.spatialRank)
    kernel = addWeight("kernel", shape: window + [channels / groups, filters], kernelOptions)
  }

  override func convolved(_ input: Tensor) throws -> Tensor {
    guard let kernel else { throw shapeError(expected: "a built layer", found: "none") }
    return input.convolution(
      kernel.value, strides: geometry.strides, padding: geometry.padding,
      dilations: geometry.dilations, groups: groups)
  }
}

/// A convolution of sequences: [batch, steps, channels] gives [batch, places, filters].
public final class Conv1D: Convolution { override class var spatialRank: Int { 1 } }

/// A convolution of pictures: [batch, rows, columns, channels] gives [batch, places…, filters].
public final class Conv2D: Convolution { override class var spatialRank: Int { 2 } }

/// A convolution of volumes: [batch, a, b, c, channels] gives [batch, places…, filters].
public final class Conv3D: Convolution { override class var spatialRank: Int { 3 } }
