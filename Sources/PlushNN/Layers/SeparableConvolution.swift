import PlushTensor

/// A convolution of each channel, then one of single elements that mixes the channels: what
/// `SeparableConv1D` and `SeparableConv2D` share. Chollet, "Xception", 2017.
///
/// Shapes: [batch, spatial…, channels] gives [batch, places…, filters].
public class SeparableConvolution: ConvolutionLayer {
  /// How many channels come out.
  public let filters: Int
  /// How many channels each makes in between.
  public let depthMultiplier: Int
  private let depthwiseOptions: WeightOptions
  private let pointwiseOptions: WeightOptions
  /// The weights [window…, channels, depthMultiplier], once built.
  public private(set) var depthwiseKernel: Variable?
  /// The weights [1…, channels · depthMultiplier, filters], once built.
  public private(set) var pointwiseKernel: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - filters: how many channels come out.
  ///   - kernelSize: sizes of the window.
  ///   - strides: elements from one place of the window to the next.
  ///   - padding: what stands around the input.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, spatial…].
  ///   - dilationRate: elements of the input from one element of the window to the next.
  ///   - depthMultiplier: how many channels each makes in between.
  public init(
    _ filters: Int, kernelSize: SpatialSizes, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, channelsFirst: Bool = false,
    dilationRate: SpatialSizes = 1, depthMultiplier: Int = 1, activation: Activation = .linear,
    useBias: Bool = true, depthwiseInitializer: Initializer = .glorotUniform,
    pointwiseInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    depthwiseRegularizer: Regularizer? = nil, pointwiseRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, activityRegularizer: Regularizer? = nil,
    depthwiseConstraint: Constraint? = nil, pointwiseConstraint: Constraint? = nil,
    biasConstraint: Constraint? = nil, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.filters = filters
    self.depthMultiplier = depthMultiplier
    depthwiseOptions = WeightOptions(
      depthwiseInitializer, depthwiseRegularizer, depthwiseConstraint)
    pointwiseOptions = WeightOptions(
      pointwiseInitializer, pointwiseRegularizer, pointwiseConstraint)
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
    depthMultiplier = config["depth_multiplier"]?.int ?? 1
    depthwiseOptions = try WeightOptions(config: config, "depthwise", default: .glorotUniform)
    pointwiseOptions = try WeightOptions(config: config, "pointwise", default: .glorotUniform)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["filters"] = .int(filters)
    config["depth_multiplier"] = .int(depthMultiplier)
    depthwiseOptions.write(to: &config, "depthwise")
    pointwiseOptions.write(to: &config, "pointwise")
    return config
  }

  override func outputChannels(of channels: Int?) throws -> Int? {
    guard filters > 0, depthMultiplier > 0 else {
      throw shapeError(
        expected: "filters and depthMultiplier above 0", found: "\(filters), \(depthMultiplier)")
    }
    if let kernel = depthwiseKernel, let channels, channels != kernel.shape[Self.spatialRank] {
      throw shapeError(
        expected: "\(kernel.shape[Self.spatialRank]) channels", found: "\(channels)")
    }
    return filters
  }

  override func buildKernels(channels: Int) {
    let rank = Self.spatialRank
    depthwiseKernel = addWeight(
      "depthwise_kernel", shape: geometry.window(rank) + [channels, depthMultiplier],
      depthwiseOptions)
    pointwiseKernel = addWeight(
      "pointwise_kernel",
      shape: [Int](repeating: 1, count: rank) + [channels * depthMultiplier, filters],
      pointwiseOptions)
  }

  override func convolved(_ input: Tensor) throws -> Tensor {
    guard let depthwiseKernel, let pointwiseKernel else {
      throw shapeError(expected: "a built layer", found: "none")
    }
    return input.separableConvolution(
      depthwise: depthwiseKernel.value, pointwise: pointwiseKernel.value,
      strides: geometry.strides, padding: geometry.padding, dilations: geometry.dilations)
  }
}

/// A separable convolution of sequences: [batch, steps, channels] gives [batch, places, filters].
public final class SeparableConv1D: SeparableConvolution {
  override class var spatialRank: Int { 1 }
}

/// A separable convolution of pictures: [batch, rows, columns, channels] gives [batch, places…,
/// filters].
public final class SeparableConv2D: SeparableConvolution {
  override class var spatialRank: Int { 2 }
}
