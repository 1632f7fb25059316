import PlushNN
import PlushTensor
import Testing

/// Which steps count, on the way through a network.
@Suite struct MaskingTests {
  /// Gives the mask that it gets, 1 where there is none.
  private final class Reveal: Layer {
    override func outputShape(for inputShape: Shape) -> Shape { Array(inputShape.prefix(2)) }

    override func call(
      _ inputs: [Tensor], masks: [Tensor?], training: Bool
    ) throws -> [Tensor] {
      [masks[0]?.cast(to: .float32) ?? Tensor.ones(Array(inputs[0].shape.prefix(2)))]
    }
  }

  private let tokens = Tensor([[1.0, 2, 0], [3, 0, 4]])

  private func mask(after layers: [Layer]) throws -> [Float] {
    let model = Sequential([Embedding(5, 4, maskZero: true, inputShape: [3])] + layers + [Reveal()])
    return try model.predict(tokens).dataSync()
  }

  @Test func passesWhereStepsStayApart() throws {
    let expected: [Float] = [1, 1, 0, 1, 0, 1]
    #expect(try mask(after: []) == expected)
    let layers: [Layer] = [
      Dense(3), Dropout(0.1), ActivationLayer(.tanh), ReLU(), LayerNormalization(),
      BatchNormalization(), GaussianNoise(0.1), Identity(), Lambda { $0 * 2 },
      TimeDistributed(Dense(2)), TimeDistributed(BatchNormalization()),
    ]
    #expect(try mask(after: layers) == expected)
    let inner = Sequential([Dense(2, inputShape: [3, 4]), ELU()], name: "inner")
    #expect(try mask(after: [inner]) == expected)
  }

  @Test func endsWhereStepsMix() throws {
    #expect(try mask(after: [Permute([2, 1]), Permute([2, 1])]) == [1, 1, 1, 1, 1, 1])
    #expect(try mask(after: [Reshape([3, 4])]) == [1, 1, 1, 1, 1, 1])
    #expect(try mask(after: [ZeroPadding1D((0, 1)), Cropping1D((0, 1))]) == [1, 1, 1, 1, 1, 1])
  }

  @Test func maskingMarksSteps() throws {
    let x = Tensor([[[1.0, 0], [9, 9], [9, 2]]])
    let layer = Masking(maskValue: 9)
    let mask = try #require(layer.outputMasks(for: [x], masks: [nil])[0])
    #expect(mask.cast(to: .float32).dataSync() == [1, 0, 1])
    #expect(try layer(x).dataSync() == [1, 0, 0, 0, 9, 2])
  }

  @Test func mergedMasks() throws {
    let (a, b) = (Input(shape: [3]), Input(shape: [3]))
    let embedding = Embedding(5, 4, maskZero: true)
    let (left, right) = (embedding(a), embedding(b))
    let plain = Embedding(5, 4)(b)
    let model = try Model(
      inputs: [a, b],
      outputs: [
        Reveal()(Add()([left, right])), Reveal()(Concatenate()([left, right])),
        Reveal()(Add()([left, plain])), Reveal()(Concatenate(axis: 1)([left, right])),
        Reveal()(Dot(axis: 2)([left, right])),
      ])
    let found = try model.predict([tokens, Tensor([[0.0, 1, 0], [0, 0, 1]])])
    #expect(found[0].dataSync() == [1, 1, 0, 1, 0, 1])
    #expect(found[1].dataSync() == [1, 1, 0, 1, 0, 1])
    #expect(found[2].dataSync() == [1, 1, 1, 1, 1, 1])
    #expect(found[3].dataSync() == [1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1])
    #expect(found[4].dataSync() == [1, 1, 1, 1, 1, 1])
  }

  /// A mask that a user gave in Keras would be lost, so the file is refused.
  @Test func masksFromInputsAreRefused() throws {
    func tensor(_ name: String) -> JSON {
      ["class_name": "__keras_tensor__", "config": ["keras_history": [.string(name), 0, 0]]]
    }
    func input(_ name: String) -> JSON {
      [
        "class_name": "InputLayer", "name": .string(name), "inbound_nodes": [],
        "config": ["batch_shape": [nil, 3], "name": .string(name)],
      ]
    }
    let call: JSON = ["args": [tensor("x")], "kwargs": ["mask": tensor("m")]]
    let softmax: JSON = [
      "class_name": "Softmax", "name": "s", "config": ["name": "s"], "inbound_nodes": [call],
    ]
    let config: JSON = [
      "name": "model", "layers": [input("x"), input("m"), softmax],
      "input_layers": [["x", 0, 0], ["m", 0, 0]], "output_layers": ["s", 0, 0],
    ]
    let error = #expect(throws: ModelError.self) {
      try Layer.make(className: "Functional", config: config)
    }
    #expect(error?.found == "the input 'm' as mask")
  }

  @Test func lossLeavesStepsOut() throws {
    let model = Sequential {
      Masking(inputShape: [3, 1])
      Dense(1, useBias: false, kernelInitializer: .ones)
    }
    try model.compile(optimizer: .sgd, loss: .meanSquaredError)
    let x = Tensor([[[1.0], [0], [2]]])
    // Squares 4 and 9 count, 100 does not.
    let loss = try model.evaluate(x, Tensor([[[3.0], [10], [5]]]))["loss"]
    #expect(loss == 6.5)
  }

  /// A metric with one value for a sample: samples count as many of their steps do.
  @Test func metricsOfWholeSamples() throws {
    let model = Sequential {
      Masking(inputShape: [2, 1])
      Dense(1, useBias: false, kernelInitializer: .ones)
    }
    let total = Metric("total") { _, prediction in prediction.sum(axes: [1, 2]) }
    try model.compile(optimizer: .sgd, loss: .meanSquaredError, metrics: [total])
    let x = Tensor([[[1.0], [3]], [[10], [0]], [[0], [0]]])
    // (4 · 1 + 10 · 1/2 + 0 · 0) / (1 + 1/2)
    #expect(try model.evaluate(x, x)["total"] == 6)
  }
}
