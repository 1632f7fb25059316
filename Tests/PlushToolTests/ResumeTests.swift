import Foundation
import Plush
import PlushTestSupport
import Testing

@Suite(.serialized) struct ResumeTests {
  let folder: TestFolder
  private let options = [
    "--epochs", "120", "--batch-size", "32", "--seed", "3", "--data", "small",
  ]

  init() throws {
    folder = try TestFolder()
    try folder.drawDigits(in: "small", training: 600, test: 100)
  }

  @Test func aKilledTrainingGoesOnWithTheSameBits() throws {
    let killed = try train("killed")
    try waitForState("killed", killed)
    killed.send(SIGKILL)
    #expect(try killed.wait().status == SIGKILL)
    #expect((try? weights("killed")) == nil)
    try resumeAndCompare("killed")
  }

  @Test func anInterruptedTrainingSavesAndGoesOnWithTheSameBits() throws {
    let interrupted = try train("interrupted", "--json")
    try waitForState("interrupted", interrupted)
    interrupted.send(SIGINT)
    let result = try interrupted.wait()
    #expect(result.status == 130)
    #expect(try result.last["event"] == "interrupted")
    #expect(try weights("interrupted").isEmpty == false)
    try resumeAndCompare("interrupted")
  }

  @Test func peopleAreToldHowToGoOn() throws {
    let interrupted = try train("told")
    try waitForState("told", interrupted)
    interrupted.send(SIGINT)
    let result = try interrupted.wait()
    #expect(result.output.contains("plush train mlp --resume --out told"))
  }

  @Test func otherOptionsThanBeforeAreRefused() throws {
    _ = try Tool.run("train", "xor", "--out", "x", in: folder)
    let seed = try Tool.run("train", "xor", "--out", "x", "--resume", "--seed", "2", in: folder)
    #expect(seed.status == 1)
    #expect(seed.errors.contains("was begun with --seed 1, not 2"))
    let network = try Tool.run("train", "linear", "--out", "x", "--resume", in: folder)
    #expect(network.errors.contains("is of the network 'xor'"))
  }

  @Test func moreEpochsGoOnFromTheEnd() throws {
    _ = try Tool.run("train", "xor", "--out", "a", "--epochs", "60", in: folder)
    let more = try Tool.run(
      "train", "xor", "--out", "a", "--epochs", "100", "--resume", "--json", in: folder)
    #expect(try more.events.filter { $0["event"] == "epoch" }.count == 40)
    _ = try Tool.run("train", "xor", "--out", "b", "--epochs", "100", in: folder)
    #expect(try weights("a") == weights("b"))
  }

  @Test func nothingToResumeStartsAnew() throws {
    let result = try Tool.run("train", "xor", "--out", "new", "--resume", in: folder)
    #expect(result.status == 0)
    #expect(result.output.contains("nothing to resume in new: training starts anew"))
  }

  private func train(_ out: String, _ more: String...) throws -> Tool {
    try Tool(["train", "mlp", "--out", out] + options + more, in: folder.path)
  }

  private func resumeAndCompare(_ out: String) throws {
    let resumed = try Tool.run("train", "mlp", "--out", out, "--resume", "--json", in: folder)
    #expect(resumed.status == 0)
    let epochs = try resumed.events.filter { $0["event"] == "epoch" }.count
    #expect(epochs > 0 && epochs < 120)
    let whole = try train("whole-\(out)")
    #expect(try whole.wait().status == 0)
    #expect(try weights(out) == weights("whole-\(out)"))
  }

  /// Waits until the state of training was saved once.
  private func waitForState(_ out: String, _ tool: Tool) throws {
    let path = folder("\(out)/training.safetensors")
    try tool.wait(forFile: path)
  }

  private func weights(_ out: String) throws -> [UInt8] { try savedWeights(folder(out)) }
}
