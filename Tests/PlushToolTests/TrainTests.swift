import Foundation
import Plush
import PlushTestSupport
import Testing

@Suite(.serialized) struct TrainTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: 1...20)
  func xorIsSolvedFromEverySeed(_ seed: Int) throws {
    let result = try Tool.run("train", "xor", "--seed", "\(seed)", "--json", in: folder)
    #expect(result.status == 0)
    #expect(try result.last["test_accuracy"] == .double(1))
  }

  @Test func jsonLinesTellTheTraining() throws {
    let result = try Tool.run("train", "xor", "--epochs", "30", "--json", in: folder)
    let events = try result.events
    #expect(events.first?["event"] == "start")
    let epochs = events.filter { $0["event"] == "epoch" }
    #expect(epochs.count % 30 == 0)
    #expect(epochs.allSatisfy { $0["loss"]?.double != nil && $0["accuracy"]?.double != nil })
    let end = try result.last
    #expect(end["event"] == "end")
    #expect(end["network"] == "xor")
    #expect(end["out"] == "models/xor")
    #expect(end["seconds"]?.double ?? -1 > 0)
    #expect(end["test_loss"]?.double != nil)
  }

  @Test func theModelIsSavedWithItsCurves() throws {
    let result = try Tool.run("train", "linear", in: folder)
    #expect(result.status == 0)
    #expect(result.output.contains("saved in models/linear"))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("models/linear"))
    #expect(names.contains("curves.svg") && names.contains("curves.png"))
    #expect(names.contains("network.json"))
    #expect(!result.output.contains("\u{1B}"))
  }

  @Test func quietTellsTheResultOnly() throws {
    let result = try Tool.run("train", "perceptron", "--quiet", in: folder)
    #expect(result.output.split(separator: "\n").count == 1)
    #expect(result.output.contains("test accuracy 100.00 %"))
  }

  @Test func theSameSeedGivesTheSameWeights() throws {
    for out in ["a", "b"] {
      _ = try Tool.run("train", "xor", "--seed", "7", "--out", out, in: folder)
    }
    #expect(try weights("a") == weights("b"))
    let other = try Tool.run("train", "xor", "--seed", "8", "--out", "c", in: folder)
    #expect(other.status == 0)
    #expect(try weights("a") != weights("c"))
  }

  @Test func trainedNetworksEvaluateAndPredict() throws {
    _ = try Tool.run("train", "xor", "--out", "x", in: folder)
    let evaluated = try Tool.run("evaluate", "x", "--json", in: folder)
    #expect(try evaluated.last["test_accuracy"] == .double(1))
    try writeFile(folder("cases.csv"), "x1,x2\n0,1\n1,1\n")
    let predicted = try Tool.run("predict", "x", "cases.csv", "--json", in: folder)
    #expect(try predicted.events.map { $0["class"]?.int } == [1, 0])
  }

  @Test func dataAreNamedByPlaceOrOption() throws {
    let rows = (0..<20).map { "\($0),\($0)\n" }.joined()
    try writeFile(folder("points.csv"), "x,y\n" + rows)
    for data in [["points.csv"], ["--data", "points.csv"]] {
      let result = try Tool(["train", "linear", "--json"] + data, in: folder.path).wait()
      #expect(try result.events.first?["data"] == "points.csv")
      #expect(try result.events.first?["training_samples"] == 16)
    }
  }

  @Test(.enabled(if: sharedData != nil))
  func titanicIsPredicted() throws {
    let data = try #require(sharedData)
    let table = "\(data)/tabular/titanic.csv"
    let result = try Tool.run("train", "titanic", "--data", table, "--json", in: folder)
    let end = try result.last
    #expect(end["test_accuracy"]?.double ?? 0 >= 0.8)
    #expect(end["cross_validation_accuracy"]?.double ?? 0 >= 0.8)
    let predicted = try Tool.run("predict", "models/titanic", table, "--json", in: folder)
    let events = try predicted.events
    #expect(events.count == 891)
    #expect(events.allSatisfy { $0["survived"]?.bool != nil })
  }

  private func weights(_ out: String) throws -> [UInt8] { try savedWeights(folder(out)) }
}
