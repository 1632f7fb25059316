import Foundation
import Plush
import PlushMedia
import PlushTestSupport
import Testing

@Suite(.serialized) struct UNetTests {
  let folder: TestFolder
  private let small = ["--filters", "4", "--size", "32", "--json"]

  init() throws { folder = try TestFolder() }

  @Test func cellsAreFoundAndMarkedInPicturesOfAnySize() throws {
    let trained = try train(
      "--pictures", "200", "--epochs", "12", "--learning-rate", "0.003", "--out", "a")
    #expect(trained.status == 0)
    let iou = try trained.last["test_iou"]?.double ?? 0
    #expect(iou > 0.6, "IoU \(iou)")
    #expect(try trained.events.first?["filters"] == 4)
    let shown = try trained.events.first { $0["event"] == "file" }
    #expect(shown?["path"] == "a/answers.png")
    #expect(try Picture(file: folder("a/answers.png")).width > 600)
    // Filters and size are known again.
    let evaluated = try Tool.run(
      "evaluate", "a", "--confusion", "pixels.png", "--json", in: folder)
    #expect(try Picture(file: folder("pixels.png")).width > 100)
    #expect(try evaluated.last["test_iou"]?.double == iou)

    let (picture, mask) = square(at: 10, width: 53, height: 38)
    try picture.write(to: folder("one.png"))
    let predicted = try Tool.run(
      "predict", "a", "one.png", "--out", "marked", "--json", in: folder)
    #expect(predicted.status == 0)
    let line = try predicted.last
    #expect(line["mask"] == "marked/one-mask.png" && line["overlay"] == "marked/one-overlay.png")
    let answer = try Picture(file: folder("marked/one-mask.png"))
    #expect((answer.width, answer.height, answer.channels) == (53, 38, 1))
    let right = zip(answer.pixels, mask.pixels).count { $0 == $1 }
    #expect(Double(right) / Double(mask.pixels.count) > 0.8)
    let marked = Double(answer.pixels.count { $0 == 255 }) / Double(53 * 38)
    #expect(line["marked"]?.double == marked)
    #expect(try Picture(file: folder("marked/one-overlay.png")).width == 53)
  }

  @Test func filesToAnswerForAreNotOverwritten() throws {
    _ = try train("--pictures", "10", "--epochs", "1", "--out", "a")
    let (picture, _) = square(at: 3, width: 20, height: 20)
    for name in ["one.png", "one-mask.png"] { try picture.write(to: folder(name)) }
    let refused = try Tool.run("predict", "a", "one.png", "one-mask.png", in: folder)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("one-mask.png is one of the files to answer for"))
    #expect(try Picture(file: folder("one-mask.png")) == picture)
    try FileSystem.createDirectory(folder("other"))
    try picture.write(to: folder("other/one.png"))
    let twice = try Tool.run(
      "predict", "a", "one.png", "other/one.png", "--out", "b", in: folder)
    #expect(twice.status == 1 && twice.errors.contains("two files of the same name"))
    let elsewhere = try Tool.run(
      "predict", "a", "one.png", "one-mask.png", "--out", "new/place", in: folder)
    #expect(elsewhere.status == 0)
    #expect(elsewhere.output.contains("new/place/one-mask-mask.png"))
  }

  @Test func foldersOfColoredPicturesAreLearnedFrom() throws {
    try makeFolder("colored", count: 10, channels: 3)
    try writeFile(folder("colored/images/x.png"), "no picture")
    try writeFile(folder("colored/masks/x.png"), "no picture")
    let trained = try train("colored", "--epochs", "1", "--out", "a")
    #expect(trained.status == 0)
    let warnings = try trained.events.filter { $0["event"] == "warning" }
    #expect(warnings.count == 1)
    #expect(warnings.first?["message"]?.string?.contains("x.png") == true)
    #expect(try trained.events.contains { $0["training_samples"] == 8 && $0["test_samples"] == 2 })
    let model = try loadModel(from: folder("a"))
    #expect(model.inputShapes == [[nil, nil, nil, 3]])
    #expect(model.namedWeights.first?.variable.shape == [3, 3, 3, 4])
  }

  @Test func aKilledTrainingGoesOnWithTheSameBits() throws {
    try makeFolder("cells", count: 20, channels: 1)
    let options = ["train", "unet", "cells", "--epochs", "150", "--batch-size", "4"] + small
    let killed = try Tool(options + ["--out", "killed"], in: folder.path)
    try killed.wait(forFile: folder("killed/training.safetensors"))
    usleep(.random(in: 0...300_000))
    killed.send(SIGKILL)
    #expect(try killed.wait().status == SIGKILL)
    let resumed = try Tool.run("train", "unet", "--out", "killed", "--resume", "--json", in: folder)
    let epochs = try resumed.events.filter { $0["event"] == "epoch" }.count
    #expect(resumed.status == 0 && epochs > 0 && epochs < 150)
    let whole = try Tool(options + ["--out", "whole"], in: folder.path).wait()
    #expect(whole.status == 0)
    #expect(try savedWeights(folder("killed")) == savedWeights(folder("whole")))
  }

  @Test func settingsAreChecked() throws {
    for option in [["--size", "20"], ["--filters", "0"], ["--filters", "many"]] {
      let result = try Tool(["train", "unet"] + option, in: folder.path).wait()
      #expect(result.status == 64)
      #expect(result.errors.contains("error: \(option[0]): expected"))
    }
    _ = try train("--pictures", "10", "--epochs", "1", "--out", "a")
    let other = try Tool.run(
      "train", "unet", "--out", "a", "--resume", "--filters", "8", in: folder)
    #expect(other.status == 1)
    #expect(other.errors.contains("was begun with --filters 4, not 8"))
  }

  private func train(_ more: String...) throws -> Tool.Result {
    try Tool(["train", "unet"] + more + small, in: folder.path).wait()
  }

  /// A bright square on dark ground, and its mask.
  private func square(at x: Int, width: Int, height: Int) -> (Picture, Picture) {
    var picture = Picture(width: width, height: height, color: 0x606060).converted(channels: 1)
    var mask = Picture(width: width, height: height, color: 0x000000).converted(channels: 1)
    for row in 4..<14 {
      for column in x..<min(width, x + 10) {
        picture[column, row, 0] = 170
        mask[column, row, 0] = 255
      }
    }
    return (picture, mask)
  }

  private func makeFolder(_ name: String, count: Int, channels: Int) throws {
    for part in ["images", "masks"] { try FileSystem.createDirectory(folder("\(name)/\(part)")) }
    for number in 0..<count {
      let (picture, mask) = square(at: number + 1, width: 40, height: 34)
      try picture.converted(channels: channels).write(to: folder("\(name)/images/\(number).png"))
      try mask.write(to: folder("\(name)/masks/\(number).png"))
    }
  }
}
