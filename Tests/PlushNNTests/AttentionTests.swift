import Foundation
import PlushNN
import PlushTensor
import Testing

/// Layers of attention and of positions.
@Suite struct AttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let json: JSON
    var testDescription: String { json.caseName }

    static let all = ((try? golden("attention"))?.array ?? []).map { Case(json: $0) }

    func tensors(_ name: String) -> [Tensor] { (json[name]?.array ?? []).map(\.tensor) }
  }

  @Test func allWereRead() { #expect(Case.all.count == 35) }

  /// Models that Keras made, and what their own configuration makes of them.
  @Test(arguments: Case.all) func keras(_ test: Case) throws {
    let config = try test.json.get("config") { $0 }
    let original = try #require(try Layer.make(className: "Functional", config: config) as? Model)
    let copy = try #require(
      try Layer.make(className: "Functional", config: original.config) as? Model)
    #expect(copy.config == original.config)
    let weights = try test.json.get("weights", \.object)
    for model in [original, copy] {
      #expect(model.namedWeights.count == weights.count)
      for weight in model.namedWeights {
        weight.variable.value = try #require(weights[weight.name], "\(weight.name)").tensor
      }
      let found = try model.predict(test.tensors("inputs"))
      #expect(found.count == test.tensors("outputs").count)
      for (found, expected) in zip(found, test.tensors("outputs")) {
        expectClose(found, expected, absolute: 1e-5, test.testDescription)
      }
      for (shape, found) in zip(model.outputShapes, found) {
        #expect(Array(shape.dropFirst()) == found.shape.dropFirst().map { $0 })
      }
    }
  }

  @Test func promises() throws {
    let queries = [2, 3, 4]
    try checkLayer(
      { MultiHeadAttention(heads: 2, keyDimension: 3, valueDimension: 2, useCausalMask: true) },
      [queries, [2, 5, 3]], gives: queries, parameters: 2 * 15 + 2 * 12 + 2 * 8 + 20)
    try checkLayer(
      { GroupQueryAttention(headDimension: 2, queryHeads: 4, keyValueHeads: 2, useGate: true) },
      [queries, queries], gives: queries, parameters: 2 * 40 + 2 * 20 + 36)
    try checkLayer(
      { Attention(useScale: true, scoreMode: .concat) }, [queries, queries], gives: queries,
      parameters: 2)
    try checkLayer(
      { AdditiveAttention() }, [queries, [2, 5, 6], [2, 5, 4]], gives: [2, 3, 6], parameters: 4)
    try checkLayer(
      { PositionEmbedding(sequenceLength: 3) }, [queries], gives: queries, parameters: 12)
    try checkLayer(
      { TokenAndPositionEmbedding(vocabularySize: 5, sequenceLength: 3, embeddingDimension: 4) },
      [[2, 3]], gives: queries, parameters: 32,
      inputs: { Tensor.randomUniform($0, low: 0, high: 5).floor() }, hasGradient: false)
  }

  @Test func weightsAreNamedAsInKeras() throws {
    let layer = MultiHeadAttention(heads: 2, keyDimension: 3, name: "mha")
    let x = Tensor.ones([1, 4, 6])
    _ = try layer(query: x, value: x)
    #expect(
      layer.namedWeights.map(\.name) == [
        "mha/query/kernel", "mha/query/bias", "mha/key/kernel", "mha/key/bias",
        "mha/value/kernel", "mha/value/bias", "mha/attention_output/kernel",
        "mha/attention_output/bias",
      ])
    #expect(layer.weights.map(\.shape)[0] == [6, 2, 3])
    #expect(layer.weights.map(\.shape)[6] == [2, 3, 6])
  }

  /// A query of a causal layer does not know what comes after it.
  @Test func causalMaskHidesTheFuture() throws {
    let layer = MultiHeadAttention(heads: 2, keyDimension: 3, useCausalMask: true)
    let x = Tensor.randomNormal([1, 4, 6])
    let before = try layer(query: x, value: x)
    let changed = concatenate([x[0..<1, 0..<3], Tensor.ones([1, 1, 6])], axis: 1)
    let after = try layer(query: changed, value: changed)
    #expect(isClose(before[0..<1, 0..<3], after[0..<1, 0..<3]))
    #expect(!isClose(before, after))
  }

  @Test func dropoutActsOnScoresWhileTraining() throws {
    let x = Tensor.randomNormal([2, 8, 4])
    for layer in [
      MultiHeadAttention(heads: 2, keyDimension: 2, dropout: 0.5), Attention(dropout: 0.5),
    ] {
      let plain = try layer([x, x])[0]
      #expect(isClose(plain, try layer([x, x])[0]))
      #expect(!isClose(plain, try layer([x, x], training: true)[0]))
    }
  }

  @Test func positions() throws {
    let x = Tensor.zeros([2, 5, 6])
    let encoding = try SinePositionEncoding(maxWavelength: 100)(x)
    #expect(encoding.shape == [2, 5, 6])
    let expected = (0..<5).flatMap { place in
      (0..<6).map { feature -> Float in
        let angle = Double(place) / pow(100, Double(feature / 2 * 2) / 6)
        return Float(feature % 2 == 0 ? sin(angle) : cos(angle))
      }
    }
    #expect(isClose(encoding[1], Tensor(expected, shape: [5, 6])))

    let embedding = TokenAndPositionEmbedding(
      vocabularySize: 7, sequenceLength: 5, embeddingDimension: 2, maskZero: true)
    let tokens = Tensor([[3, 1, 0]], dtype: .int32)
    let sum = try embedding(tokens)
    let (words, places) = (embedding.weights[0].value, embedding.weights[1].value)
    #expect(isClose(sum[0], words.gather(tokens[0]) + places[0..<3]))
    let mask = embedding.outputMasks(for: [tokens], masks: [nil])[0]
    #expect(mask?.cast(to: .int32).dataSync() == [1, 1, 0])
    #expect(
      embedding.namedWeights.map(\.name) == [
        "token_and_position_embedding/token_embedding/embeddings",
        "token_and_position_embedding/position_embedding/embeddings",
      ])
  }

  /// The mask of the query stays with the output; a gradient comes through masked steps finite.
  @Test func masksPass() throws {
    let tokens = Tensor([[1, 2, 0], [0, 0, 0]], dtype: .int32)
    let input = Input(shape: [3])
    let x = Embedding(4, 6, maskZero: true)(input)
    let attended = MultiHeadAttention(heads: 2, keyDimension: 3)(query: x, value: x)
    let model = try Model(inputs: input, outputs: Dense(2)(attended))
    try model.compile(optimizer: .sgd, loss: .meanSquaredError)
    let loss = try model.trainOnBatch(tokens, Tensor.ones([2, 3, 2]))
    #expect(loss.isFinite && loss > 0)
    #expect(model.weights.allSatisfy { $0.value.dataSync().allSatisfy(\.isFinite) })
  }

  @Test func mixedPrecision() throws {
    let layer = MultiHeadAttention(heads: 2, keyDimension: 4, useCausalMask: true)
    let x = Tensor.randomNormal([2, 5, 8])
    let exact = try layer(query: x, value: x)
    layer.dtypePolicy = .mixedBFloat16
    let rough = try layer(query: x, value: x)
    #expect(rough.dtype == .bfloat16)
    #expect(isClose(rough.cast(to: .float32), exact, tolerance: 0.05))
  }

  @Test func errors() throws {
    let x = Input(shape: [4, 6])
    func message(_ layer: Layer, _ inputs: [SymbolicTensor]) -> String {
      do {
        _ = try Model(inputs: inputs, outputs: [layer(inputs)])
        return ""
      } catch {
        return "\(error)"
      }
    }
    let layer = MultiHeadAttention(heads: 2, keyDimension: 3)
    #expect(message(layer, [x]).contains("layer([x, x])"))
    #expect(message(layer, [x, Input(shape: [6])]).contains("[batch, steps, features]"))
    #expect(message(MultiHeadAttention(heads: 0, keyDimension: 3), [x, x]).contains("at least 1"))
    #expect(
      message(MultiHeadAttention(heads: 1, keyDimension: 3, attentionAxes: [2]), [x, x])
        .contains("attention axes"))
    #expect(
      message(MultiHeadAttention(heads: 1, keyDimension: 3, dropout: 1), [x, x]).contains("rate"))
    #expect(
      message(GroupQueryAttention(headDimension: 2, queryHeads: 3, keyValueHeads: 2), [x, x])
        .contains("for each head of keys"))
    #expect(message(Attention(), [x, Input(shape: [4, 5])]).contains("as long as keys"))
    #expect(message(PositionEmbedding(sequenceLength: 3), [x]).contains("at most 3 steps"))
    let eager = try? layer([Tensor.ones([1, 4, 6]), Tensor.ones([1, 4, 6])])
    #expect(eager?.count == 1)
    #expect(throws: ModelError.self) {
      let x = Tensor.ones([2, 4, 6])
      return try layer([x, x, x, Tensor.ones([2, 3, 4])])
    }
  }

  /// Options that Keras gives with each call must be the same in all of them.
  @Test func optionsOfCallsAgree() throws {
    let x = Input(shape: [4, 6])
    let layer = MultiHeadAttention(heads: 2, keyDimension: 3, useCausalMask: true, name: "mha")
    let model = try Model(inputs: x, outputs: layer(query: layer(query: x, value: x), value: x))
    var config = model.config
    let text = try config.text()
    #expect(text.contains(#""use_causal_mask":true"#))
    let place = try #require(
      try config.get("layers", \.array).firstIndex { $0["name"] == "mha" })
    var layers = try config.get("layers", \.array)
    #expect(layers[place]["config"]?["use_causal_mask"] == nil)
    var nodes = try layers[place].get("inbound_nodes", \.array)
    #expect(nodes[1][0]?[3]?["value"] != nil)
    var call = try #require(nodes[1][0]?.array)
    call[3]["use_causal_mask"] = false
    nodes[1] = [.array(call)]
    layers[place]["inbound_nodes"] = .array(nodes)
    config["layers"] = .array(layers)
    let error = #expect(throws: ModelError.self) {
      try Layer.make(className: "Functional", config: config)
    }
    #expect(error?.expected == "one use_causal_mask in all calls")
  }
}
