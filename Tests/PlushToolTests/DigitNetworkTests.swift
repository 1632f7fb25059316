import Plush
import PlushTestSupport
import Testing

@Suite(.serialized) struct DigitNetworkTests {
  let folder: TestFolder

  init() throws {
    folder = try TestFolder()
    try folder.drawDigits(in: "drawn", training: 3000, test: 500)
  }

  @Test(arguments: [("mlp", 0.85), ("cnn", 0.95)])
  func drawnDigitsAreRead(_ network: String, _ accuracy: Double) throws {
    let trained = try train(network, "--epochs", "3", "--out", "a")
    #expect(trained.status == 0)
    let reached = try trained.last["test_accuracy"]?.double ?? 0
    #expect(reached >= accuracy, "\(network) reached \(reached)")
    let evaluated = try Tool.run("evaluate", "a", "--json", in: folder)
    #expect(try evaluated.last["test_accuracy"]?.double == reached)
    let predicted = try Tool.run(
      "predict", "a", "drawn/t10k-images-idx3-ubyte", "--json", in: folder)
    let answers = try predicted.events.map { $0["class"]?.int }
    let digits = try IDXArray(file: folder("drawn/t10k-labels-idx1-ubyte")).bytes
    let right = zip(answers, digits).count { $0 == Int($1) }
    #expect(answers.count == 500)
    #expect(abs(Double(right) / 500 - reached) < 1e-6)
  }

  @Test func tablesOfPixelsAreRead() throws {
    _ = try train("cnn", "--epochs", "1", "--batch-size", "500", "--out", "a")
    let picture = try IDXArray(file: folder("drawn/t10k-images-idx3-ubyte")).bytes.prefix(784)
    let names = (0..<784).map { "p\($0)" }.joined(separator: ",")
    let row = picture.map { "\($0)" }.joined(separator: ",")
    try writeFile(folder("one.csv"), "\(names)\n\(row)\n")
    let fromTable = try Tool.run("predict", "a", "one.csv", "--json", in: folder)
    let fromPictures = try Tool.run(
      "predict", "a", "drawn/t10k-images-idx3-ubyte", "--json", in: folder)
    let shares = try fromTable.events.map { $0["probabilities"]?.array ?? [] }
    let expected = try fromPictures.events.first?["probabilities"]?.array ?? []
    #expect(shares.count == 1 && expected.count == 10)
    for (share, other) in zip(shares[0], expected) {
      #expect(abs((share.double ?? 0) - (other.double ?? 1)) < 1e-5)
    }
  }

  @Test func theSameSeedGivesTheSameWeights() throws {
    for (out, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
      let result = try train("cnn", "--epochs", "1", "--seed", seed, "--out", out)
      #expect(result.status == 0)
    }
    let weights = try ["a", "b", "c"].map { try savedWeights(folder($0)) }
    #expect(weights[0] == weights[1])
    #expect(weights[0] != weights[2])
  }

  private func train(_ network: String, _ options: String...) throws -> Tool.Result {
    try Tool(["train", network, "--data", "drawn", "--json"] + options, in: folder.path).wait()
  }
}
