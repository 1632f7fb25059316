import PlushEngine
import PlushNN
import PlushTensor
import Testing

@Suite struct ModelTests {
  @Test func summaryOfARow() throws {
    let model = Sequential {
      Dense(3, inputShape: [10], name: "dense_Dense1")
    }
    let text = try model.summary(print: { _ in })
    let line = String(repeating: "_", count: 90)
    #expect(
      text == """
        \(line)
        Layer (type)                Input Shape               Output shape              Param #\("   ")
        \(String(repeating: "=", count: 90))
        dense_Dense1 (Dense)        [[null,10]]               [null,3]                  33     \("   ")
        \(String(repeating: "=", count: 90))
        Total params: 33
        Trainable params: 33
        Non-trainable params: 0
        \(line)
        """)
  }

  @Test func summaryOfAGraph() throws {
    let left = Input(shape: [4])
    let right = Input(shape: [4])
    let shared = Dense(3)
    let output = Concatenate()([shared(left), shared(right)])
    let model = try Model(inputs: [left, right], outputs: [BatchNormalization()(output)])
    let lines = try model.summary(print: { _ in }).split(separator: "\n").map(String.init)
    #expect(lines.allSatisfy { $0.count <= 115 })
    #expect(lines[1].hasPrefix("Layer (type)"))
    #expect(lines[1].hasSuffix("Receives inputs        "))
    #expect(lines[3].hasPrefix("input_layer (InputLayer)"))
    let dense = lines.firstIndex { $0.hasPrefix("dense (Dense)") }!
    #expect(lines[dense].contains("[[null,4]],[[null,4]]"))
    #expect(lines[dense].contains("input_layer[0][0]"))
    #expect(lines[dense + 1].contains("input_layer_1[0][0]"))
    #expect(lines.contains("Total params: 39"))
    #expect(lines.contains("Non-trainable params: 12"))
  }

  @Test func namesCountWithinAModel() throws {
    for _ in 0..<2 {
      let model = Sequential {
        Dense(3, inputShape: [2])
        Dense(3, name: "dense_1")
        Dense(3)
        BatchNormalization()
      }
      try model.build()
      #expect(model.layers.map(\.name) == ["dense", "dense_1", "dense_2", "batch_normalization"])
      #expect(model.namedWeights[0].name == "dense/kernel")
      #expect(model.namedWeights[8].name == "batch_normalization/moving_mean")
    }
  }

  @Test func modelsInModels() throws {
    let encoder = Sequential([Dense(2, activation: .relu, inputShape: [4])], name: "encoder")
    let decoder = Sequential([Dense(4, inputShape: [2])], name: "decoder")
    let input = Input(shape: [4])
    let model = try Model(inputs: input, outputs: decoder(encoder(input)))
    #expect(model.namedWeights.map(\.name).first == "encoder/dense/kernel")
    #expect(model.parameterCount == 22)
    let x = Tensor.randomNormal([3, 4])
    let expected = try decoder.predict(try encoder.predict(x))
    #expect(isClose(try model.predict(x), expected))
  }

  @Test func severalInputsAndOutputs() throws {
    let (a, b) = (Input(shape: [3], name: "a"), Input(shape: [3], name: "b"))
    let sum = Add()([a, b])
    let model = try Model(
      inputs: [a, b],
      outputs: [Dense(2, name: "first")(sum), Dense(1, activation: .sigmoid, name: "second")(sum)])
    try model.compile(
      optimizer: .adam, losses: [.meanSquaredError, .binaryCrossentropy], lossWeights: [1, 0.5],
      metrics: [[.mae], [.accuracy]])
    let logs = try model.evaluate(
      [Tensor.ones([4, 3]), Tensor.ones([4, 3])], [Tensor.ones([4, 2]), Tensor.ones([4, 1])])
    #expect(logs.names == ["loss", "first_loss", "first_mae", "second_loss", "second_accuracy"])
    let whole = logs["first_loss"]! + 0.5 * logs["second_loss"]!
    #expect(abs(logs["loss"]! - whole) < 1e-5)
  }

  @Test func errorsNameTheLayer() throws {
    let input = Input(shape: [4, 4])
    let joined = Concatenate(name: "join")([input, Dense(3)(Input(shape: [4]))])
    let error = #expect(throws: ModelError.self) {
      try Model(inputs: input, outputs: joined)
    }
    #expect(error?.layer == "'join' (Concatenate)")
    #expect(error?.found == "[[null,4,4],[null,3]]")

    let reshape = Sequential {
      Dense(7, inputShape: [4])
      Reshape([2, 4])
    }
    let other = #expect(throws: ModelError.self) { try reshape.build() }
    #expect(
      other?.message
        == "layer 'reshape' (Reshape): expected 7 elements a sample, as in the input [null,7], "
        + "got the target shape [2, 4]")
  }

  @Test func unknownNamesAreRefused() throws {
    let model = Sequential([Dense(1, inputShape: [1])])
    #expect(throws: ModelError.self) { try model.compile(optimizer: "sgt", loss: .huber()) }
    #expect(throws: ModelError.self) { try model.compile(optimizer: "sgd", loss: "meanSquare") }
    #expect(throws: ModelError.self) {
      try model.compile(optimizer: "sgd", loss: "mse", metrics: ["accurate"])
    }
    try model.compile(optimizer: "sgd", loss: "meanSquaredError", metrics: ["mae", .mse])
    #expect(throws: ModelError.self) { try Sequential([Dense(1)]).build() }
  }

  @Test func configurationsMakeEqualModels() throws {
    let (a, b) = (Input(shape: [3]), Input(shape: [3]))
    let dense = Dense(2, activation: .elu, kernelInitializer: .heNormal, kernelRegularizer: .l2())
    let model = try Model(inputs: [a, b], outputs: [Add()([dense(a), dense(b)]), dense(b)])
    let copy = try #require(
      try Layer.make(className: "Functional", config: model.config) as? Model)
    #expect(copy.config == model.config)
    for (from, to) in zip(model.weights, copy.weights) { to.value = from.value }
    let x = [Tensor.ones([2, 3]), Tensor.zeros([2, 3])]
    for (left, right) in zip(try model.predict(x), try copy.predict(x)) {
      #expect(isClose(left, right))
    }
  }

  @Test func predictsAnyNumberOfSamples() throws {
    let model = Sequential([Dense(2, inputShape: [3])])
    let x = Tensor.randomNormal([70, 3])
    let whole = try model.predict(x, batchSize: 100)
    #expect(isClose(try model.predict(x), whole))
    #expect(try model.predict(x, batchSize: 1).shape == [70, 2])
  }

  @Test func initializers() throws {
    seed(3)
    func deviation(_ initializer: Initializer) -> Float {
      initializer([200, 100]).standardDeviation().item()
    }
    #expect(abs(deviation(.glorotUniform) - (2 / 300 as Float).squareRoot()) < 2e-3)
    #expect(abs(deviation(.heNormal) - (2 / 200 as Float).squareRoot()) < 2e-3)
    #expect(abs(deviation(.lecunNormal) - (1 / 200 as Float).squareRoot()) < 2e-3)
    #expect(abs(deviation(.randomUniform()) - 0.1 / (12 as Float).squareRoot()) < 1e-3)
    let matrix = Initializer.orthogonal()([6, 4])
    let product = matrix.transpose().matmul(matrix)
    #expect(isClose(product, Tensor.eye(4)))
    for initializer in [
      Initializer.zeros, .ones, .constant(2), .glorotNormal, .heUniform, .orthogonal(gain: 2),
      .truncatedNormal(), .varianceScaling(scale: 3, mode: .fanOut, .untruncatedNormal),
    ] {
      #expect(try Initializer(config: initializer.config, default: .zeros) == initializer)
    }
  }
}
