import PlushNN
import PlushTensor
import Testing

/// What the layers of Keras compute; `Golden/layers.py` wrote it down.
@Suite struct KerasLayerTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let json: JSON
    var testDescription: String { json.caseName }

    static func all(_ group: String) -> [Case] {
      ((try? golden("layers"))?[group]?.array ?? []).map { Case(json: $0) }
    }

    func tensors(_ name: String) -> [Tensor] { (json[name]?.array ?? []).map(\.tensor) }
    var strings: [String] { (json["strings"]?.array ?? []).compactMap(\.string) }
    var config: JSON { json["config"] ?? [:] }
    var output: Tensor { (json["output"] ?? [:]).tensor }
  }

  @Test func allWereRead() {
    #expect(Case.all("layers").count > 80)
    #expect(Case.all("constraints").count == 5)
    #expect(Case.all("regularizers").count == 5)
  }

  @Test(arguments: Case.all("layers")) func layer(_ test: Case) throws {
    let name = try test.json.get("class_name", \.string)
    let original = try Layer.make(className: name, config: test.config)
    for layer in [original, try Layer.make(className: name, config: original.config)] {
      let inputs = test.tensors("inputs")
      _ = try layer(inputs)
      try setWeights(of: layer, test.json["weights"]?.object ?? [:])
      let mask = test.json["mask"].map { $0.tensor.cast(to: .bool) }
      let found = try layer(inputs, masks: [mask] + inputs.dropFirst().map { _ in nil })[0]
      expectClose(found.cast(to: .float32), test.output.cast(to: .float32), name)
      let shapes = inputs.map { [nil] + $0.shape.dropFirst().map { $0 } }
      let inferred = try layer.outputShapes(for: shapes)[0]
      #expect(Array(inferred.dropFirst()) == found.shape.dropFirst().map { $0 })
    }
  }

  private func setWeights(of layer: Layer, _ values: [String: JSON]) throws {
    #expect(layer.namedWeights.count == values.count)
    for weight in layer.namedWeights {
      let key = weight.name.split(separator: "/").last.map(String.init) ?? ""
      weight.variable.value = try #require(values[key]).tensor.cast(to: weight.variable.dtype)
    }
  }

  @Test(arguments: Case.all("constraints")) func constraint(_ test: Case) throws {
    let constraint = try #require(try Constraint.read(config: test.config))
    expectClose(constraint(test.json["weight"]!.tensor), test.output, test.testDescription)
    #expect(try Constraint.read(config: constraint.config) == constraint)
  }

  @Test(arguments: Case.all("regularizers")) func regularizer(_ test: Case) throws {
    let regularizer = try #require(try Regularizer.read(config: test.config))
    let penalty = Double(regularizer(test.json["weight"]!.tensor).item())
    let expected = try test.json.get("output", \.double)
    #expect(abs(penalty - expected) < 1e-5 * max(1, expected))
    #expect(try Regularizer.read(config: regularizer.config) == regularizer)
  }

  @Test(arguments: Case.all("hashes")) func hash(_ test: Case) throws {
    let layer = try #require(
      try Layer.make(className: "Hashing", config: test.config) as? Hashing)
    #expect(try layer(test.strings).dataSync() == test.output.dataSync())
  }

  @Test(arguments: Case.all("lookups")) func lookup(_ test: Case) throws {
    let layer = try #require(
      try Layer.make(className: "StringLookup", config: test.config) as? StringLookup)
    if let words = test.json["adapt"]?.array {
      try layer.adapt(words.compactMap(\.string))
    } else {
      let documents = try test.json.get("documents", \.array)
      try layer.adapt(documents.map { ($0.array ?? []).compactMap(\.string) })
    }
    #expect(layer.vocabulary == test.json["vocabulary"]?.array?.compactMap(\.string))
    expectClose(try layer(test.strings).cast(to: .float32), test.output.cast(to: .float32), "")
    let copy = try #require(
      try Layer.make(className: "StringLookup", config: layer.config) as? StringLookup)
    #expect(copy.config == layer.config)
    #expect(try copy(test.strings).dataSync() == layer(test.strings).dataSync())
  }

  @Test(arguments: Case.all("adapted")) func adapt(_ test: Case) throws {
    let name = try test.json.get("class_name", \.string)
    let layer = try Layer.make(className: name, config: test.config)
    let data = try #require(test.json["data"]).tensor
    if let layer = layer as? Discretization {
      try layer.adapt(data)
      let expected = try test.json.get("boundaries", \.array).compactMap(\.double)
      #expect(layer.boundaries.count == expected.count)
      #expect(zip(layer.boundaries, expected).allSatisfy { abs($0 - $1) < 1e-5 })
      #expect(try Layer.make(className: name, config: layer.config).config == layer.config)
    } else if let layer = layer as? Normalization {
      try layer.adapt(data)
    }
    expectClose(try layer(data).cast(to: .float32), test.output.cast(to: .float32), name)
  }

  /// Steps that do not count: loss, metrics, gradients, moving averages.
  @Test(arguments: Case.all("masked")) func masked(_ test: Case) throws {
    let model = try #require(
      try Layer.make(className: "Functional", config: test.config) as? Model)
    // Keras lists the weights of each layer in the order of the layers, as Plush does.
    for (weight, value) in zip(model.weights, test.tensors("before")) { weight.value = value }
    #expect(model.weights.count == test.tensors("before").count)
    let names = try test.json.get("evaluation", \.object).keys.filter { $0 != "loss" }
    #expect(!names.isEmpty)
    try model.compile(
      optimizer: .sgd(learningRate: 0.5),
      loss: Loss(stringLiteral: try test.json.get("loss", \.string)), metrics: names.map(metric))
    let (tokens, truth) = (test.json["tokens"]!.tensor, test.json["truth"]!.tensor)
    for (key, weight) in [("evaluation", nil), ("weighted", test.json["weights"]!.tensor)] {
      let logs = try model.evaluate(tokens, truth, sampleWeight: weight)
      for (name, expected) in try test.json.get(key, \.object) {
        let difference = (logs[name] ?? .nan) - (expected.double ?? .nan)
        #expect(abs(difference) < 1e-4, "\(key) \(name)")
      }
    }
    let step = try model.trainOnBatch(tokens, truth)
    #expect(abs(Double(step) - (try test.json.get("step", \.double))) < 1e-4)
    for (weight, value) in zip(model.weights, test.tensors("after")) {
      expectClose(weight.value, value, absolute: 1e-5, weight.name)
    }
  }

  private func metric(_ name: String) -> Metric {
    let prefix = "weighted_"
    guard name.hasPrefix(prefix) else { return Metric(stringLiteral: name) }
    return Metric(stringLiteral: String(name.dropFirst(prefix.count))).weighted()
  }
}
