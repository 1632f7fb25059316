import PlushNN
import PlushTensor
import Testing

@Suite struct NormalizingLayerTests {
  @Test func withWeights() throws {
    try checkLayer(
      { GroupNormalization(groups: 2) }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 8)
    try checkLayer(
      { GroupNormalization(groups: -1, axis: 1, scale: false) }, [[2, 3, 4]], gives: [2, 3, 4],
      parameters: 3)
    try checkLayer({ RMSNormalization() }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 4)
    try checkLayer(
      { RMSNormalization(axes: [1, 2]) }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 12)
    try checkLayer({ UnitNormalization() }, [[2, 3, 4]], gives: [2, 3, 4], parameters: 0)
  }

  @Test func einsumDense() throws {
    try checkLayer(
      { EinsumDense("abc,cd->abd", outputShape: [nil, 5], biasAxes: "d") }, [[2, 3, 4]],
      gives: [2, 3, 5], parameters: 25)
    try checkLayer(
      { EinsumDense("...x,xy->...y", outputShape: [5], activation: .tanh) }, [[2, 3, 4]],
      gives: [2, 3, 5], parameters: 20)
    try checkLayer(
      { EinsumDense("abc,cde->abde", outputShape: [nil, 2, 3], biasAxes: "de") }, [[2, 3, 4]],
      gives: [2, 3, 2, 3], parameters: 30)
  }

  @Test func einsumDenseCountsFansByAxes() throws {
    // A plain rule would take the last two axes; here 4 numbers go in and 6 come out.
    let layer = EinsumDense(
      "abc,cde->abde", outputShape: [nil, 200, 300],
      kernelInitializer: .varianceScaling(scale: 1, mode: .fanOut, .untruncatedNormal))
    _ = try layer(Tensor.zeros([1, 1, 4]))
    let deviation = layer.weights[0].value.standardDeviation().item()
    #expect(abs(deviation * 60_000.0.squareRoot().float - 1) < 0.02)
  }

  @Test func spectral() throws {
    try checkLayer({ SpectralNormalization(Dense(3)) }, [[2, 4]], gives: [2, 3], parameters: 18)
    try withRandomKey(seed: 5) {
      let dense = Dense(3, useBias: false)
      let layer = SpectralNormalization(dense, powerIterations: 30)
      let x = Tensor.randomNormal([5, 4])
      _ = try layer(x, training: true)
      // A second step finds nothing left to divide by.
      let kernel = try #require(dense.kernel).value.dataSync()
      _ = try layer(x, training: true)
      let again = try #require(dense.kernel).value.dataSync()
      #expect(zip(kernel, again).allSatisfy { abs($0 - $1) < 1e-4 })
      let product = Tensor(kernel, shape: [4, 3]).matmul(Tensor.randomNormal([3, 1]).unit)
      #expect(product.norm().item() <= 1.0001)
    }
  }

  @Test func whatThereIsNotIsRefused() {
    #expect(throws: ModelError.self) {
      try Layer.make(className: "LayerNormalization", config: ["rms_scaling": true])
    }
    #expect(throws: ModelError.self) {
      try Layer.make(className: "BatchNormalization", config: ["renorm": true])
    }
  }

  @Test func normalizationGoesBothWays() throws {
    let data = Tensor([[1.0, 10], [3, 30], [5, 50]])
    let layer = Normalization()
    try layer.adapt(data)
    let normal = try layer(data)
    #expect(isClose(normal.mean(axis: 0), Tensor.zeros([2])))
    #expect(isClose(normal.variance(axis: 0), Tensor.ones([2])))
    let back = Normalization(
      mean: layer.weights[0].value.dataSync().map(Double.init),
      variance: layer.weights[1].value.dataSync().map(Double.init), invert: true)
    #expect(isClose(try back(normal), data))
    #expect(throws: ModelError.self) { try back.adapt(data) }
    #expect(layer.nonTrainableWeights.count == 3)
    try checkLayer({ Normalization() }, [[2, 3]], gives: [2, 3], parameters: 7)
  }
}

extension Double {
  fileprivate var float: Float { Float(self) }
}

extension Tensor {
  fileprivate var unit: Tensor { self / norm() }
}
