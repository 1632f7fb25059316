import PlushTensor

/// Convolves each channel with filters of its own: what `DepthwiseConv1D` and `DepthwiseConv2D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, channels · depthMultiplier].
public class DepthwiseConvolution: ConvolutionLayer {
  /// How many channels come out of each.
  public let depthMultiplier: Int
  private let kernelOptions: WeightOptions
  /// The weights [window…, channels, depthMultiplier], once built.
  public private(set) var kernel: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - kernelSize: sizes of the window.
  ///   - strides: elements from one place of the window to the next.
  ///   - padding: what stands around the input.
  ///   - depthMultiplier: how many channels come out of each.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, spatial…].
  ///   - dilationRate: elements of the input from one element of the window to the next.
  public init(
    kernelSize: SpatialSizes, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    depthMultiplier: Int = 1, channelsFirst: Bool = false, dilationRate: SpatialSizes = 1,
    activation: Activation = .linear, useBias: Bool = true,
    depthwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    depthwiseRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    activityRegularizer: Regularizer? = nil, depthwiseConstraint: Constraint? = nil,
    biasConstraint: Constraint? = nil, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.depthMultiplier = depthMultiplier
    kernelOptions = WeightOptions(
      depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
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
    depthMultiplier = config["depth_multiplier"]?.int ?? 1
    kernelOptions = try WeightOptions(config: config, "depthwise", default: .glorotUniform)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["depth_multiplier"] = .int(depthMultiplier)
    kernelOptions.write(to: &config, "depthwise")
    return config
  }

  override func outputChannels(of channels: Int?) throws -> Int? {
    guard depthMultiplier > 0 else {
      throw shapeError(expected: "a depthMultiplier above 0", found: "\(depthMultiplier)")
    }
    if let kernel, let channels, channels != kernel.shape[Self.spatialRank] {
      throw shapeError(
        expected: "\(kernel.shape[Self.spatialRank]) channels", found: "\(channels)")
    }
    return channels.map { $0 * depthMultiplier }
  }

  override func buildKernels(channels: Int) {
    let window = geometry.window(Self.spatialRank)
    kernel = addWeight(
      "depthwise_kernel", shape: window + [channels, depthMultiplier], kernelOptions)
  }

  override func convolved(_ input: Tensor) throws -> Tensor {
    guard let kernel else { throw shapeError(expected: "a built layer", found: "none") }
    return input.depthwiseConvolution(
      kernel.value, strides: geometry.strides, padding: geometry.padding,
      dilations: geometry.dilations)
  }
}

/// A convolution of each channel of sequences: [batch, steps, channels] gives [batch, places,
/// channels · depthMultiplier].
public final class DepthwiseConv1D: DepthwiseConvolution {
  override class var spatialRank: Int { 1 }
}

/// A convolution of each channel of pictures: [batch, rows, columns, channels] gives [batch, places…,
/// channels · depthMultiplier].
public final class DepthwiseConv2D: DepthwiseConvolution {
  override class var spatialRank: Int { 2 }
}
