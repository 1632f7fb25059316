import Plush
import PlushMedia
import PlushONNX
import PlushTestSupport
import Testing

/// A model in files of every format, for `convert`, `summary` and `predict`.
private struct ModelFiles {
  /// Names of files with a whole model.
  static let whole = ["own", "a.keras", "a.h5", "a.onnx"]
  /// Names of files with its weights alone.
  static let weights = ["a.weights.h5", "a.safetensors", "a.npz"]

  let folder: TestFolder
  let model: Model
  let x = withRandomKey(seed: 1) { Tensor.randomNormal([5, 4]) }

  init() throws {
    folder = try TestFolder()
    model = Sequential {
      Dense(3, activation: .tanh, inputShape: [4], name: "first")
      BatchNormalization(name: "norm")
      Dense(2, activation: .softmax, name: "second")
    }
    try withRandomKey(seed: 2) { try model.build() }
    try model.compile(optimizer: .adam, loss: .categoricalCrossentropy)
    try model.trainOnBatch(x, Tensor([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]] as [[Float]]))
    for name in ["own", "a.keras", "a.h5"] { try model.save(to: folder(name)) }
    try ONNX.save(model, to: folder("a.onnx"))
    for name in Self.weights { try model.saveWeights(to: folder(name)) }
    try NPY(x).write(to: folder("x.npy"))
  }

  func run(_ arguments: String...) throws -> Tool.Result {
    try Tool(arguments, in: folder.path).wait()
  }

  /// How far from those of the model the predictions are that a file of them holds.
  func distance(_ file: String) throws -> Float {
    let found = try NPY(file: folder(file)).tensor
    let expected = try model.predict(x)
    try #require(found.shape == expected.shape)
    return (found - expected).abs().max().item()
  }
}

@Suite struct ConvertTests {
  private let files: ModelFiles

  init() throws { files = try ModelFiles() }

  @Test(arguments: ModelFiles.whole, ["web", "b.keras", "b.h5", "b.onnx"])
  func wholeModels(_ input: String, _ output: String) throws {
    let result = try files.run("convert", input, output)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "\(output) is written\n")
    let isTold = result.errors.contains("not kept: how the model learns")
    #expect(isTold == (output == "b.onnx" && input != "a.onnx"), "\(result.errors)")
    #expect(try files.run("predict", output, "x.npy", "--out", "y.npy").status == 0)
    #expect(try files.distance("y.npy") < 1e-5)
  }

  /// What was trained goes on being trained.
  @Test(arguments: ["own", "a.keras", "a.h5"], ["web", "b.keras", "b.h5"])
  func optimizers(_ input: String, _ output: String) throws {
    let result = try files.run("convert", input, output)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let y = Tensor([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]] as [[Float]])
    let models = try [input, output].map { try loadModel(from: files.folder($0)) }
    for model in models { try model.trainOnBatch(files.x, y) }
    for (found, expected) in zip(models[1].weights, models[0].weights) {
      #expect((found.value - expected.value).abs().max().item() < 1e-6)
    }
  }

  @Test(arguments: ModelFiles.whole, ["b.weights.h5", "b.safetensors", "b.npz"])
  func weightsOfModels(_ input: String, _ output: String) throws {
    let result = try files.run("convert", input, output)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("not kept: the layers and how they are connected"))
    #expect(result.errors.contains("how the model learns") == (input != "a.onnx"))
    if input == "a.onnx" { return }
    let expected = files.model.weights.map { $0.value.dataSync() }
    for weight in files.model.weights { weight.value = Tensor.zeros(like: weight.value) }
    try files.model.loadWeights(from: files.folder(output))
    #expect(files.model.weights.map { $0.value.dataSync() } == expected)
  }

  @Test(arguments: ModelFiles.weights, ["b.weights.h5", "b.safetensors", "b.npz"])
  func weights(_ input: String, _ output: String) throws {
    let result = try files.run("convert", input, output)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    let (old, new) = try (
      NamedArray.all(in: files.folder(input)), NamedArray.all(in: files.folder(output))
    )
    #expect(old.count == 8 && Set(old) == Set(new))
  }

  @Test(arguments: ModelFiles.weights, ["web", "b.keras", "b.h5", "b.onnx"])
  func weightsAreNoModel(_ input: String, _ output: String) throws {
    let result = try files.run("convert", input, output)
    #expect(result.status == 1)
    #expect(result.errors.contains("expected a whole model, to write one, found weights alone"))
    #expect(result.errors.contains("\nhint: weights become .safetensors, .npz or .weights.h5"))
    #expect(!files.folder.names.contains(output))
  }

  @Test(arguments: ["uint8", "uint16", "float16"]) func fewerBits(_ kind: String) throws {
    #expect(try files.run("convert", "a.keras", "web", "--quantize", kind).status == 0)
    #expect(try files.run("predict", "web", "x.npy", "--out", "y.npy").status == 0)
    let distance = try files.distance("y.npy")
    #expect(distance > 0 && distance < 0.02)
    for output in ["b.keras", "b.onnx", "b.npz"] {
      let refused = try files.run("convert", "a.keras", output, "--quantize", kind)
      #expect(refused.status == 64 && refused.errors.contains("--quantize is for folders"))
    }
  }

  @Test func whatKerasDoesNotHaveIsRefused() throws {
    let model = Sequential { Dense(2, activation: .hardSigmoidLegacy, inputShape: [4]) }
    try model.save(to: files.folder("legacy"))
    let result = try files.run("convert", "legacy", "b.keras")
    #expect(result.status == 1)
    #expect(result.errors.contains("expected activations of Keras 3"))
    #expect(!files.folder.names.contains("b.keras"))
  }

  @Test func whatCannotBeKeptIsSaid() throws {
    // A loss that is not known here.
    var json = try JSON(file: files.folder("own/model.json"))
    json["trainingConfig"]?["loss"] = "of_somebody_else"
    try json.write(to: files.folder("own/model.json"))
    let told = try files.run("convert", "own", "b.keras")
    #expect(told.status == 0)
    #expect(told.errors.contains("not kept: the optimizer, loss and metrics"), "\(told.errors)")
  }
}

@Suite struct SummaryTests {
  private let files: ModelFiles

  init() throws { files = try ModelFiles() }

  @Test(arguments: ModelFiles.whole) func models(_ name: String) throws {
    let path = name == "own" ? "./own" : name
    let result = try files.run("summary", path)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    // Of the 35 numbers, 6 are running means.
    #expect(result.output.contains("Total params: 35"), "\(result.output)")
    #expect(result.output.contains("first") || name == "a.onnx")
  }

  @Test(arguments: ModelFiles.weights) func weights(_ name: String) throws {
    let result = try files.run("summary", name)
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.hasSuffix("8 arrays, 35 numbers\n"))
    let kernel = name == "a.weights.h5" ? "layers/dense/vars/0" : "first/kernel"
    #expect(result.output.contains(kernel) && result.output.contains("[4, 3]"))
    #expect(result.output.contains("float32"))
  }
}

@Suite struct PredictFileTests {
  private let files: ModelFiles

  init() throws { files = try ModelFiles() }

  @Test(arguments: ModelFiles.whole) func arraysAndTables(_ name: String) throws {
    let path = name == "own" ? "./own" : name
    try NPZ([NamedArray("anything", files.x)]).write(to: files.folder("x.npz"))
    let rows = files.x.dataSync().map { "\($0)" }
    let lines = stride(from: 0, to: 20, by: 4).map { rows[$0..<$0 + 4].joined(separator: ",") }
    try writeFile(files.folder("x.csv"), lines.joined(separator: "\n") + "\n")
    try writeFile(files.folder("named.csv"), "a,b,c,d\n" + lines.joined(separator: "\n") + "\n")
    for file in ["x.npy", "x.npz", "x.csv", "named.csv"] {
      let result = try files.run("predict", path, file, "--out", "y.npy")
      #expect(result.status == 0 && result.output == "y.npy is written\n", "\(result.errors)")
      #expect(try files.distance("y.npy") < 1e-5, "\(file)")
    }
  }

  @Test(arguments: ModelFiles.whole) func lines(_ name: String) throws {
    let path = name == "own" ? "./own" : name
    let result = try files.run("predict", path, "x.npy", "--json")
    #expect(result.status == 0, "\(result.errors)")
    let events = try result.events
    try #require(events.map { $0["sample"]?.int } == [0, 1, 2, 3, 4])
    #expect(events.allSatisfy { $0["file"] == "x.npy" })
    let outputs = try #require(events[3]["outputs"]?.object?.values.first?.array)
    let expected = try files.model.predict(files.x).dataSync()[6..<8]
    #expect(zip(outputs, expected).allSatisfy { abs(($0.double ?? 9) - Double($1)) < 1e-5 })
    let plain = try files.run("predict", path, "x.npy")
    #expect(plain.status == 0 && plain.output.split(separator: "\n").count == 5)
    let both = try files.run("predict", path, "x.npy", "x.npy")
    #expect(both.output.split(separator: "\n").filter { $0.hasPrefix("x.npy ") }.count == 10)
  }

  @Test(arguments: ["two", "two.keras", "two.h5", "two.onnx"])
  func severalInputsAndOutputs(_ name: String) throws {
    let (a, b) = (Input(shape: [2], name: "a"), Input(shape: [3], name: "b"))
    let model = try Model(
      inputs: [a, b], outputs: [Dense(2, name: "left")(a), Dense(1, name: "right")(b)])
    let inputs = [Tensor.ones([4, 2]), Tensor.ones([4, 3])]
    let expected = try model.predict(inputs)
    if name == "two.onnx" {
      try ONNX.save(model, to: files.folder(name))
    } else {
      try model.save(to: files.folder(name))
    }
    // By their names, whatever their order.
    try NPZ([NamedArray("b", inputs[1]), NamedArray("a", inputs[0])])
      .write(to: files.folder("both.npz"))
    for (file, input) in zip(["a.npy", "b.npy"], inputs) {
      try NPY(input).write(to: files.folder(file))
    }
    for given in [["both.npz"], ["a.npy", "b.npy"]] {
      let result = try Tool(
        ["predict", "./\(name)"] + given + ["--out", "y.npz"], in: files.folder.path
      ).wait()
      #expect(result.status == 0, "\(result.errors)")
      let found = try NPZ(file: files.folder("y.npz")).arrays
      #expect(found.count == 2)
      for (found, expected) in zip(found, expected) {
        #expect(found.shape == expected.shape)
        #expect((found.tensor - expected).abs().max().item() < 1e-5)
      }
    }
    let refused = try files.run("predict", "./\(name)", "a.npy")
    #expect(refused.status == 1 && refused.errors.contains("2 inputs (a, b)"))
  }

  @Test(arguments: ["seen.keras", "seen.h5", "seen"]) func pictures(_ name: String) throws {
    let model = Sequential { GlobalAveragePooling2D(inputShape: [6, 8, 3]) }
    try model.save(to: files.folder(name))
    try Picture(width: 16, height: 12, color: 0x336699).write(to: files.folder("blue.png"))
    let result = try files.run("predict", "./\(name)", "blue.png", "--out", "y.npy")
    #expect(result.status == 0, "\(result.errors)")
    let found = try NPY(file: files.folder("y.npy")).tensor.dataSync()
    #expect(zip(found, [0.2, 0.4, 0.6] as [Float]).allSatisfy { abs($0 - $1) < 1e-5 })
    let rows = try files.run("predict", "./\(name)", "x.npy")
    #expect(rows.status == 1 && rows.errors.contains("expected an array of shape"))
  }

  @Test func samplesThatDoNotFit() throws {
    try NPY(Tensor.ones([5, 3])).write(to: files.folder("narrow.npy"))
    try writeFile(files.folder("narrow.csv"), "1,2,3\n")
    try writeFile(files.folder("x.txt"), "1 2 3 4\n")
    try writeFile(files.folder("cut.npy"), Array(try readFile(files.folder("x.npy")).dropLast()))
    try Picture(width: 2, height: 2, color: 0).write(to: files.folder("dot.png"))
    for (file, text) in [
      ("narrow.npy", "expected an array of shape"), ("narrow.csv", "expected 4 columns"),
      ("x.txt", "expected samples in .npy, .npz, .csv or a picture"), ("cut.npy", "cut.npy"),
      ("dot.png", "hint: pictures need an input of [height, width, channels]"),
      ("none.npy", "found nothing at this path"),
    ] {
      let result = try files.run("predict", "a.keras", file, "--json")
      #expect(result.status == 1, "\(file)")
      #expect(
        result.errors.hasPrefix("error: ") && result.errors.contains(text), "\(result.errors)")
      #expect(try result.last["event"] == "error")
    }
  }
}

#if os(Linux)
  /// Memory holds a model and its largest array, not its file too.
  @Suite struct LargeModelFileTests {
    @Test(arguments: ["a.keras", "a.h5", "a.onnx"]) func largeFiles(_ name: String) throws {
      let folder = try TestFolder()
      let model = Sequential(
        [Dense(1024, inputShape: [1024])] + (1..<16).map { _ in Dense(1024) })
      if name == "a.onnx" {
        try ONNX.save(model, to: folder(name))
      } else {
        try model.save(to: folder(name))
      }
      let size = try readFile(folder(name)).count
      #expect(size > 64 << 20)
      // What the tool takes for the smallest model is less than 40 MiB.
      let result = try Tool(
        ["summary", name], in: folder.path, environment: ["PLUSH_THREADS": "1"],
        memoryLimit: size + 72 << 20
      ).wait()
      #expect(result.status == 0, "\(result.errors)")
    }
  }
#endif

/// Files that are none of a model.
@Suite struct BadModelFileTests {
  private let files: ModelFiles

  init() throws {
    files = try ModelFiles()
    for name in ["a.keras", "a.h5", "a.onnx"] {
      let sound = try readFile(files.folder(name))
      try writeFile(files.folder("cut-\(name)"), sound[..<(sound.count / 2)])
      try writeFile(files.folder("empty-\(name)"), [])
      try writeFile(files.folder("text-\(name)"), "what is this?\n")
    }
    try FileSystem.createDirectory(files.folder("broken"))
    try writeFile(files.folder("broken/model.json"), "{\"modelTopology\":")
  }

  @Test(arguments: ["a.keras", "a.h5", "a.onnx"], ["cut", "empty", "text"])
  func damagedFiles(_ name: String, _ damage: String) throws {
    let file = "\(damage)-\(name)"
    for arguments in [
      ["summary", file], ["predict", file, "x.npy"], ["convert", file, "b.keras"],
      ["convert", file, "b.onnx"],
    ] {
      let result = try Tool(arguments, in: files.folder.path).wait()
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.hasPrefix("error: "), "\(arguments): \(result.errors)")
      #expect(result.errors.contains(file), "\(arguments): \(result.errors)")
      #expect(result.output.isEmpty)
    }
    #expect(!files.folder.names.contains { $0.hasPrefix("b.") })
  }

  @Test(arguments: ["./broken", "none.keras", "none.onnx", "a.npz"])
  func otherPaths(_ path: String) throws {
    let commands = [["predict", path, "x.npy"], ["convert", path, "b.keras"]]
    for arguments in path == "a.npz" ? commands : commands + [["summary", path]] {
      let result = try Tool(arguments, in: files.folder.path).wait()
      #expect(result.status == 1, "\(arguments)")
      #expect(result.errors.hasPrefix("error: ") && result.errors.contains(path.dropFirst(2)))
    }
  }
}
