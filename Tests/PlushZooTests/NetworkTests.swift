import Plush
import PlushTestSupport
import PlushZoo
import Testing

@Suite(.serialized) struct NetworkTests {
  @Test func namesAreUnique() {
    let names = Zoo.networks.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(
      names == [
        "linear", "perceptron", "xor", "titanic", "mlp", "cnn", "generator", "formatter",
        "translate",
      ])
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
}
