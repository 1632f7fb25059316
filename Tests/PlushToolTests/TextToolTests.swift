import Foundation
import Plush
import PlushTestSupport
import Testing

@Suite(.serialized) struct TextToolTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test func postsAreLearnedAndWritten() throws {
    try writeFile(folder("posts.txt"), String(repeating: "good morning everybody\n", count: 60))
    let trained = try Tool.run(
      "train", "generator", "posts.txt", "--units", "16", "--window", "10", "--epochs", "2",
      in: folder)
    #expect(trained.status == 0)
    #expect(trained.output.contains("nats per character on the last tenth"))
    let options = ["generate", "generator", "--prompt", "good", "--length", "30", "--seed", "5"]
    let written = try Tool(options, in: folder.path).wait()
    #expect(written.status == 0 && written.errors.isEmpty)
    #expect(written.output.hasPrefix("good") && written.output.unicodeScalars.count == 35)
    let json = try Tool(options + ["--json"], in: folder.path).wait().last
    #expect(json["text"]?.string == String(written.output.dropFirst(4).dropLast()))
    let warned = try Tool.run("generate", "generator", "--prompt", "Ω", "--length", "1", in: folder)
    #expect(warned.status == 0 && warned.errors.contains("never seen 'Ω'"))
    let wrong = try Tool.run("format", "generator", "a.swift", in: folder)
    #expect(wrong.status == 1 && wrong.errors.contains("does not format code"))
  }

  @Test func codeIsFormatted() throws {
    try FileSystem.createDirectory(folder("code"))
    for number in 0..<40 {
      try writeFile(folder("code/\(number).js"), "const a\(number) = 1;\nf(a\(number));\n")
    }
    let trained = try Tool.run(
      "train", "formatter", "code", "--units", "16", "--window", "16", "--epochs", "40",
      "--batch-size", "4", "--learning-rate", "0.01", in: folder)
    #expect(trained.status == 0)
    #expect(trained.output.contains("files without their white space came back"))
    try writeFile(folder("a.js"), "const a=1;f ( a );")
    try writeFile(folder("b.js"), "const a = 1;\nf(a);\n")
    let checked = try Tool.run("format", "formatter", "--check", "a.js", "b.js", in: folder)
    #expect(checked.status == 1 && checked.output == "a.js\n")
    let shown = try Tool.run("format", "formatter", "a.js", in: folder)
    #expect(shown.status == 0 && shown.output == "const a = 1;\nf(a);\n")
    // What cannot be formatted does not keep the others from it.
    try writeFile(folder("c.js"), [0xFF])
    let written = try Tool.run("format", "formatter", "--write", "c.js", "a.js", in: folder)
    #expect(written.status == 1 && written.errors.contains("c.js, byte 0"))
    #expect(try readText(folder("a.js")) == "const a = 1;\nf(a);\n")
    #expect(try readFile(folder("c.js")) == [0xFF])
    let again = try Tool.run("format", "formatter", "--check", "a.js", "b.js", in: folder)
    #expect(again.status == 0 && again.output.isEmpty)
  }

  @Test func sentencesAreTranslated() throws {
    let rows = (0..<60).map { "say \($0 % 12 + 10)\tdis \($0 % 12 + 10)!\n" }.joined()
    try writeFile(folder("pairs.tsv"), rows)
    let trained = try Tool.run(
      "train", "translate", "pairs.tsv", "--units", "16", "--embedding", "16", "--epochs", "2",
      in: folder)
    #expect(trained.status == 0 && trained.output.contains("BLEU "))
    let said = try Tool.run("translate", "translate", "say", "say xyz", "--json", in: folder)
    #expect(said.status == 0)
    #expect(try said.events.map { $0["source"]?.string } == ["say", "say xyz"])
    #expect(said.errors.hasSuffix("never seen 'xyz'\n"))
    let beam = try Tool.run("translate", "translate", "say 10", "--beam", "3", in: folder)
    #expect(beam.status == 0 && beam.output.hasSuffix("\n"))
  }

  @Test(arguments: [
    ["generate", "m", "--temperature", "-1"], ["generate", "m", "--top-k", "0"],
    ["generate", "m", "--length", "-1"], ["format", "m", "--check", "--write", "a.js"],
    ["format", "m", "--check"], ["format", "m", "--language", "latin"],
    ["translate", "m", "a", "--beam", "0"], ["train", "generator", "a", "--window", "0"],
  ])
  func wrongOptionsAreRefused(_ arguments: [String]) throws {
    let result = try Tool(arguments, in: folder.path).wait()
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("error: "))
  }

  @Test(arguments: [
    ("generator", "a.txt", "expected text, found none"),
    ("formatter", "a.txt", "at least 5 source"),
    ("translate", "a.txt", "at least 10 different texts"),
  ])
  func emptyFilesAreRefused(_ network: String, _ file: String, _ message: String) throws {
    try writeFile(folder(file), "")
    let result = try Tool.run("train", network, file, in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains(message))
    let none = try Tool.run("train", network, in: folder)
    #expect(none.status == 1 && none.errors.contains("hint: name a"))
  }
}
