import PlushNN
import PlushTensor
import Testing

/// Layers of convolution, pooling and pictures: the whole contract of each, and their errors.
@Suite struct ConvolutionLayerTests {
  @Test func convolutions() throws {
    try checkLayer(
      { Conv1D(3, kernelSize: 2, padding: .causal, dilationRate: 2, activation: .tanh) },
      [[2, 5, 2]], gives: [2, 5, 3], parameters: 15)
    try checkLayer(
      { Conv2D(4, kernelSize: [3, 2], strides: 2, padding: .same) }, [[2, 5, 4, 2]],
      gives: [2, 3, 2, 4], parameters: 52)
    try checkLayer(
      { Conv2D(4, kernelSize: 2, channelsFirst: true, groups: 2, useBias: false) },
      [[2, 2, 3, 4]], gives: [2, 4, 2, 3], parameters: 16)
    try checkLayer(
      { Conv2D(2, kernelSize: 1, channelsFirst: true, activation: .softmax) }, [[2, 3, 2, 2]],
      gives: [2, 2, 2, 2], parameters: 8)
    try checkLayer(
      { Conv3D(2, kernelSize: 2, strides: [1, 2, 1]) }, [[1, 3, 4, 2, 2]], gives: [1, 2, 2, 1, 2],
      parameters: 34)
  }

  @Test func transposedConvolutions() throws {
    try checkLayer(
      { Conv1DTranspose(3, kernelSize: 3, strides: 2, padding: .same) }, [[2, 4, 2]],
      gives: [2, 8, 3], parameters: 21)
    try checkLayer(
      { Conv2DTranspose(2, kernelSize: 3, strides: 2, outputPadding: 1) }, [[1, 2, 3, 2]],
      gives: [1, 6, 8, 2], parameters: 38)
    try checkLayer(
      { Conv2DTranspose(2, kernelSize: 2, strides: 3, channelsFirst: true) }, [[1, 2, 2, 2]],
      gives: [1, 2, 6, 6], parameters: 18)
    try checkLayer(
      { Conv3DTranspose(1, kernelSize: 2) }, [[1, 2, 1, 2, 2]], gives: [1, 3, 2, 3, 1],
      parameters: 17)
  }

  @Test func convolutionsByChannel() throws {
    try checkLayer(
      { DepthwiseConv1D(kernelSize: 2, depthMultiplier: 2) }, [[2, 4, 3]], gives: [2, 3, 6],
      parameters: 18)
    try checkLayer(
      { DepthwiseConv2D(kernelSize: 3, strides: 2, padding: .same) }, [[1, 4, 5, 3]],
      gives: [1, 2, 3, 3], parameters: 30)
    try checkLayer(
      { SeparableConv1D(4, kernelSize: 2, activation: .sigmoid) }, [[2, 4, 3]], gives: [2, 3, 4],
      parameters: 22)
    try checkLayer(
      { SeparableConv2D(3, kernelSize: 2, channelsFirst: true, depthMultiplier: 2) },
      [[1, 2, 3, 3]], gives: [1, 3, 2, 2], parameters: 31)
  }

  @Test func poolings() throws {
    try checkLayer({ MaxPooling1D() }, [[2, 5, 3]], gives: [2, 2, 3], parameters: 0)
    try checkLayer(
      { MaxPooling2D(poolSize: 3, strides: 2, padding: .same) }, [[2, 5, 4, 2]],
      gives: [2, 3, 2, 2], parameters: 0)
    try checkLayer(
      { MaxPooling3D(channelsFirst: true) }, [[1, 2, 2, 4, 3]], gives: [1, 2, 1, 2, 1],
      parameters: 0)
    try checkLayer(
      { AveragePooling1D(poolSize: 3, padding: .same) }, [[2, 5, 3]], gives: [2, 2, 3],
      parameters: 0)
    try checkLayer(
      { AveragePooling2D(poolSize: [1, 2], channelsFirst: true) }, [[2, 3, 2, 4]],
      gives: [2, 3, 2, 2], parameters: 0)
    try checkLayer(
      { AveragePooling3D() }, [[1, 2, 2, 3, 2]], gives: [1, 1, 1, 1, 2], parameters: 0)
  }

  @Test func globalPoolings() throws {
    try checkLayer({ GlobalMaxPooling1D() }, [[2, 5, 3]], gives: [2, 3], parameters: 0)
    try checkLayer(
      { GlobalMaxPooling2D(keepDims: true) }, [[2, 3, 2, 3]], gives: [2, 1, 1, 3], parameters: 0)
    try checkLayer({ GlobalMaxPooling3D() }, [[2, 3, 2, 1, 3]], gives: [2, 3], parameters: 0)
    try checkLayer({ GlobalAveragePooling1D() }, [[2, 5, 3]], gives: [2, 3], parameters: 0)
    try checkLayer(
      { GlobalAveragePooling2D(channelsFirst: true) }, [[2, 3, 2, 4]], gives: [2, 3],
      parameters: 0)
    try checkLayer(
      { GlobalAveragePooling3D(keepDims: true) }, [[2, 3, 2, 1, 3]], gives: [2, 1, 1, 1, 3],
      parameters: 0)
  }

  @Test func maskedStepsAreNotPooled() throws {
    let x = Tensor([[[1.0], [2], [9]], [[3], [4], [5]]])
    let mask = Tensor([[true, true, false], [false, true, true]])
    let means = try GlobalAveragePooling1D()([x], masks: [mask])[0]
    #expect(means.dataSync() == [1.5, 4.5])
  }

  @Test func adaptivePoolings() throws {
    try checkLayer({ AdaptiveMaxPooling1D(3) }, [[2, 7, 2]], gives: [2, 3, 2], parameters: 0)
    try checkLayer(
      { AdaptiveMaxPooling2D([2, 3], channelsFirst: true) }, [[1, 2, 5, 4]], gives: [1, 2, 2, 3],
      parameters: 0)
    try checkLayer(
      { AdaptiveMaxPooling3D(1) }, [[1, 2, 3, 2, 2]], gives: [1, 1, 1, 1, 2], parameters: 0)
    try checkLayer({ AdaptiveAveragePooling1D(3) }, [[2, 7, 2]], gives: [2, 3, 2], parameters: 0)
    try checkLayer(
      { AdaptiveAveragePooling2D(2) }, [[1, 5, 4, 2]], gives: [1, 2, 2, 2], parameters: 0)
    try checkLayer(
      { AdaptiveAveragePooling3D([1, 2, 3]) }, [[1, 2, 3, 3, 2]], gives: [1, 1, 2, 3, 2],
      parameters: 0)
    // Parts 0..<3, 2..<5, 4..<7 of seven steps.
    let line = Tensor.range(0, 7, dtype: .float32).reshape([1, 7, 1])
    #expect(try AdaptiveAveragePooling1D(3)(line).dataSync() == [1, 3, 5])
    #expect(try AdaptiveMaxPooling1D(3)(line).dataSync() == [2, 4, 6])
  }

  @Test func pictures() throws {
    for method in Resizing.Method.allCases {
      try checkLayer(
        { Resizing(height: 3, width: 5, interpolation: method) }, [[1, 4, 3, 2]],
        gives: [1, 3, 5, 2], parameters: 0)
    }
    try checkLayer(
      { Resizing(height: 2, width: 2, aspectRatio: .cropped, channelsFirst: true) },
      [[1, 2, 3, 5]], gives: [1, 2, 2, 2], parameters: 0)
    try checkLayer(
      { Resizing(height: 2, width: 4, aspectRatio: .padded, fillValue: 0.5, antialias: true) },
      [[1, 5, 5, 1]], gives: [1, 2, 4, 1], parameters: 0)
    try checkLayer(
      { CenterCrop(height: 2, width: 3) }, [[1, 4, 4, 2]], gives: [1, 2, 3, 2], parameters: 0)
    try checkLayer(
      { CenterCrop(height: 4, width: 2, channelsFirst: true) }, [[1, 2, 2, 2]],
      gives: [1, 2, 4, 2], parameters: 0)
  }

  @Test func upSampling() throws {
    for method in Resizing.Method.allCases {
      try checkLayer(
        { UpSampling2D((2, 3), interpolation: method) }, [[1, 3, 2, 2]], gives: [1, 6, 6, 2],
        parameters: 0)
    }
    try checkLayer(
      { UpSampling2D(interpolation: .bilinear, channelsFirst: true) }, [[1, 2, 3, 2]],
      gives: [1, 2, 6, 4], parameters: 0)
  }

  @Test func penaltiesAndConstraintsAreKept() throws {
    let layer = Conv2D(
      2, kernelSize: 3, kernelRegularizer: .l2(0.1), activityRegularizer: .l1(0.2),
      kernelConstraint: .nonNegative, biasConstraint: .maxNorm(1))
    let copy = try Layer.make(className: "Conv2D", config: layer.config)
    #expect(copy.config == layer.config)
    #expect(layer.config["kernel_size"] == [3, 3])
    #expect(layer.config["data_format"] == "channels_last")
    #expect(layer.config["kernel_regularizer"]?["class_name"] == "L1L2")
  }

  /// Layers that cannot be, and what they are called on.
  static let faults: [(@Sendable () throws -> Layer, Shape)] = [
    ({ Conv2D(0, kernelSize: 3) }, [nil, 5, 5, 2]),
    ({ Conv2D(4, kernelSize: 0) }, [nil, 5, 5, 2]),
    ({ Conv2D(4, kernelSize: [3, 3, 3]) }, [nil, 5, 5, 2]),
    ({ Conv2D(4, kernelSize: 6) }, [nil, 5, 5, 2]),
    ({ Conv2D(4, kernelSize: 3) }, [nil, 5, 2]),
    ({ Conv2D(4, kernelSize: 3) }, [nil, 5, 5, nil]),
    ({ Conv2D(4, kernelSize: 3, groups: 3) }, [nil, 5, 5, 3]),
    ({ Conv2D(4, kernelSize: 3, padding: .causal) }, [nil, 5, 5, 3]),
    ({ Conv2D(4, kernelSize: 3, padding: .explicit(low: [1], high: [1])) }, [nil, 5, 5, 3]),
    ({ Conv2D(4, kernelSize: 3, activation: .glu) }, [nil, 1, 1, 3]),
    ({ Conv2DTranspose(4, kernelSize: 3, outputPadding: 1) }, [nil, 5, 5, 3]),
    ({ Conv1DTranspose(4, kernelSize: 3, padding: .causal) }, [nil, 5, 3]),
    ({ DepthwiseConv2D(kernelSize: 3, depthMultiplier: 0) }, [nil, 5, 5, 3]),
    ({ SeparableConv1D(0, kernelSize: 3) }, [nil, 5, 3]),
    ({ MaxPooling2D(poolSize: 0) }, [nil, 5, 5, 3]),
    ({ MaxPooling1D(padding: .causal) }, [nil, 5, 3]),
    ({ AveragePooling2D(poolSize: 9) }, [nil, 5, 5, 3]),
    ({ GlobalMaxPooling2D() }, [nil, 5, 3]),
    ({ AdaptiveMaxPooling1D(0) }, [nil, 5, 3]),
    ({ Resizing(height: 0, width: 2) }, [nil, 5, 5, 3]),
    ({ CenterCrop(height: 1, width: -2) }, [nil, 5, 5, 3]),
  ]

  @Test(arguments: faults.indices) func faultsNameTheLayer(_ place: Int) throws {
    let (make, shape) = Self.faults[place]
    let layer = try make()
    let error = #expect(throws: ModelError.self) {
      let input = Input(shape: Array(shape.dropFirst()))
      _ = try Model(inputs: [input], outputs: [layer(input)])
    }
    #expect(error?.layer == layer.label, "\(layer.label)")
  }

  @Test func otherChannelsThanBuiltForAreRefused() throws {
    let layer = Conv2D(2, kernelSize: 1)
    _ = try layer(Tensor.ones([1, 2, 2, 3]))
    #expect(throws: ModelError.self) { try layer(Tensor.ones([1, 2, 2, 4])) }
  }

  @Test func summaryTellsShapesAndParameters() throws {
    let model = Sequential {
      Conv2D(32, kernelSize: 3, activation: .relu, inputShape: [28, 28, 1])
      MaxPooling2D()
      Flatten()
    }
    try model.build()
    let summary = try model.summary()
    #expect(summary.contains("[null,26,26,32]"))
    #expect(summary.contains("[null,5408]"))
    #expect(model.parameterCount == 320)
  }
}
