import PlushNN
import PlushTensor
import Testing

/// Layers that turn strings, numbers and categories into what a network takes.
@Suite struct CategoryTests {
  @Test func strings() throws {
    let lookup = try StringLookup(vocabulary: ["b", "a"], maskToken: "")
    #expect(try lookup(["a", "", "x"]).dataSync() == [3, 0, 1])
    #expect(try lookup([["a"], ["b"]]).shape == [2, 1])
    #expect(lookup.vocabulary == ["", "[UNK]", "b", "a"])
    #expect(lookup.strings(Tensor([3, 1, 99])) == ["a", "[UNK]", "[UNK]"])
    let strict = try StringLookup(vocabulary: ["b", "a"], unknownCount: 0)
    #expect(try strict(["a", "b"]).dataSync() == [1, 0])
    let error = #expect(throws: ModelError.self) { try strict(["a", "x"]) }
    #expect(error?.found == "'x'")
  }

  @Test func stringFaults() throws {
    #expect(throws: ModelError.self) { try StringLookup(vocabulary: ["a", "a"]) }
    #expect(throws: ModelError.self) { try StringLookup(vocabulary: ["a", "[UNK]"]) }
    #expect(throws: ModelError.self) { try StringLookup(vocabulary: ["a", "b"], maximum: 2) }
    #expect(throws: ModelError.self) { try StringLookup(unknownCount: -1) }
    #expect(throws: ModelError.self) { try StringLookup(maximum: 1) }
    #expect(throws: ModelError.self) { try StringLookup(vocabulary: ["a"], output: .tfIDF) }
    #expect(throws: ModelError.self) { try StringLookup()(["a"]) }
    let lookup = try StringLookup(vocabulary: ["a"], name: "words")
    let error = #expect(throws: ModelError.self) { try lookup([["a"], ["a", "b"]]) }
    #expect(
      error?.message
        == "layer 'words' (StringLookup): expected rows of one length, 1, got 2 in row 1")
    #expect(throws: ModelError.self) { try lookup(Tensor([1.0])) }
    #expect(throws: ModelError.self) {
      try Layer.make(className: "StringLookup", config: ["invert": true])
    }
  }

  @Test func stringsFeedAModel() async throws {
    let lookup = try StringLookup()
    try lookup.adapt(["yes", "no", "yes"])
    let model = Sequential {
      Embedding(lookup.vocabulary.count, 2, inputShape: [2])
      Flatten()
      Dense(1, activation: .sigmoid)
    }
    try model.compile(optimizer: .adam(learningRate: 0.1), loss: .binaryCrossentropy)
    let x = try lookup([["yes", "yes"], ["no", "yes"], ["no", "no"], ["yes", "no"]])
    let history = try await model.fit(
      x, Tensor([[1.0], [1], [0], [0]]), epochs: 60, verbose: .silent)
    #expect(history["loss"].last! < 0.1)
  }

  @Test func integers() throws {
    let ints: ([Int]) -> Tensor = { shape in
      Tensor((0..<shape.reduce(1, *)).map { Int32($0 * 3 % 7) }, shape: shape)
    }
    try checkLayer(
      { try IntegerLookup(vocabulary: [0, 3, 6], output: .count) }, [[2, 4]], gives: [2, 4],
      parameters: 0, inputs: ints, hasGradient: false)
    try checkLayer(
      { CategoryEncoding(7, output: .oneHot) }, [[2, 4]], gives: [2, 4, 7], parameters: 0,
      inputs: ints, hasGradient: false)
    try checkLayer(
      { Discretization(boundaries: [0, 1], output: .oneHot) }, [[2, 4]], gives: [2, 4, 3],
      parameters: 0, hasGradient: false)
    let lookup = try IntegerLookup()
    try lookup.adapt(Tensor([[5, 7, 5], [9, 7, 5]]))
    #expect(lookup.vocabulary == [-1, 5, 7, 9])
    #expect(try lookup(Tensor([[9, 1, 5]])).dataSync() == [3, 0, 1])
  }

  @Test func hashing() throws {
    let layer = Hashing(bins: 4, maskValue: "none", output: .multiHot)
    let copy = try Layer.make(className: "Hashing", config: layer.config)
    #expect(copy.config == layer.config)
    #expect(try layer(["none"]).dataSync() == [1, 0, 0, 0])
    #expect(try layer([["a", "b"], ["none", "none"]]).shape == [2, 4])
    #expect(try Hashing(bins: 10)([12]).dataSync() == Hashing(bins: 10)(["12"]).dataSync())
    #expect(throws: ModelError.self) { try Hashing(bins: 0)(["a"]) }
    #expect(throws: ModelError.self) { try layer(Tensor([1.0])) }
  }

  @Test func discretizationMustBeAdapted() throws {
    let layer = Discretization(bins: 3)
    let error = #expect(throws: ModelError.self) { try layer(Tensor([[1.0]])) }
    #expect(error?.hint?.contains("adapt") == true)
    try layer.adapt(Tensor.range(0, 300))
    #expect(layer.boundaries.count == 2)
    let bins = try layer(Tensor([[-5.0, 150, 1000]])).dataSync()
    #expect(bins == [0, 1, 2])
    #expect(throws: ModelError.self) {
      try Discretization(boundaries: [1]).adapt(Tensor([1.0]))
    }
  }
}
