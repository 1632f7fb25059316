import PlushNN
import PlushTensor
import Testing

/// Layers without weights, or with simple ones: the whole contract of each, and its errors.
@Suite struct SimpleLayerTests {
  @Test func activations() throws {
    try checkLayer({ ReLU() }, [[3, 4]], gives: [3, 4], parameters: 0)
    try checkLayer(
      { ReLU(maxValue: 1, negativeSlope: 0.2, threshold: 0.5) }, [[3, 4]], gives: [3, 4],
      parameters: 0, hasGradient: false)
    try checkLayer({ LeakyReLU() }, [[3, 4]], gives: [3, 4], parameters: 0)
    try checkLayer(
      { PReLU(alphaInitializer: .constant(0.2)) }, [[3, 4]], gives: [3, 4], parameters: 4)
    try checkLayer(
      { PReLU(alphaConstraint: .nonNegative, sharedAxes: [1]) }, [[3, 2, 4]], gives: [3, 2, 4],
      parameters: 4)
    try checkLayer({ ELU(alpha: 0.5) }, [[3, 4]], gives: [3, 4], parameters: 0)
    try checkLayer(
      { ThresholdedReLU() }, [[3, 4]], gives: [3, 4], parameters: 0, hasGradient: false)
    try checkLayer({ Softmax() }, [[3, 4]], gives: [3, 4], parameters: 0)
    try checkLayer({ Softmax(axes: [1, 2]) }, [[3, 4, 2]], gives: [3, 4, 2], parameters: 0)
    #expect(try ThresholdedReLU()(Tensor([0.5, 1.5])).dataSync() == [0, 1.5])
  }

  @Test func noise() throws {
    for make: () -> Layer in [
      { GaussianNoise(0.5) }, { GaussianDropout(0.3) }, { AlphaDropout(0.2) },
      { AlphaDropout(0.2, noiseShape: [nil, 1]) },
    ] {
      try checkLayer(make, [[4, 3]], gives: [4, 3], parameters: 0)
    }
    try checkLayer({ SpatialDropout1D(0.4) }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 0)
    try checkLayer(
      { SpatialDropout2D(0.4, channelsFirst: true) }, [[2, 3, 4, 5]], gives: [2, 3, 4, 5],
      parameters: 0)
    try checkLayer(
      { SpatialDropout3D(0.4) }, [[2, 3, 2, 2, 5]], gives: [2, 3, 2, 2, 5], parameters: 0)
  }

  @Test func marginsAndRepetitions() throws {
    let cases: [(make: () -> Layer, input: [Int], output: [Int])] = [
      ({ ZeroPadding1D() }, [2, 3, 4], [2, 5, 4]),
      ({ ZeroPadding1D((2, 0), channelsFirst: true) }, [2, 3, 4], [2, 3, 6]),
      ({ ZeroPadding2D(2) }, [1, 2, 3, 2], [1, 6, 7, 2]),
      ({ ZeroPadding2D((1, 0), (0, 2), channelsFirst: true) }, [1, 2, 3, 2], [1, 2, 4, 4]),
      ({ ZeroPadding3D((1, 0), (0, 0), (0, 2)) }, [1, 2, 1, 3, 2], [1, 3, 1, 5, 2]),
      ({ Cropping1D() }, [2, 3, 4], [2, 1, 4]),
      ({ Cropping2D() }, [1, 3, 3, 2], [1, 3, 3, 2]),
      ({ Cropping2D((1, 0), (0, 2)) }, [1, 3, 3, 2], [1, 2, 1, 2]),
      ({ Cropping3D() }, [1, 3, 3, 4, 2], [1, 1, 1, 2, 2]),
      ({ UpSampling1D(3) }, [2, 3, 4], [2, 9, 4]),
      ({ UpSampling2D((1, 3), channelsFirst: true) }, [1, 2, 3, 2], [1, 2, 3, 6]),
      ({ UpSampling3D() }, [1, 2, 1, 3, 2], [1, 4, 2, 6, 2]),
    ]
    for (make, input, output) in cases {
      try checkLayer(make, [input], gives: output, parameters: 0)
    }
    #expect(throws: ModelError.self) { try Cropping1D(2).outputShape(for: [nil, 4, 1]) }
    #expect(throws: ModelError.self) { try ZeroPadding1D(-1).outputShape(for: [nil, 4, 1]) }
    #expect(throws: ModelError.self) { try UpSampling1D(0).outputShape(for: [nil, 4, 1]) }
    #expect(throws: ModelError.self) { try UpSampling2D().outputShape(for: [nil, 4, 1]) }
    let error = #expect(throws: ModelError.self) {
      try Layer.make(className: "UpSampling2D", config: ["interpolation": "cubic"])
    }
    #expect(error?.found == "cubic")
  }

  /// Files write margins in several ways.
  @Test func marginsInFiles() throws {
    func shape(_ className: String, _ config: JSON, _ input: Shape) throws -> Shape {
      try Layer.make(className: className, config: config).outputShape(for: input)
    }
    #expect(try shape("ZeroPadding2D", [:], [nil, 2, 2, 1]) == [nil, 4, 4, 1])
    #expect(try shape("ZeroPadding2D", ["padding": 3], [nil, 2, 2, 1]) == [nil, 8, 8, 1])
    #expect(try shape("ZeroPadding2D", ["padding": [1, 2]], [nil, 2, 2, 1]) == [nil, 4, 6, 1])
    let pairs: JSON = ["padding": [[1, 0], [0, 2]], "data_format": "channels_first"]
    #expect(try shape("ZeroPadding2D", pairs, [nil, 1, 2, nil]) == [nil, 1, 3, nil])
    #expect(try shape("Cropping1D", ["cropping": [0, 2]], [nil, 5, 1]) == [nil, 3, 1])
    #expect(throws: ModelError.self) {
      try shape("Cropping2D", ["cropping": [1, 2, 3]], [nil, 5, 5, 1])
    }
    #expect(throws: ModelError.self) {
      try shape("ZeroPadding1D", ["padding": [9_000_000_000_000_000_000, 1]], [nil, 5, 1])
    }
  }

  @Test func timeDistributed() throws {
    try checkLayer(
      { TimeDistributed(Dense(3, activation: .softmax)) }, [[2, 4, 5]], gives: [2, 4, 3],
      parameters: 18)
    try checkLayer(
      { TimeDistributed(BatchNormalization()) }, [[3, 2, 4]], gives: [3, 2, 4], parameters: 16,
      training: true)
    try checkLayer(
      { TimeDistributed(Sequential([Flatten(), Dense(2)], name: "inner")) }, [[2, 3, 2, 4]],
      gives: [2, 3, 2], parameters: 18)
    #expect(throws: ModelError.self) {
      try TimeDistributed(Dense(3)).outputShape(for: [nil, 4])
    }
  }

  @Test(arguments: [0.1, 0.5]) func noiseKeepsMeanAndVariance(rate: Double) throws {
    try withRandomKey(seed: 3) {
      let x = Tensor.randomNormal([200, 500])
      let alpha = try AlphaDropout(rate)(x, training: true)
      #expect(abs(alpha.mean().item()) < 0.02)
      #expect(abs(alpha.variance().item() - 1) < 0.03)
      let gaussian = try GaussianDropout(rate)(Tensor.ones([200, 500]), training: true)
      #expect(abs(gaussian.mean().item() - 1) < 0.02)
      #expect(abs(Double(gaussian.variance().item()) - rate / (1 - rate)) < 0.03)
      let noise = try GaussianNoise(rate)(Tensor.zeros([200, 500]), training: true)
      #expect(abs(Double(noise.standardDeviation().item()) - rate) < 0.01)
    }
  }

  @Test func spatialDropoutDropsWholeMaps() throws {
    let output = try SpatialDropout2D(0.5)(Tensor.ones([8, 3, 3, 16]), training: true)
    let sums = output.sum(axes: [1, 2]).dataSync()
    #expect(sums.allSatisfy { $0 == 0 || $0 == 18 })
    #expect(sums.contains(0) && sums.contains(18))
  }

  @Test func activityRegularizationAddsToTheLoss() throws {
    try checkLayer({ ActivityRegularization(l2: 0.1) }, [[3, 4]], gives: [3, 4], parameters: 0)
    let model = Sequential {
      ActivityRegularization(l1: 0.5, l2: 0.25, inputShape: [2])
    }
    try model.compile(optimizer: .sgd, loss: .meanSquaredError)
    let x = Tensor([[1.0, -2], [3, 0]])
    // (0.5 · 6 + 0.25 · 14) / 2 samples
    #expect(abs(try model.trainOnBatch(x, x) - 3.25) < 1e-5)
  }

  @Test func shapes() throws {
    try checkLayer({ Permute([2, 1]) }, [[2, 3, 4]], gives: [2, 4, 3], parameters: 0)
    try checkLayer({ RepeatVector(3) }, [[2, 4]], gives: [2, 3, 4], parameters: 0)
    try checkLayer({ Identity() }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 0)
    try checkLayer({ Masking() }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 0)
    try checkLayer({ Rescaling(2, offset: -1) }, [[2, 3]], gives: [2, 3], parameters: 0)
    try checkLayer({ Rescaling(scales: [1, 2, 3]) }, [[2, 3]], gives: [2, 3], parameters: 0)
  }

  @Test func merging() throws {
    let pair = [[2, 3], [2, 3]]
    for make: () -> Layer in [{ Subtract() }, { Multiply() }, { Average() }] {
      try checkLayer(make, pair, gives: [2, 3], parameters: 0)
    }
    for make: () -> Layer in [{ Maximum() }, { Minimum() }] {
      try checkLayer(make, pair + [[2, 1]], gives: [2, 3], parameters: 0)
    }
    try checkLayer({ Add() }, [[2, 3], [2, 4, 3]], gives: [2, 4, 3], parameters: 0)
    try checkLayer({ Dot(axis: 1) }, pair, gives: [2, 1], parameters: 0)
    try checkLayer(
      { Dot(axes: (1, 2), normalize: true) }, [[2, 3, 5], [2, 4, 3]], gives: [2, 5, 4],
      parameters: 0)
  }

  @Test func lambda() throws {
    Lambda.register("halved rows") { $0.reshape([$0.shape[0], 2, -1]).sum(axis: 1) }
    try checkLayer({ Lambda("halved rows") }, [[3, 4]], gives: [3, 2], parameters: 0)
    let layer = Lambda { ($0 * 2).expandDims(axis: -1) }
    #expect(try layer.outputShape(for: [nil, 3]) == [nil, 3, 1])
    #expect(try layer(Tensor([[1.0, 2]])).dataSync() == [2, 4])
    #expect(throws: ModelError.self) {
      try Layer.make(className: "Lambda", config: layer.config)
    }
    let error = #expect(throws: ModelError.self) { try Lambda("nobody")(Tensor([1.0])) }
    #expect(error?.found == "'nobody'")
  }

  /// Layers that cannot be, and what they are called on.
  static let faults: [(@Sendable () throws -> Layer, [Shape])] = [
    ({ ReLU(maxValue: -1) }, [[nil, 3]]),
    ({ ReLU(negativeSlope: -0.1) }, [[nil, 3]]),
    ({ LeakyReLU(negativeSlope: -1) }, [[nil, 3]]),
    ({ ThresholdedReLU(theta: -1) }, [[nil, 3]]),
    ({ PReLU() }, [[nil, nil, 3]]),
    ({ PReLU(sharedAxes: [3]) }, [[nil, 3]]),
    ({ Softmax(axes: [2]) }, [[nil, 3]]),
    ({ GaussianNoise(-1) }, [[nil, 3]]),
    ({ GaussianDropout(1) }, [[nil, 3]]),
    ({ AlphaDropout(-0.1) }, [[nil, 3]]),
    ({ AlphaDropout(0.1, noiseShape: [nil, 2]) }, [[nil, 3]]),
    ({ Dropout(0.1, noiseShape: [nil]) }, [[nil, 3]]),
    ({ SpatialDropout1D(0.1) }, [[nil, 3]]),
    ({ SpatialDropout2D(2) }, [[nil, 3, 3, 3]]),
    ({ ActivityRegularization(l1: -1) }, [[nil, 3]]),
    ({ Masking() }, [[nil, 3]]),
    ({ Permute([1, 1]) }, [[nil, 3, 4]]),
    ({ Permute([2, 1]) }, [[nil, 3]]),
    ({ RepeatVector(0) }, [[nil, 3]]),
    ({ RepeatVector(2) }, [[nil, 3, 4]]),
    ({ Rescaling(scales: [1, 2]) }, [[nil, 3]]),
    ({ Subtract() }, [[nil, 3], [nil, 3], [nil, 3]]),
    ({ Multiply() }, [[nil, 3]]),
    ({ Average() }, [[nil, 3], [nil, 4]]),
    ({ Dot(axis: 0) }, [[nil, 3], [nil, 3]]),
    ({ Dot(axis: 1) }, [[nil, 3], [nil, 4]]),
    ({ Dot(axis: 1) }, [[nil, 3]]),
    ({ GroupNormalization(groups: 2) }, [[nil, 3]]),
    ({ GroupNormalization(groups: 0) }, [[nil, 3]]),
    ({ RMSNormalization(axes: [0]) }, [[nil, 3]]),
    ({ UnitNormalization(axes: [4]) }, [[nil, 3]]),
    ({ SpectralNormalization(Dense(2), powerIterations: 0) }, [[nil, 3]]),
    ({ SpectralNormalization(ReLU()) }, [[nil, 3]]),
    ({ Normalization(mean: [1]) }, [[nil, 3]]),
    ({ Normalization(mean: [1, 2], variance: [1, 2]) }, [[nil, 3]]),
    ({ Discretization(boundaries: [1, 0]) }, [[nil, 3]]),
    ({ Discretization(bins: 0) }, [[nil, 3]]),
    ({ Discretization(boundaries: [1], output: .multiHot) }, [[nil, 3, 2]]),
    ({ CategoryEncoding(0) }, [[nil, 3]]),
    ({ CategoryEncoding(3, output: .int) }, [[nil, 3]]),
    ({ try IntegerLookup() }, [[nil, 3]]),
    ({ Hashing(bins: 3) }, [[nil, 3]]),
    ({ EinsumDense("ab,bc", outputShape: [3]) }, [[nil, 3]]),
    ({ EinsumDense("ab,bc->ac", outputShape: [3]) }, [[nil, 3, 4]]),
    ({ EinsumDense("ab,bc->ac", outputShape: [3, 4]) }, [[nil, 3]]),
    ({ EinsumDense("ab,bc->ad", outputShape: [3]) }, [[nil, 3]]),
    ({ EinsumDense("ab,bd->ab", outputShape: [4]) }, [[nil, 3]]),
    ({ EinsumDense("ab,bc->ac", outputShape: [3], biasAxes: "x") }, [[nil, 3]]),
    ({ EinsumDense("ab,bc->ac", outputShape: [nil]) }, [[nil, 3]]),
    ({ ActivationLayer(.glu) }, [[nil, 3]]),
    ({ Dense(3, activation: .glu) }, [[nil, 3]]),
  ]

  @Test(arguments: faults.indices) func faultsNameTheLayer(_ place: Int) throws {
    let (make, shapes) = SimpleLayerTests.faults[place]
    let layer = try make()
    let error = #expect(throws: ModelError.self) {
      let inputs = shapes.map { Input(shape: Array($0.dropFirst())) }
      _ = try Model(inputs: inputs, outputs: [layer(inputs)])
    }
    #expect(error?.layer == layer.label, "\(layer.label)")
    #expect(error?.message.contains("expected") == true)
  }
}
