import Plush
import PlushTestSupport
import PlushZoo
import Testing

@Suite(.serialized) struct GeneratorTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  var small: Generator {
    var network = Generator()
    (network.units, network.window, network.dropout) = (24, 12, 0)
    return network
  }

  func train(_ text: String, epochs: Int = 25) async throws -> TrainingResult {
    try writeFile(folder("posts.txt"), text)
    let options = TrainingOptions(
      data: folder("posts.txt"),
      parameters: Hyperparameters(epochs: epochs, batchSize: 8, learningRate: 0.02),
      out: folder("model"))
    return try await small.train(options, reporter: SilentReporter())
  }

  func writer() throws -> TextWriter {
    let trained = try TrainedNetwork(ModelFolder(folder("model")))
    _ = try trained.network(as: Generator.self, to: "write")
    return try TextWriter(trained.model, record: trained.record)
  }

  @Test func aRhymeIsLearned() async throws {
    let rhyme = "row your boat\n"
    let result = try await train(String(repeating: rhyme, count: 120))
    let nats = try #require(result.figures["nats_per_character"])
    #expect(nats < 0.1)
    #expect(try #require(result.figures["baseline_nats_per_character"]) < 0.1)
    let writer = try writer()
    // A line of it, from wherever it begins.
    let text = try writer.write(prompt: rhyme + "row ", length: 40, temperature: 0)
    #expect(text.hasPrefix("your boat\nrow your boat\nrow"))
    #expect(text == (try writer.write(prompt: rhyme + "row ", length: 40, topK: 1, seed: 9)))
    #expect(text.unicodeScalars.count == 40)
  }

  @Test func textComesInWholeCharactersAndAsSeeded() async throws {
    _ = try await train(String(repeating: "ae\u{301}👩‍👩‍👧🇫🇷\r\nb", count: 100), epochs: 1)
    let writer = try writer()
    var pieces: [String] = []
    try writer.write(length: 200, temperature: 3, seed: 3) { pieces.append($0) }
    #expect(pieces.flatMap { Array($0) } == Array(pieces.joined()))
    #expect(pieces.joined().unicodeScalars.count == 200)
    #expect(try writer.write(length: 200, temperature: 3, seed: 3) == pieces.joined())
    #expect(try writer.write(length: 200, temperature: 3, seed: 4) != pieces.joined())
    #expect(try writer.write(length: 0) == "")
    #expect(writer.unknownCharacters(in: "aXé") == "Xé")
    #expect(try writer.write(prompt: "XYZ", length: 5).unicodeScalars.count == 5)
  }

  @Test func foldersAreRead() throws {
    try FileSystem.createDirectory(folder("posts/old"))
    try writeFile(folder("posts/a.txt"), String(repeating: "abc", count: 100))
    try writeFile(folder("posts/old/b.txt"), String(repeating: "xyz", count: 100))
    try writeFile(folder("posts/.hidden"), [0xFF])
    let data = try small.data(from: folder("posts"), seed: 1, reporter: SilentReporter())
    #expect(data.origin.hasSuffix("602 characters"))
    #expect(data.training.count > 20)
  }

  @Test(arguments: [
    ("", "expected text, found none"), ("short", "a part of the text is too short"),
    (String(repeating: "a", count: 100), "is a window"),
  ])
  func tooLittleTextIsRefused(_ text: String, _ message: String) throws {
    try writeFile(folder("a.txt"), text)
    let error = #expect(throws: ZooError.self) {
      try small.data(from: folder("a.txt"), seed: 1, reporter: SilentReporter())
    }
    #expect(error?.message.contains(message) == true)
    #expect(error?.hint != nil)
  }

  @Test func whatIsNoTextIsRefused() throws {
    try writeFile(folder("a.bin"), [0x61, 0, 0xFE] + Array(repeating: 7, count: 1000))
    let error = #expect(throws: FileError.self) {
      try small.data(from: folder("a.bin"), seed: 1, reporter: SilentReporter())
    }
    #expect(error?.place == .byte(2))
    #expect(throws: FileError.self) {
      try small.data(from: folder("nowhere"), seed: 1, reporter: SilentReporter())
    }
    #expect(throws: ZooError.self) {
      try small.data(from: nil, seed: 1, reporter: SilentReporter())
    }
  }
}
