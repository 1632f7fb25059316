import PlushData
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct ModelFileTests {
  let folder: TestFolder
  let x = withRandomKey(seed: 1) { Tensor.randomNormal([20, 3]) }
  let y = withRandomKey(seed: 2) { Tensor.randomUniform([20, 2]) }

  init() throws { folder = try TestFolder() }

  func model(_ seed: Int = 1) throws -> Sequential {
    let model = Sequential {
      Dense(4, activation: .hardSigmoid, kernelRegularizer: .l2(0.1), inputShape: [3])
      BatchNormalization()
      Dropout(0.1)
      Dense(2, activation: .softmax)
    }
    try withRandomKey(seed: seed) { try model.build() }
    realizeWeights(model)
    try model.compile(
      optimizer: .adam(learningRate: 0.01), loss: .categoricalCrossentropy(labelSmoothing: 0.1),
      metrics: [.accuracy, .mae])
    return model
  }

  func realizeWeights(_ model: Model) { realize(model.weights.map(\.value)) }

  func weights(_ model: Model) -> [[Float]] { model.weights.map { $0.value.dataSync() } }

  @Test func goesOnTrainingAfterLoading() async throws {
    let original = try model()
    try await original.fit(x, y, epochs: 2, verbose: .silent, seed: 4)
    try original.save(to: folder("model"))
    let loaded = try loadModel(from: folder("model"))
    #expect(weights(loaded) == weights(original))
    #expect(try loaded.evaluate(x, y) == original.evaluate(x, y))
    try await original.fit(x, y, epochs: 2, verbose: .silent, seed: 5)
    try await loaded.fit(x, y, epochs: 2, verbose: .silent, seed: 5)
    #expect(weights(loaded) == weights(original))
  }

  @Test func layoutIsThatOfTensorFlowJS() throws {
    let model = try model()
    try model.trainOnBatch(x, y)
    try model.save(to: folder("model"))
    let json = try JSON(file: folder("model/model.json"))
    #expect(json["format"] == "layers-model")
    #expect(json["modelTopology"]?["class_name"] == "Sequential")
    let dense = json["modelTopology"]?["config"]?["layers"]?[0]
    #expect(dense?["class_name"] == "Dense")
    #expect(dense?["config"]?["batch_input_shape"] == [nil, 3])
    #expect(dense?["config"]?["units"] == 4)
    #expect(dense?["config"]?["use_bias"] == true)
    #expect(dense?["config"]?["kernel_initializer"]?["class_name"] == "GlorotUniform")
    #expect(json["trainingConfig"]?["loss"] == "categorical_crossentropy")
    #expect(json["trainingConfig"]?["optimizer_config"]?["class_name"] == "Adam")
    let weights = json["weightsManifest"]?[0]?["weights"]?.array ?? []
    #expect(weights[0]["name"] == "dense/kernel")
    #expect(weights.first { $0["group"] != nil }?["name"] == "iter")
    #expect(weights.contains { $0["name"] == "dense/kernel/m" })
  }

  /// TensorFlow.js and Keras 2 name the weights inside a wrapper by the wrapper.
  @Test func readsWrappedLayersOfTensorFlowJS() throws {
    let model = Sequential {
      ZeroPadding1D((1, 0), inputShape: [2, 3])
      TimeDistributed(Dense(2, name: "inner"), name: "steps")
    }
    let x = withRandomKey(seed: 3) { Tensor.randomNormal([4, 2, 3]) }
    try model.save(to: folder("model"))
    var json = try JSON(file: folder("model/model.json"))
    let weights = try #require(json["weightsManifest"]?[0]?["weights"]?.array)
    #expect(weights.map { $0["name"] } == ["steps/inner/kernel", "steps/inner/bias"])
    var group = try #require(json["weightsManifest"]?[0])
    group["weights"] = .array(
      zip(weights, ["steps/kernel", "steps/bias"]).map { entry, name in
        var entry = entry
        entry["name"] = .string(name)
        return entry
      })
    json["weightsManifest"] = [group]
    try json.write(to: folder("model/model.json"))
    let expected = try model.predict(x).dataSync()
    #expect(try loadModel(from: folder("model")).predict(x).dataSync() == expected)
  }

  @Test func laterSavesReplaceWhole() throws {
    let path = folder("model")
    for seed in 1...3 { try model(seed).save(to: path) }
    let names = FileSystem.names(in: path).sorted()
    #expect(names.count == 2 && names[0] == "model.json")
    #expect(weights(try loadModel(from: path)) == weights(try model(3)))
  }

  @Test func damagedFoldersAreRefused() throws {
    #expect(throws: FileError.self) { try loadModel(from: folder("none")) }
    let path = folder("model")
    try model().save(to: path)
    var json = try JSON(file: "\(path)/model.json")
    json["modelTopology"] = nil
    try json.write(to: "\(path)/model.json")
    #expect(throws: FileError.self) { try loadModel(from: path) }
  }

  @Test func namesOfONNXFilesAreRefused() throws {
    let error = #expect(throws: FileError.self) { try model().save(to: folder("model.onnx")) }
    #expect(error?.kind == .unsupported)
    #expect(error?.hint?.contains("ONNX.save") == true)
    #expect(folder.names.isEmpty)
    try writeFile(folder("model.onnx"), [8, 7, 18, 0])
    let other = #expect(throws: FileError.self) { try loadModel(from: folder("model.onnx")) }
    #expect(other?.hint?.contains("ONNX.load") == true)
  }

  @Test func weightFiles() throws {
    let (first, second) = (try model(1), try model(2))
    try first.saveWeights(to: folder("w.safetensors"))
    try second.loadWeights(from: folder("w.safetensors"))
    #expect(weights(first) == weights(second))
    let other = Sequential([Dense(5, inputShape: [3])])
    let error = #expect(throws: FileError.self) {
      try other.loadWeights(from: folder("w.safetensors"))
    }
    #expect(error?.place == .entry("dense/kernel"))
  }

  @Test(arguments: [1, 7, 13, 19]) func killedRunsEndWithTheSameBits(_ killAt: Int) async throws {
    struct Killed: Error {}
    func stopping(_ best: Bool) -> EarlyStopping {
      EarlyStopping(monitor: "loss", patience: 50, restoreBestWeights: best)
    }
    let whole = try model()
    let expected = try await whole.fit(
      x, y, epochs: 5, batchSize: 5, callbacks: [stopping(true)], verbose: .silent, seed: 6)

    let kill = LambdaCallback(onBatchEnd: { if $0.step == killAt { throw Killed() } })
    await #expect(throws: Killed.self) {
      try await model().fit(
        x, y, epochs: 5, batchSize: 5,
        callbacks: [
          kill, BackupAndRestore(folder("backup"), everySteps: 3), stopping(true),
          CSVLogger(folder("log.csv")),
        ], verbose: .silent, seed: 6)
    }
    let resumed = try model(9)
    let history = try await resumed.fit(
      x, y, epochs: 5, batchSize: 5,
      callbacks: [
        LambdaCallback(), BackupAndRestore(folder("backup"), everySteps: 3), stopping(true),
        CSVLogger(folder("log.csv")),
      ], verbose: .silent, seed: 6)
    #expect(history == expected)
    #expect(weights(resumed) == weights(whole))
    #expect(!folder.names.contains("backup"))
    let table = String(decoding: try readFile(folder("log.csv")), as: UTF8.self)
    #expect(table.split(separator: "\n").count == 6)
    #expect(table.hasPrefix("epoch,loss,accuracy,mae\n0,"))
  }

  @Test func checkpointsKeepTheBest() async throws {
    let model = try model()
    var epochs: [Double] = []
    let checkpoint = ModelCheckpoint(folder("best"), monitor: "loss", saveBestOnly: true)
    let worsen = LambdaCallback(onEpochEnd: {
      epochs.append(try $0.logs["loss"]!)
      if $0.epoch == 2 { $0.model.learningRate = 5 }
    })
    try await model.fit(
      x, y, epochs: 5, callbacks: [checkpoint, worsen], verbose: .silent, seed: 1)
    #expect(weights(try loadModel(from: folder("best"))) != weights(model))
  }

  @Test(.enabled(if: conformance != nil), arguments: ["k2_mlp"])
  func readsModelsOfKeras2(_ name: String) throws {
    let path = "\(conformance ?? "")/keras/\(name)"
    let model = try loadModel(from: "\(path)/tfjs")
    let found = try model.predict(try NPY(file: "\(path)/input_0.npy").tensor).dataSync()
    let output = try NPY(file: "\(path)/output_0.npy").tensor.dataSync()
    #expect(found.count == output.count)
    #expect(zip(found, output).allSatisfy { abs($0 - $1) < 1e-5 })
  }
}
