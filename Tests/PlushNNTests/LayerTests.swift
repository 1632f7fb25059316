import PlushNN
import PlushTensor
import Testing

@Suite struct LayerTests {
  @Test func dense() throws {
    try checkLayer({ Dense(3) }, [[2, 4]], gives: [2, 3], parameters: 15)
    try checkLayer(
      { Dense(3, activation: .softmax, useBias: false) }, [[2, 4]], gives: [2, 3], parameters: 12)
    try checkLayer({ Dense(3, activation: .tanh) }, [[2, 5, 4]], gives: [2, 5, 3], parameters: 15)
  }

  @Test func flattenAndReshape() throws {
    try checkLayer({ Flatten() }, [[2, 3, 4]], gives: [2, 12], parameters: 0)
    try checkLayer({ Flatten(channelsFirst: true) }, [[2, 3, 4]], gives: [2, 12], parameters: 0)
    let channels = Tensor([[[1.0, 2], [3, 4]]])
    #expect(try Flatten(channelsFirst: true)(channels).dataSync() == [1, 3, 2, 4])
    try checkLayer({ Reshape([-1, 6]) }, [[2, 3, 4]], gives: [2, 2, 6], parameters: 0)
  }

  @Test func batchNormalization() throws {
    try checkLayer({ BatchNormalization() }, [[6, 4]], gives: [6, 4], parameters: 16)
    try checkLayer(
      { BatchNormalization() }, [[6, 4]], gives: [6, 4], parameters: 16, training: true)
    try checkLayer(
      { BatchNormalization(axis: 1, scale: false) }, [[4, 3, 5]], gives: [4, 3, 5],
      parameters: 9, training: true)
  }

  @Test func layerNormalization() throws {
    try checkLayer({ LayerNormalization() }, [[3, 5]], gives: [3, 5], parameters: 10)
    try checkLayer(
      { LayerNormalization(axes: [1, 2]) }, [[3, 2, 5]], gives: [3, 2, 5], parameters: 20)
  }

  @Test func embedding() throws {
    let model = Sequential {
      Embedding(5, 3, inputShape: [2])
    }
    try model.compile(optimizer: .sgd, loss: .meanSquaredError)
    let before = model.weights[0].value.dataSync()
    try model.trainOnBatch(Tensor([[0, 1], [4, 0]]), Tensor.ones([2, 2, 3]))
    let after = model.weights[0].value.dataSync()
    #expect(
      zip(before, after).map { $0 != $1 } == [true, true, true, true, true, true]
        + [false, false, false, false, false, false] + [true, true, true])
    #expect(model.outputShapes == [[nil, 2, 3]])
  }

  @Test func merging() throws {
    try checkLayer({ Add() }, [[2, 3], [2, 3]], gives: [2, 3], parameters: 0)
    try checkLayer({ Concatenate() }, [[2, 3], [2, 4]], gives: [2, 7], parameters: 0)
    try checkLayer(
      { Concatenate(axis: 1) }, [[2, 3, 2], [2, 1, 2]], gives: [2, 4, 2], parameters: 0)
  }

  @Test func dropout() throws {
    try checkLayer({ Dropout(0.5) }, [[4, 3]], gives: [4, 3], parameters: 0)
    let layer = Dropout(0.25)
    seed(1)
    let output = try layer(Tensor.ones([100, 100]), training: true).dataSync()
    #expect(output.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-6 })
    let dropped = output.count { $0 == 0 }
    #expect(abs(dropped - 2500) < 200)
  }

  /// Projections onto the probabilities, which are 0 where values are small.
  @Test func sparsemax() {
    let x = Tensor([[1.0, 0.8, 0.1], [0, 0, 0], [5, 1, 1]])
    let expected = Tensor([[0.6, 0.4, 0], [1.0 / 3, 1.0 / 3, 1.0 / 3], [1, 0, 0]])
    #expect(isClose(Activation.sparsemax(x), expected))
  }

  @Test(arguments: Activation.allCases) func activation(_ activation: Activation) throws {
    // These have corners that differences of values would step over.
    let corners: [Activation] = [.hardShrink]
    try checkLayer(
      { ActivationLayer(activation) }, [[3, 4]], gives: activation == .glu ? [3, 2] : [3, 4],
      parameters: 0,
      hasGradient: !corners.contains(activation))
    #expect(Activation(name: activation.rawValue) == activation)
  }
}
