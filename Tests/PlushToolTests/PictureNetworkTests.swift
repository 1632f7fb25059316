import Plush
import PlushMedia
import PlushTestSupport
import Testing

/// Networks that learn from files of pictures.
@Suite(.serialized) struct PictureNetworkTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  /// Pictures of lines that lie or stand, in files of several sizes and formats.
  private func drawLines(in name: String, count: Int = 20) throws {
    for (label, lies) in [("lying", true), ("standing", false)] {
      try FileSystem.createDirectory(folder("\(name)/\(label)"))
      for number in 0..<count {
        let (width, height) = (30 + number % 7 * 5, 34 + number % 5 * 6)
        var picture = Picture(width: width, height: height, color: 0x203040)
        for y in 0..<height {
          for x in 0..<width where ((lies ? y : x) + number) / 5 % 2 == 0 {
            picture[x, y, 0] = 230
            picture[x, y, 1] = UInt8(120 + number * 5)
          }
        }
        let isSmall = number % 2 == 0
        try picture.converted(channels: number % 3 == 0 ? 1 : 3)
          .write(to: folder("\(name)/\(label)/\(number).\(isSmall ? "jpg" : "png")"))
      }
    }
  }

  private func train(_ network: String, _ options: String...) throws -> Tool.Result {
    try Tool(["train", network, "--json"] + options, in: folder.path).wait()
  }

  private static let small = ["--size", "32", "--filters", "4", "--batch-size", "8"]

  @Test func foldersOfClassesAreLearned() throws {
    try drawLines(in: "lines")
    let trained = try Tool(
      ["train", "images", "lines", "--json", "--epochs", "12", "--out", "a"] + Self.small,
      in: folder.path
    ).wait()
    #expect(trained.status == 0, "\(trained.errors)")
    let end = try trained.last
    #expect(end["test_balanced_accuracy"]?.double ?? 0 >= 0.85)
    #expect(try trained.events.first?["training_samples"] == 32)
    for name in ["confusion.png", "mistakes.png", "curves.png"] {
      #expect(try Picture(file: folder("a/\(name)")).width > 100)
    }
    let evaluated = try Tool.run(
      "evaluate", "a", "--json", "--confusion", "c.svg", "--mistakes", "m.png", in: folder)
    #expect(try evaluated.last["test_accuracy"] == end["test_accuracy"])
    #expect(try evaluated.last["test_balanced_accuracy"] == end["test_balanced_accuracy"])
    let drawn = String(decoding: try readFile(folder("c.svg")), as: UTF8.self)
    #expect(drawn.contains("standing"))
    #expect(try Picture(file: folder("m.png")) == Picture(file: folder("a/mistakes.png")))
    let files = ["lying/0.jpg", "lying/1.png", "standing/2.jpg", "standing/3.png"]
    let predicted = try Tool(
      ["predict", "a", "--json"] + files.map { "lines/\($0)" }, in: folder.path
    ).wait()
    let names = try predicted.events.map { $0["name"]?.string ?? "" }
    let right = zip(names, files).count { $1.hasPrefix($0) }
    #expect(names.count == 4 && right >= 3)
    let shares = try predicted.last["probabilities"]?.array?.compactMap(\.double) ?? []
    #expect(shares.count == 2 && abs(shares.reduce(0, +) - 1) < 1e-5)
  }

  @Test func theSameSeedGivesTheSameWeights() throws {
    try drawLines(in: "lines", count: 6)
    for (out, seed) in [("a", "3"), ("b", "3"), ("c", "4")] {
      let result = try Tool(
        ["train", "images", "lines", "--json", "--epochs", "2", "--seed", seed, "--out", out]
          + Self.small, in: folder.path
      ).wait()
      #expect(result.status == 0)
    }
    let weights = try ["a", "b", "c"].map { try savedWeights(folder($0)) }
    #expect(weights[0] == weights[1])
    #expect(weights[0] != weights[2])
  }

  @Test func whatCannotBeLearnedIsExplained() throws {
    let none = try train("images")
    #expect(none.status == 1 && none.errors.contains("a folder with a folder of pictures"))
    try FileSystem.createDirectory(folder("empty"))
    let empty = try train("images", "empty")
    #expect(empty.status == 1 && empty.errors.contains("found no picture"))
    try drawLines(in: "lines", count: 4)
    let one = try train("images", "lines/lying")
    #expect(one.status == 1 && one.errors.contains("found no picture"))
    try FileSystem.createDirectory(folder("single/cat"))
    try Picture(width: 9, height: 9).write(to: folder("single/cat/1.png"))
    let single = try train("images", "single")
    #expect(single.status == 1 && single.errors.contains("found only 'cat'"))
    try FileSystem.createDirectory(folder("lines/empty"))
    let few = try train("images", "lines")
    #expect(few.status == 1 && few.errors.contains("lines/empty: expected at least 3 pictures"))
  }

  @Test func unreadablePicturesAreNamedAndLeftOut() throws {
    try drawLines(in: "lines", count: 5)
    try writeFile(folder("lines/lying/bad.png"), "no picture")
    let result = try Tool(
      ["train", "images", "lines", "--json", "--epochs", "1", "--out", "a"] + Self.small,
      in: folder.path
    ).wait()
    #expect(result.status == 0)
    let warnings = try result.events.filter { $0["event"] == "warning" }
    #expect(warnings.count == 1)
    #expect(warnings.first?["message"]?.string?.contains("lines/lying/bad.png") == true)
  }

  @Test func digitNetworksTakeFoldersAndOtherFiles() throws {
    try drawLines(in: "lines", count: 10)
    for network in ["cnn", "mlp"] {
      let result = try train(
        network, "lines", "--epochs", "6", "--batch-size", "4", "--size", "16", "--out", network)
      #expect(result.status == 0, "\(result.errors)")
      #expect(try result.events.first?["test_samples"] == 4)
      let answer = try Tool.run("predict", network, "lines/lying/0.jpg", in: folder)
      #expect(answer.status == 0 && answer.output.contains("ing  probability"))
    }
    let layers = try Tool.run("summary", "./cnn", in: folder)
    #expect(layers.output.contains("[[null,16,16,1]]"))
    // Three shades of 12×14 pixels, in one pair of files.
    let labels = (0..<60).map { UInt8($0 % 3) }
    let pixels = labels.flatMap { label in [UInt8](repeating: 20 + 100 * label, count: 168) }
    try FileSystem.createDirectory(folder("shades"))
    try IDXArray(pixels, shape: [60, 14, 12]).write(to: folder("shades/images.idx"))
    try IDXArray(labels, shape: [60]).write(to: folder("shades/labels.idx"))
    let shades = try train(
      "cnn", "shades", "--epochs", "10", "--batch-size", "8", "--out", "shades")
    #expect(shades.status == 0, "\(shades.errors)")
    #expect(try shades.last["test_accuracy"]?.double ?? 0 > 0.9)
    #expect(try shades.events.first?["test_samples"] == 12)
  }

  @Test func noiseIsTakenAway() throws {
    try folder.drawDigits(in: "drawn", training: 1500, test: 100)
    let trained = try train(
      "autoencoder", "drawn", "--kind", "dense", "--noise", "0.3", "--epochs", "4", "--batch-size",
      "32", "--out", "a")
    #expect(trained.status == 0, "\(trained.errors)")
    let error = try trained.last["test_mean_squared_error"]?.double ?? 1
    let notes = try trained.events.compactMap { $0["message"]?.string }
    let note = try #require(notes.first { $0.hasPrefix("mean squared error of the noisy") })
    let before = try #require(Double(note.split(separator: " ").last ?? ""))
    #expect(before > 0.03 && error < before)
    // Three rows of eight.
    let shown = try Picture(file: folder("a/reconstructions.png"))
    #expect(shown.width > 8 * 120 && shown.height > 3 * 120)
    let evaluated = try Tool.run("evaluate", "a", "--json", in: folder)
    #expect(try evaluated.last["test_mean_squared_error"]?.double == error)
  }

  @Test func foldersOfPicturesAreGivenBack() throws {
    try drawLines(in: "lines", count: 8)
    let trained = try train(
      "autoencoder", "lines/lying", "--size", "20", "--code", "3", "--noise", "0.1", "--epochs",
      "2", "--batch-size", "4", "--out", "a")
    #expect(trained.status == 0, "\(trained.errors)")
    // Maps of three by three.
    let notes = try trained.events.compactMap { $0["message"]?.string }
    #expect(notes.contains("the 1200 numbers of a picture become 27 in between"))
    let again = try Tool.run("evaluate", "a", "--json", in: folder).last
    #expect(try again["test_loss"] == trained.last["test_loss"])
    let answer = try Tool.run("predict", "a", "lines/standing/1.png", "--json", in: folder)
    #expect(try answer.last["mean_squared_error"]?.double ?? 0 > 0)
  }
}
