import Plush
import PlushTestSupport
import PlushZoo
import Testing

/// What a line gives, learned from samples that are made on the way.
private struct Streamed: Network {
  static let settings: [Setting<Streamed>] = [
    Setting("slope", \.slope, in: 1...9, "The slope of the line."),
    Setting("sign-of", \.sign, among: ["plus", "minus"], "Whether it falls."),
  ]
  var slope = 2.0
  var sign = "plus"
  /// Whether samples are in memory instead.
  var isInMemory = false

  let name = "streamed"
  let summary = "a line"
  var defaults: Hyperparameters {
    Hyperparameters(epochs: 30, batchSize: 4, learningRate: 0.1)
  }

  func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    let slope = Float(sign == "plus" ? slope : -slope)
    let points = Dataset(count: 30) { place in
      let x = Float(place) / 15 - 1
      return Samples(Tensor([x]), Tensor([slope * x]))
    }
    let training = LabelledSamples(points.shuffle(bufferSize: 30, seed: seed))
    let test = LabelledSamples(points.take(10))
    guard isInMemory else {
      return NetworkData(training: training, validation: test, test: test, origin: "a line")
    }
    let x = Tensor((0..<30).map { Float($0) / 15 - 1 }, shape: [30, 1])
    let all = LabelledSamples(x, x * slope)
    return NetworkData(
      training: all, validation: test, test: LabelledSamples(x[0..<10], x[0..<10] * slope),
      origin: "a line")
  }

  func model(for record: JSON) -> Model { Sequential { Dense(1, inputShape: [1]) } }

  func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .sgd(learningRate: parameters.learningRate), loss: .meanSquaredError)
  }

  func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] { [] }
}

@Suite(.serialized) struct StreamedNetworkTests {
  @Test(arguments: [false, true])
  func samplesMayBeMadeOnTheWay(_ isInMemory: Bool) async throws {
    let folder = try TestFolder()
    var network = Streamed(sign: "minus")
    network.isInMemory = isInMemory
    let options = TrainingOptions(parameters: network.defaults, out: folder("out"))
    let result = try await network.train(options, reporter: SilentReporter())
    #expect(result.test?["loss"] ?? 1 < 1e-4)
    #expect(result.history["val_loss"].count == 30)
    let model = try ModelFolder(folder("out")).load()
    #expect(abs(model.weights[0].value.item() + 2) < 0.05)
  }

  @Test func aStreamedTrainingGoesOnWithTheSameBits() async throws {
    let folder = try TestFolder()
    let network = Streamed()
    func train(_ out: String, epochs: Int, resume: Bool = false) async throws -> Float {
      var parameters = network.defaults
      parameters.epochs = epochs
      let options = TrainingOptions(parameters: parameters, out: folder(out), resume: resume)
      _ = try await network.train(options, reporter: SilentReporter())
      return try ModelFolder(folder(out)).load().weights[0].value.item()
    }
    let half = try await train("a", epochs: 2)
    let whole = try await train("b", epochs: 5)
    #expect(half != whole)
    #expect(try await train("a", epochs: 5, resume: true) == whole)
  }

  @Test func samplesArePickedFromBothKinds() async throws {
    for isInMemory in [false, true] {
      var network = Streamed()
      network.isInMemory = isInMemory
      let test = try network.data(from: nil, seed: 1, reporter: SilentReporter()).test
      let expected: [Float] = [2, 5, 9].map { Float($0) / 15 - 1 }
      #expect(test.count == 10)
      #expect(try await test.picked([2, 5, 9]).inputs[0].dataSync() == expected)
      #expect(try await test.first(3).truths[0].shape == [3, 1])
      #expect(try await test.first().count == 10)
      let judged = try await network.model(for: [:]).judge(test, batchSize: 4)
      #expect(judged.truths.shape == [10, 1] && judged.predictions.shape == [10, 1])
    }
  }

  @Test func settingsAreCheckedAndRecorded() throws {
    var network = Streamed()
    try Streamed.settings[0].set("3.5", in: &network)
    try Streamed.settings[1].set("minus", in: &network)
    #expect(network.slope == 3.5 && network.sign == "minus")
    #expect(network.settingValues == ["slope": 3.5, "sign_of": "minus"])
    let again = try Streamed().with(network.settingValues)
    #expect(again.slope == 3.5 && again.sign == "minus")
    for (setting, text) in [(0, "10"), (0, "steep"), (1, "none")] {
      #expect(throws: ZooError.self) { try Streamed.settings[setting].set(text, in: &network) }
    }
    #expect(throws: ZooError.self) { try network.with(["slope": 0.5]) }
    #expect(throws: ZooError.self) { try network.with(["slope": "much"]) }
    #expect(network.slope == 3.5)
  }

  @Test func otherSettingsThanBeforeAreNotResumed() async throws {
    let folder = try TestFolder()
    var network = Streamed()
    var options = TrainingOptions(parameters: network.defaults, out: folder("out"))
    _ = try await network.train(options, reporter: SilentReporter())
    options.resume = true
    network.slope = 3
    let error = await #expect(throws: ZooError.self) {
      try await network.train(options, reporter: SilentReporter())
    }
    #expect(error?.message.contains("was begun with --slope 2.0, not 3.0") == true)
  }
}
