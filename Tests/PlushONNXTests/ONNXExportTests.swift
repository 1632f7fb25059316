import Plush
import PlushONNX
import PlushTestSupport
import Testing

/// Layers written as ONNX and computed again from the file.
@Suite struct ONNXExportTests {
  /// A name for the test, the shape of a sample, and the layers.
  struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let shape: [Int]
    let layers: @Sendable () throws -> [Layer]
  }

  static let samples: [Sample] = [
    Sample(testDescription: "dense", shape: [5]) { [Dense(4, activation: .gelu), Dense(2)] },
    Sample(testDescription: "dense on sequences", shape: [3, 5]) { [Dense(4, activation: .tanh)] },
    Sample(testDescription: "convolutions", shape: [9, 7, 3]) {
      [
        Conv2D(4, kernelSize: 3, strides: 2, padding: .same, activation: .leakyRelu),
        DepthwiseConv2D(kernelSize: 3), AveragePooling2D(poolSize: 2, padding: .same),
      ]
    },
    Sample(testDescription: "transposed convolution", shape: [5, 4, 3]) {
      [Conv2DTranspose(2, kernelSize: 3, strides: 2, padding: .same), ReLU()]
    },
    Sample(testDescription: "separable", shape: [8, 8, 3]) {
      [SeparableConv2D(4, kernelSize: 3, activation: .silu), GlobalAveragePooling2D()]
    },
    Sample(testDescription: "one axis", shape: [10, 3]) {
      [Conv1D(4, kernelSize: 3, padding: .causal), MaxPooling1D(poolSize: 2), Flatten()]
    },
    Sample(testDescription: "three axes", shape: [4, 5, 6, 2]) {
      [Conv3D(3, kernelSize: 2, activation: .elu), GlobalMaxPooling3D()]
    },
    Sample(testDescription: "normalizations", shape: [6, 6, 4]) {
      [BatchNormalization(), LayerNormalization(), GroupNormalization(groups: 2)]
    },
    Sample(testDescription: "shapes", shape: [4, 6]) {
      [Permute([2, 1]), Reshape([2, 3, 4]), ZeroPadding2D(1), UpSampling2D((2, 2))]
    },
    Sample(testDescription: "dropout", shape: [4]) { [Dropout(0.5), Softmax()] },
    Sample(testDescription: "cropping and pooling", shape: [9, 9, 2]) {
      [Cropping2D(1), MaxPooling2D(poolSize: 3, strides: 2, padding: .same), PReLU()]
    },
    Sample(testDescription: "lstm", shape: [5, 3]) {
      [LSTM(4, returnSequences: true), LSTM(3)]
    },
    Sample(testDescription: "gru", shape: [5, 3]) {
      [GRU(4, returnSequences: true), GRU(3, resetAfter: false)]
    },
    Sample(testDescription: "simple recurrence", shape: [5, 3]) {
      [try Bidirectional(SimpleRNN(4, activation: .relu))]
    },
    Sample(testDescription: "bilinear", shape: [4, 4, 2]) {
      [UpSampling2D((2, 2), interpolation: .bilinear)]
    },
    Sample(testDescription: "transposed convolutions of lines and volumes", shape: [6, 3]) {
      [
        Conv1DTranspose(2, kernelSize: 3, strides: 2), SeparableConv1D(2, kernelSize: 2),
        DepthwiseConv1D(kernelSize: 2), Reshape([11, 1, 1, 2]), Conv3DTranspose(2, kernelSize: 2),
      ]
    },
    Sample(testDescription: "positions", shape: [5, 4]) {
      [PositionEmbedding(sequenceLength: 6), SinePositionEncoding(), RMSNormalization()]
    },
    Sample(testDescription: "layers over time", shape: [4, 6, 5, 2]) {
      [TimeDistributed(Conv2D(3, kernelSize: 2)), TimeDistributed(Flatten())]
    },
    Sample(testDescription: "preprocessing", shape: [6, 6, 3]) {
      [
        Rescaling(2, offset: -1), Resizing(height: 4, width: 5), CenterCrop(height: 3, width: 3),
        UnitNormalization(), AdaptiveAveragePooling2D(2),
      ]
    },
    Sample(testDescription: "products", shape: [3, 4]) {
      [EinsumDense("abc,cd->abd", outputShape: [nil, 5]), Permute([2, 1])]
    },
  ]

  @Test(arguments: samples) func computesTheSame(_ sample: Sample) throws {
    seed(7)
    let input = Input(shape: sample.shape)
    let output = try sample.layers().reduce(input) { $1($0) }
    let model = try Model(inputs: input, outputs: output)
    let read = try ONNX.load(bytes: try ONNX.bytes(of: model))
    for count in [1, 4] {
      let x = Tensor.randomNormal([count] + sample.shape)
      let (expected, result) = (try model.predict(x), try read.predict(x))
      #expect(result.shape == expected.shape)
      #expect((result - expected).abs().max().item() < 1e-5)
    }
  }

  @Test func writesTokensAndAttention() throws {
    seed(8)
    let tokens = Input(shape: [5], dtype: .int32)
    let x = TokenAndPositionEmbedding(
      vocabularySize: 9, sequenceLength: 5, embeddingDimension: 4)(tokens)
    let attended = MultiHeadAttention(heads: 2, keyDimension: 3, useCausalMask: true)([x, x])
    let model = try Model(inputs: tokens, outputs: LayerNormalization()(Add()([x, attended])))
    let read = try ONNX.load(bytes: try ONNX.bytes(of: model))
    let given = Tensor([[1, 2, 8, 0, 0], [3, 0, 0, 0, 0]])
    #expect((try model.predict(given) - (try read.predict(given))).abs().max().item() < 1e-5)
  }

  @Test(arguments: ["LSTM", "GRU", "SimpleRNN"]) func writesMasks(_ kind: String) throws {
    seed(2)
    let layer: Layer =
      switch kind {
      case "LSTM": LSTM(3, returnSequences: true)
      case "GRU": GRU(3)
      default: SimpleRNN(3)
      }
    let model = Sequential { [Masking(maskValue: 0, inputShape: [4, 2]), layer] }
    try model.build()
    let read = try ONNX.load(bytes: try ONNX.bytes(of: model))
    let counts = Tensor([[1.0, 0, 1, 1], [1, 1, 0, 0]]).expandDims(axis: 2)
    let x = Tensor.randomNormal([2, 4, 2]) * counts
    #expect((try model.predict(x) - (try read.predict(x))).abs().max().item() < 1e-6)
  }

  @Test func writesModelsWithBranches() throws {
    let left = Input(shape: [4], name: "left")
    let right = Input(shape: [4], name: "right")
    let shared = Dense(3, activation: .relu)
    let sum = Add()([shared(left), shared(right)])
    let model = try Model(
      inputs: [left, right], outputs: [Dense(2, name: "answer")(sum), Concatenate()([left, sum])])
    let read = try ONNX.load(bytes: try ONNX.bytes(of: model))
    #expect(read.graphInputs == ["left", "right"])
    #expect(read.graphOutputs.first == "answer")
    let x = [Tensor.randomNormal([3, 4]), Tensor.randomNormal([3, 4])]
    for (expected, result) in zip(try model.predict(x), try read.predict(x)) {
      #expect((result - expected).abs().max().item() < 1e-6)
    }
  }

  @Test func refusesWhatDrawsNumbers() throws {
    let model = Sequential { Lambda(inputShape: [3]) { $0 + Tensor.randomNormal([3]) } }
    #expect(throws: ONNXError.self) { try ONNX.bytes(of: model) }
  }

  @Test func refusesOpenSizes() throws {
    let model = Sequential { Conv1D(2, kernelSize: 3, inputShape: [nil, 3]) }
    let error = #expect(throws: ONNXError.self) { try ONNX.bytes(of: model) }
    #expect(error?.hint != nil)
  }
}
