import PlushData
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Networks that Keras 2 and 3 saved, in each of their formats.
@Suite(.enabled(if: conformance != nil)) struct KerasFixtureTests {
  static let names = [
    "activations", "autoencoder", "cnn", "conv1d3d", "embedding_lstm", "gru", "k2_cnn", "k2_embed",
    "k2_func", "k2_func_tfjs", "k2_mlp", "k2_rnn", "k2_rnn_tfjs", "lstm2", "mlp", "multi_io",
    "odd_padding", "separable", "shapes_norms", "simple_rnn", "transformer", "unet",
  ]

  private func folder(_ name: String) -> String { "\(conformance ?? "")/keras/\(name)" }

  private func check(_ model: Model, _ name: String, _ what: String) throws {
    let folder = folder(name)
    let inputs = try model.inputShapes.indices.map {
      try NPY(file: "\(folder)/input_\($0).npy").tensor
    }
    for (place, found) in try model.predict(inputs).enumerated() {
      let expected = try NPY(file: "\(folder)/output_\(place).npy").tensor
      try #require(found.shape == expected.shape, "\(name) \(what)")
      let distance = (found - expected).abs().max().item()
      #expect(distance < 1e-5, "\(name) \(what): output \(place) is off by \(distance)")
    }
  }

  @Test(arguments: names) func archive(_ name: String) throws {
    try check(try loadModel(from: "\(folder(name))/model.keras"), name, ".keras")
  }

  @Test(arguments: names) func hdf5(_ name: String) throws {
    try check(try loadModel(from: "\(folder(name))/model.h5"), name, ".h5")
  }

  @Test(arguments: names.filter { !$0.hasPrefix("k2") }) func safetensors(_ name: String) throws {
    let model = try loadModel(from: "\(folder(name))/model.h5")
    for weight in model.weights { weight.value = Tensor.zeros(like: weight.value) }
    try model.loadWeights(from: "\(folder(name))/weights.safetensors")
    try check(model, name, "safetensors")
  }

  /// The weights of the whole-model files, into a model that is there.
  @Test(arguments: names) func weightsOfWholeModels(_ name: String) throws {
    let model = try loadModel(from: "\(folder(name))/model.h5")
    for weight in model.weights { weight.value = Tensor.zeros(like: weight.value) }
    try model.loadWeights(from: "\(folder(name))/model.h5")
    try check(model, name, "weights of .h5")
  }

  @Test(arguments: names) func roundTrips(_ name: String) throws {
    let files = try TestFolder()
    let model = try loadModel(from: "\(folder(name))/model.keras")
    for ending in [".keras", ".h5", ""] {
      let path = files("model\(ending)")
      do {
        try model.save(to: path)
      } catch let error as FileError where error.kind == .unsupported {
        // Keras 3 does not have the hard_sigmoid of Keras 2.
        #expect(error.found.contains("hard_sigmoid"), "\(name) \(ending): \(error.message)")
        continue
      }
      try check(try loadModel(from: path), name, "round trip \(ending)")
    }
    let other = try loadModel(from: "\(folder(name))/model.keras")
    for ending in [".weights.h5", ".npz", ".safetensors"] {
      try model.saveWeights(to: files("all\(ending)"))
      for weight in other.weights { weight.value = Tensor.zeros(like: weight.value) }
      try other.loadWeights(from: files("all\(ending)"))
      try check(other, name, "weights \(ending)")
    }
  }
}

@Suite struct KerasFileTests {
  let folder: TestFolder
  let x = withRandomKey(seed: 1) { Tensor.randomNormal([20, 3]) }
  let y = withRandomKey(seed: 2) { Tensor.randomUniform([20, 2]) }

  init() throws { folder = try TestFolder() }

  private func model(_ optimizer: some Optimizer = .adam()) throws -> Sequential {
    let inner = Sequential([Dense(3, activation: .relu)], name: "inner")
    let model = Sequential {
      Dense(4, activation: .tanh, inputShape: [3])
      BatchNormalization()
      inner
      Dense(2, activation: .softmax)
    }
    try withRandomKey(seed: 3) { try model.build() }
    realize(model.weights.map(\.value))
    try model.compile(
      optimizer: optimizer, loss: .categoricalCrossentropy(labelSmoothing: 0.1),
      metrics: [.accuracy, .mae])
    return model
  }

  private func weights(_ model: Model) -> [[Float]] { model.weights.map { $0.value.dataSync() } }

  static let optimizers: [String] = [
    "adadelta", "adafactor", "adagrad", "adam", "adamw", "adamax", "ftrl", "lamb", "lion", "muon",
    "nadam", "rmsprop", "sgd",
  ]

  @Test(arguments: optimizers, [".keras", ".h5"])
  func trainingGoesOn(_ name: String, _ ending: String) async throws {
    let original = try model(try Optimizers.make(name))
    try await original.fit(x, y, epochs: 2, verbose: .silent, seed: 4)
    try original.save(to: folder("model\(ending)"))
    var notes: [String] = []
    let loaded = try loadModel(
      from: folder("model\(ending)"), LoadOptions(note: { notes.append($0) }))
    #expect(notes.isEmpty)
    #expect(weights(loaded) == weights(original))
    #expect(try loaded.evaluate(x, y) == original.evaluate(x, y))
    try await original.fit(x, y, epochs: 2, verbose: .silent, seed: 5)
    try await loaded.fit(x, y, epochs: 2, verbose: .silent, seed: 5)
    for (found, expected) in zip(weights(loaded), weights(original)) {
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  /// Keras keeps numbers for the weights that Adafactor does not factor, and one for all weights of
  /// Nadam, in another place up to version 3.9.
  @Test(arguments: ["adafactor", "nadam", "nadam-3.9"])
  func trainingOfKerasGoesOn(_ name: String) async throws {
    let golden = HDF5Tests.golden("\(name).keras")
    let first = try loadModel(from: golden)
    try first.save(to: folder("again.keras"))
    try first.save(to: folder("again.h5"))
    let newest = HDF5Tests.golden("\(name.prefix { $0 != "-" }).keras")
    #expect(try stateShapes(folder("again.keras")) == stateShapes(newest))
    let expected = try JSON(file: HDF5Tests.golden("\(name).json"))
    func numbers(_ json: JSON?) -> [Float] {
      (json?.array ?? []).compactMap { $0.double.map(Float.init) }
    }
    let x = Tensor(numbers(expected["x"]), shape: [6, 3])
    let y = Tensor(numbers(expected["y"]), shape: [6, 2])
    for path in [golden, folder("again.keras"), folder("again.h5")] {
      var notes: [String] = []
      let model = try loadModel(from: path, LoadOptions(note: { notes.append($0) }))
      #expect(notes.isEmpty)
      try await model.fit(x, y, epochs: 1, batchSize: 6, verbose: .silent)
      for (found, wanted) in zip(weights(model), expected["weights"]?.array ?? []) {
        #expect(zip(found, numbers(wanted)).allSatisfy { abs($0 - $1) < 1e-6 }, "\(path)")
      }
    }
  }

  private func stateShapes(_ path: String) throws -> [[Int]] {
    let archive = try ZipArchive(file: path)
    let entry = try #require(archive.entries.first { $0.name == "model.weights.h5" })
    let state = try HDF5File(parsing: try archive.read(entry)).root.group("optimizer/vars")
    return try state.names.indices.map { try state.dataset("\($0)").shape }
  }

  @Test func unknownClassesAreNamed() throws {
    final class Doubling: Layer {
      override func call(_ input: Tensor, training: Bool) throws -> Tensor { input * 2 }
    }
    let model = Sequential([Doubling(inputShape: [3]), Dense(2)])
    try model.save(to: folder("own.keras"))
    let error = #expect(throws: ModelError.self) { try loadModel(from: folder("own.keras")) }
    #expect(error?.found.contains("Doubling") == true)
    #expect(error?.hint?.contains("Layer.register(Doubling.self)") == true)
    Layer.register(Doubling.self)
    let loaded = try loadModel(from: folder("own.keras"))
    #expect(try loaded.predict(x).dataSync() == model.predict(x).dataSync())
  }

  @Test func sharedAndNestedLayers() throws {
    let shared = Dense(3, activation: .relu, name: "shared")
    let a = Input(shape: [3], name: "a")
    let inner = try Model(inputs: a, outputs: Dense(3)(Dense(3)(a)), name: "inner")
    let (left, right) = (Input(shape: [3], name: "left"), Input(shape: [3], name: "right"))
    let sum = Add()([inner(shared(left)), shared(inner(right))])
    let model = try Model(inputs: [left, right], outputs: [sum, Dense(1)(sum)])
    let expected = try model.predict([x, x * 2])
    for ending in [".keras", ".h5"] {
      try model.save(to: folder("shared\(ending)"))
      let loaded = try loadModel(from: folder("shared\(ending)"))
      #expect(loaded.parameterCount == model.parameterCount, "\(ending)")
      for (found, wanted) in zip(try loaded.predict([x, x * 2]), expected) {
        #expect(found.dataSync() == wanted.dataSync(), "\(ending)")
      }
    }
  }

  @Test func equalModelsMakeEqualFiles() throws {
    for ending in [".keras", ".h5"] {
      try model().save(to: folder("1\(ending)"))
      try model().save(to: folder("2\(ending)"))
      #expect(try readFile(folder("1\(ending)")) == readFile(folder("2\(ending)")))
    }
  }

  @Test func otherModelsAreRefused() throws {
    try model().saveWeights(to: folder("w.weights.h5"))
    let other = Sequential([Dense(5, inputShape: [3])])
    try other.build()
    let before = weights(other)
    #expect(throws: FileError.self) { try other.loadWeights(from: folder("w.weights.h5")) }
    #expect(weights(other) == before)
    #expect(throws: FileError.self) { try loadModel(from: folder("w.weights.h5")) }
    #expect(throws: FileError.self) { try loadModel(from: folder("none.keras")) }
  }

  @Test(arguments: [".keras", ".h5"]) func cutFiles(_ ending: String) throws {
    try model().save(to: folder("whole\(ending)"))
    let bytes = try readFile(folder("whole\(ending)"))
    for count in stride(from: 0, to: bytes.count, by: 100) {
      try writeFile(folder("cut\(ending)"), bytes[..<count])
      #expect(throws: FileError.self) { try loadModel(from: folder("cut\(ending)")) }
    }
  }

  @Test(arguments: [".keras", ".h5"]) func changedFiles(_ ending: String) throws {
    try model().save(to: folder("whole\(ending)"))
    let bytes = try readFile(folder("whole\(ending)"))
    var generator = TestGenerator(seed: 8)
    var refused = 0
    for _ in 0..<300 {
      try writeFile(folder("changed\(ending)"), generator.flippingBits(of: bytes))
      do {
        _ = try loadModel(from: folder("changed\(ending)"))
      } catch is FileError {
        refused += 1
      } catch is ModelError {
        refused += 1
      } catch is JSONError {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  @Test(arguments: [WeightQuantization.uint8, .uint16, .float16])
  func fewerBits(_ quantization: WeightQuantization) throws {
    let model = try model()
    try model.save(to: folder("full"))
    try model.save(to: folder("small"), SaveOptions(quantization: quantization))
    let loaded = try loadModel(from: folder("small"))
    let limit: Float = quantization == .uint8 ? 1e-2 : 2e-3
    for (found, expected) in zip(weights(loaded), weights(model)) {
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < limit })
    }
    #expect(weights(loaded) != weights(model))
  }
}
