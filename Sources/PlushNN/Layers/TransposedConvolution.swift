import PlushTensor

/// The transposition of a convolution, as decoders enlarge with it: what `Conv1DTranspose`,
/// `Conv2DTranspose` and `Conv3DTranspose` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, spatial · strides…, filters] with padding
/// `same`, and what the windows reach beyond that with `valid`.
public class TransposedConvolution: ConvolutionLayer {
  /// How many channels come out.
  public let filters: Int
  private let outputPadding: SpatialSizes?
  private let kernelOptions: WeightOptions
  /// The weights [window…, filters, channels], once built.
  public private(set) var kernel: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - filters: how many channels come out.
  ///   - kernelSize: sizes of the window.
  ///   - strides: elements of the output from one element of the input to the next.
  ///   - padding: `valid` or `same`.
  ///   - outputPadding: elements at the ends of the output beyond the smallest possible.
  ///   - channelsFirst: whether inputs and outputs are [batch, channels, spatial…].
  ///   - dilationRate: elements of the output from one element of the window to the next.
  public init(
    _ filters: Int, kernelSize: SpatialSizes, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, outputPadding: SpatialSizes? = nil,
    channelsFirst: Bool = false, dilationRate: SpatialSizes = 1,
    activation: Activation = .linear, useBias: Bool = true,
    kernelInitializer: Initializer = .glorotUniform, biasInitializer: Initializer = .zeros,
    kernelRegularizer: Regularizer? = nil, biasRegularizer: Regularizer? = nil,
    activityRegularizer: Regularizer? = nil, kernelConstraint: Constraint? = nil,
    biasConstraint: Constraint? = nil, inputShape: [Int?]? = nil, name: String? = nil,
    trainable: Bool = true
  ) {
    self.filters = filters
    self.outputPadding = outputPadding
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
    let padding = config["output_padding"] ?? .null
    outputPadding = padding.isNull ? nil : try SpatialSizes(config: padding, default: nil)
    kernelOptions = try WeightOptions(config: config, "kernel", default: .glorotUniform)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["filters"] = .int(filters)
    config["output_padding"] = outputPadding?.config(rank: Self.spatialRank) ?? .null
    kernelOptions.write(to: &config, "kernel")
    return config
  }

  override func outputChannels(of channels: Int?) throws -> Int? {
    guard filters > 0 else { throw shapeError(expected: "at least one filter", found: "0") }
    if let kernel, let channels, channels != kernel.shape[Self.spatialRank + 1] {
      throw shapeError(
        expected: "\(kernel.shape[Self.spatialRank + 1]) channels", found: "\(channels)")
    }
    return filters
  }

  override func outputSizes(of sizes: [Int?]) throws -> [Int?] {
    let strides = geometry.strides.values(rank: sizes.count) ?? []
    let padding = outputPadding.map { $0.values(rank: sizes.count) ?? [] }
    let fits = padding?.count ?? sizes.count == sizes.count
    guard fits, geometry.padding != .causal,
      zip(padding ?? [], strides).allSatisfy({ $0 >= 0 && $0 < $1 })
    else {
      throw shapeError(
        expected: "padding valid or same and an outputPadding below the strides \(strides)",
        found: "\(geometry.padding.name), \(outputPadding.map { "\($0.sizes)" } ?? "none")")
    }
    return transposedSizes(
      sizes, reaches: geometry.reaches(sizes.count), strides: strides, geometry.padding,
      outputPadding: padding)
  }

  override func buildKernels(channels: Int) {
    let window = geometry.window(Self.spatialRank)
    kernel = addWeight("kernel", shape: window + [filters, channels], kernelOptions)
  }

  override func convolved(_ input: Tensor) throws -> Tensor {
    guard let kernel else { throw shapeError(expected: "a built layer", found: "none") }
    return input.convolutionTranspose(
      kernel.value, strides: geometry.strides, padding: geometry.padding,
      outputPadding: outputPadding, dilations: geometry.dilations)
  }
}

/// The transposition of a convolution of sequences: [batch, steps, channels] gives [batch, more
/// steps, filters].
public final class Conv1DTranspose: TransposedConvolution {
  override class var spatialRank: Int { 1 }
}

/// The transposition of a convolution of pictures: [batch, rows, columns, channels] gives [batch, more
/// rows, more columns, filters].
public final class Conv2DTranspose: TransposedConvolution {
  override class var spatialRank: Int { 2 }
}

/// The transposition of a convolution of volumes: [batch, a, b, c, channels] gives [batch, larger…,
/// filters].
public final class Conv3DTranspose: TransposedConvolution {
  override class var spatialRank: Int { 3 }
}
