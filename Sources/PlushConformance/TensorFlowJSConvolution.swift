import PlushNN
import PlushTensor

extension TensorFlowJSOperators {
  static let convolution: [String: Operator] = [
    "conv1d": one { arguments in
      let (x, filter) = (try arguments.tensor(0), try arguments.tensor(1))
      let call = WindowCall(
        strides: arguments.integers(2), padding: try arguments.padding(3, rank: 1),
        isChannelsFirst: arguments.string(4) == "NCW", dilations: arguments.integers(5))
      return alike(x, rank: 3) { call.convolution($0, filter) }
    },
    "conv2d": one { try convolution($0, spatialRank: 2) },
    "conv3d": one { try convolution($0, spatialRank: 3) },
    "conv2dTranspose": one { try transposed($0, spatialRank: 2) },
    "conv3dTranspose": one { try transposed($0, spatialRank: 3) },
    "depthwiseConv2d": one { arguments in
      let filter = try arguments.tensor(1)
      let call = WindowCall(
        strides: arguments.integers(2), padding: try arguments.padding(3, rank: 2),
        isChannelsFirst: arguments.string(4) == "NCHW", dilations: arguments.integers(5))
      return alike(try arguments.tensor(0), rank: 4) { call.depthwise($0, filter) }
    },
    "separableConv2d": one { arguments in
      let (depthwise, pointwise) = (try arguments.tensor(1), try arguments.tensor(2))
      let padding = try arguments.padding(4, rank: 2)
      return alike(try arguments.tensor(0), rank: 4) {
        $0.separableConv2d(
          depthwise: depthwise, pointwise: pointwise,
          strides: SpatialSizes(arguments.integers(3) ?? [1]), padding: padding,
          dilations: SpatialSizes(arguments.integers(5) ?? [1]),
          channelsFirst: arguments.string(6) == "NCHW")
      }
    },
    "dilation2d": one { arguments in
      let (filter, padding) = (try arguments.tensor(1), try arguments.padding(3, rank: 2))
      return alike(try arguments.tensor(0), rank: 4) {
        $0.dilation2d(
          filter, strides: SpatialSizes(arguments.integers(2) ?? [1]), padding: padding,
          dilations: SpatialSizes(arguments.integers(4) ?? [1]))
      }
    },
    "fusedConv2d": one { arguments in
      try fused(arguments) { call, x, filter in call.convolution(x, filter) }
    },
    "fusedDepthwiseConv2d": one { arguments in
      try fused(arguments) { call, x, filter in call.depthwise(x, filter) }
    },
  ]

  static let pooling: [String: Operator] = [
    "avgPool": one { try pool($0, spatialRank: 2, isMax: false) },
    "avgPool3d": one { try pool($0, spatialRank: 3, isMax: false) },
    "maxPool": one { try pool($0, spatialRank: 2, isMax: true) },
    "maxPool3d": one { try pool($0, spatialRank: 3, isMax: true) },
    "maxPoolWithArgmax": several { arguments in
      let (values, indices) = try arguments.tensor(0).maxPoolWithArgmax(
        size: SpatialSizes(try arguments.requiredIntegers(1)),
        strides: SpatialSizes(try arguments.requiredIntegers(2)),
        padding: try arguments.padding(3, rank: 2), includeBatchInIndex: arguments.flag(4))
      return [values, indices]
    },
    // The arguments of `pool` stand in an order of their own.
    "pool": one { arguments in
      let call = WindowCall(
        strides: arguments.integers(5), padding: try arguments.padding(3, rank: 2),
        isChannelsFirst: false, dilations: arguments.integers(4))
      let size = SpatialSizes(try arguments.requiredIntegers(1))
      let isMax = arguments.string(2) == "max"
      return alike(try arguments.tensor(0), rank: 4) { call.pool($0, size, isMax: isMax) }
    },
  ]

  private static func convolution(
    _ arguments: TensorFlowJSArguments, spatialRank: Int
  ) throws -> Tensor {
    let isChannelsFirst = arguments.string(4)?.hasPrefix("NC") == true
    let call = WindowCall(
      strides: arguments.integers(2),
      padding: try arguments.padding(3, rank: spatialRank, isChannelsFirst: isChannelsFirst),
      isChannelsFirst: isChannelsFirst, dilations: arguments.integers(5))
    let filter = try arguments.tensor(1)
    return alike(try arguments.tensor(0), rank: spatialRank + 2) {
      call.convolution($0, filter)
    }
  }

  private static func transposed(
    _ arguments: TensorFlowJSArguments, spatialRank: Int
  ) throws -> Tensor {
    let (filter, sizes) = (try arguments.tensor(1), try arguments.requiredIntegers(2))
    let padding = try arguments.padding(4, rank: spatialRank)
    return alike(try arguments.tensor(0), rank: spatialRank + 2) {
      $0.convolutionTranspose(
        filter, strides: SpatialSizes(arguments.integers(3) ?? [1]), padding: padding,
        outputSizes: Array(sizes.suffix(spatialRank + 1).dropLast()))
    }
  }

  private static func pool(
    _ arguments: TensorFlowJSArguments, spatialRank: Int, isMax: Bool
  ) throws -> Tensor {
    let call = WindowCall(
      strides: arguments.integers(2), padding: try arguments.padding(3, rank: spatialRank),
      isChannelsFirst: arguments.string(5)?.hasPrefix("NC") == true, dilations: nil)
    let size = SpatialSizes(try arguments.requiredIntegers(1))
    return alike(try arguments.tensor(0), rank: spatialRank + 2) {
      call.pool($0, size, isMax: isMax)
    }
  }

  /// A convolution, a bias and an activation in one.
  private static func fused(
    _ all: TensorFlowJSArguments, _ convolve: (WindowCall, Tensor, Tensor) -> Tensor
  ) throws -> Tensor {
    let arguments = try all.members([
      "x", "filter", "strides", "pad", "dataFormat", "dilations", "bias", "activation",
      "preluActivationWeights", "leakyreluAlpha",
    ])
    let isChannelsFirst = arguments.string(4) == "NCHW"
    let call = WindowCall(
      strides: arguments.integers(2),
      padding: try arguments.padding(3, rank: 2, isChannelsFirst: isChannelsFirst),
      isChannelsFirst: isChannelsFirst, dilations: arguments.integers(5))
    let filter = try arguments.tensor(1)
    let bias = try arguments.optionalTensor(6)
    let slopes = try arguments.optionalTensor(8)
    func perChannel(_ tensor: Tensor) -> Tensor {
      isChannelsFirst && tensor.rank == 1 ? tensor.reshape([-1, 1, 1]) : tensor
    }
    return try alike(try arguments.tensor(0), rank: 4) { x in
      var y = convolve(call, x, filter)
      if let bias { y = y + perChannel(bias) }
      switch arguments.string(7) ?? "linear" {
      case "linear": return y
      case "relu": return y.relu()
      case "relu6": return y.relu6()
      case "elu": return y.elu()
      case "sigmoid": return y.sigmoid()
      case "leakyrelu": return y.leakyRelu(alpha: arguments.double(9) ?? 0.2)
      case "prelu": return y.prelu(perChannel(slopes ?? .zeros([])))
      case let name: throw TensorFlowJSError(gap: "the activation \(name)")
      }
    }
  }

  /// One sample stands for a batch of one, and gives one.
  private static func alike(
    _ x: Tensor, rank: Int, _ body: (Tensor) throws -> Tensor
  ) rethrows -> Tensor {
    if x.rank != rank - 1 { return try body(x) }
    return try body(x.expandDims(axis: 0)).squeeze(axis: 0)
  }
}

/// What the calls have in common.
private struct WindowCall {
  let strides: SpatialSizes
  let padding: SpatialPadding
  let isChannelsFirst: Bool
  let dilations: SpatialSizes

  init(strides: [Int]?, padding: SpatialPadding, isChannelsFirst: Bool, dilations: [Int]?) {
    self.strides = SpatialSizes(strides ?? [1])
    self.padding = padding
    self.isChannelsFirst = isChannelsFirst
    self.dilations = SpatialSizes(dilations ?? [1])
  }

  func convolution(_ x: Tensor, _ filter: Tensor) -> Tensor {
    x.convolution(
      filter, strides: strides, padding: padding, dilations: dilations,
      channelsFirst: isChannelsFirst)
  }

  func depthwise(_ x: Tensor, _ filter: Tensor) -> Tensor {
    x.depthwiseConvolution(
      filter, strides: strides, padding: padding, dilations: dilations,
      channelsFirst: isChannelsFirst)
  }

  func pool(_ x: Tensor, _ size: SpatialSizes, isMax: Bool) -> Tensor {
    isMax
      ? x.maxPool(
        size: size, strides: strides, padding: padding, dilations: dilations,
        channelsFirst: isChannelsFirst)
      : x.averagePool(
        size: size, strides: strides, padding: padding, dilations: dilations,
        channelsFirst: isChannelsFirst)
  }
}

extension TensorFlowJSArguments {
  /// A name, a number for all ends of the spatial axes, or a pair for each axis of the array.
  fileprivate func padding(
    _ index: Int, rank: Int, isChannelsFirst: Bool = false
  ) throws -> SpatialPadding {
    if let name = string(index) { return name == "same" ? .same : .valid }
    if let width = int(index) {
      let widths = [Int](repeating: width, count: rank)
      return .explicit(low: widths, high: widths)
    }
    let pairs = try pairs(index)
    // A sequence counts as a picture of one row.
    let spatial = isChannelsFirst ? pairs.suffix(rank) : pairs.dropLast().suffix(rank)
    return .explicit(low: spatial.map(\.0), high: spatial.map(\.1))
  }
}
