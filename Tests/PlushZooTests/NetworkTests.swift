import Plush
import PlushMedia
import PlushTestSupport
import PlushZoo
import Testing

@Suite(.serialized) struct NetworkTests {
  @Test func namesAreUnique() {
    let names = Zoo.networks.map(\.name)
    #expect(Set(names).count == names.count)
    let known = [
      "linear", "perceptron", "xor", "titanic", "mlp", "cnn", "images", "autoencoder", "unet",
    ]
    #expect(names == known)
  }

  @Test func unknownNamesAreExplained() {
    #expect(throws: ZooError.self) { try Zoo.network(named: "nothing") }
  }

  @Test func layersAreAsStated() throws {
    let mlp = try Zoo.network(named: "mlp").model()
    try mlp.build()
    #expect(
      mlp.namedWeights.map(\.variable.shape) == [
        [784, 512], [512], [512, 256], [256], [256, 10], [10],
      ])
    let cnn = try Zoo.network(named: "cnn").model()
    try cnn.build()
    #expect(
      cnn.namedWeights.map(\.variable.shape) == [
        [3, 3, 1, 32], [32], [3, 3, 32, 32], [32], [3, 3, 32, 64], [64], [1600, 512], [512],
        [512, 10], [10],
      ])
    let images = try Zoo.network(named: "images").model()
    #expect(images.outputShapes == [[nil, 2]])
    let filters = images.namedWeights.map(\.variable.shape).filter { $0.count == 4 }
    #expect(filters.map(\.[3]) == [16, 32, 64, 128, 256])
    let xor = try Zoo.network(named: "xor").model()
    try xor.build()
    #expect(xor.namedWeights.map(\.variable.shape) == [[2, 2], [2], [2, 1], [1]])
  }

  @Test(arguments: ["linear", "perceptron"])
  func madeSamplesAreLearned(_ name: String) async throws {
    let folder = try TestFolder()
    let network = try Zoo.network(named: name)
    let options = TrainingOptions(parameters: network.defaults, out: folder("out"))
    let result = try await network.train(options, reporter: SilentReporter())
    #expect(result.test?["loss"] ?? 1 < 0.1)
    let trained = try TrainedNetwork(ModelFolder(folder("out")))
    let (samples, _) = try trained.testSamples(nil, SilentReporter())
    #expect(try await trained.evaluate(samples) == result.test)
  }

  @Test func ownTablesAreLearned() async throws {
    let folder = try TestFolder()
    let rows = (0..<50).map { "\(Double($0) / 25 - 1),\(3 * (Double($0) / 25 - 1) - 2)\n" }
    try writeFile(folder("points.csv"), "x,y\n" + rows.joined())
    let network = try Zoo.network(named: "linear")
    let options = TrainingOptions(
      data: folder("points.csv"), parameters: network.defaults, out: folder("out"))
    _ = try await network.train(options, reporter: SilentReporter())
    let answers = try TrainedNetwork(ModelFolder(folder("out"))).answers(to: folder("points.csv"))
    #expect(answers.count == 50)
    #expect(abs((answers[25].json["y"]?.double ?? 0) + 2) < 0.05)
  }

  @Test func autoencodersAnswerWithPictures() throws {
    let folder = try TestFolder()
    let network = try Zoo.network(named: "autoencoder")
    let model = try network.model()
    try Picture(width: 50, height: 40, color: 0x808080).write(to: folder("grey.png"))
    let one = try network.answers(to: folder("grey.png"), model, record: [:])
    #expect(one.count == 1 && one[0].pictures["reconstruction"]?.width == 28)
    let digits = Digits(count: 5, seed: 1)
    try digits.images.write(to: folder("digits.idx"))
    let several = try network.answers(to: folder("digits.idx"), model, record: [:])
    #expect(several.count == 5 && several[0].pictures.keys.sorted() == ["reconstructions"])
    #expect(several[1].pictures.isEmpty)
  }
}
