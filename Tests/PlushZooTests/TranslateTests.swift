import Plush
import PlushTestSupport
import PlushZoo
import Testing

@Suite(.serialized) struct TranslateTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  var small: Translate {
    var network = Translate()
    (network.units, network.embedding, network.dropout) = (32, 24, 0)
    return network
  }

  static let words = [
    "one": "un", "two": "deux", "three": "trois", "four": "quatre", "five": "cinq", "six": "six",
  ]

  /// Numbers in a row, said the other way round with a mark at the end.
  static func table() -> String {
    let names = words.keys.sorted()
    var table = ""
    for number in 0..<216 {
      let row: [String] = [names[number % 6], names[number / 6 % 6], names[number / 36]]
      let turned = row.reversed().compactMap { words[$0] }
      table += row.joined(separator: " ") + "\t" + turned.joined(separator: " ") + "!\tby nobody\n"
    }
    return table
  }

  @Test func aToyLanguageIsLearned() async throws {
    try writeFile(folder("a.tsv"), Self.table())
    let options = TrainingOptions(
      data: folder("a.tsv"),
      parameters: Hyperparameters(epochs: 40, batchSize: 16, learningRate: 0.01),
      out: folder("model"))
    let result = try await small.train(options, reporter: SilentReporter())
    #expect(try #require(result.figures["bleu"]) > 0.9)
    let trained = try TrainedNetwork(ModelFolder(folder("model")))
    let translator = try Translator(trained.model, record: trained.record)
    let texts = ["one two three", "", "Six five four", "nine one two"]
    let greedy = try translator.translate(texts)
    #expect(greedy[0] == "trois deux un!")
    #expect(greedy[1] == "")
    #expect(greedy[2] == "quatre cinq six!")
    #expect(try translator.translate(texts, beam: 3)[0] == greedy[0])
    #expect(translator.unknownWords(in: texts[3]) == ["nine"])
    #expect(try translator.translate(["one two three"], longest: 1) == ["trois"])
  }

  @Test func translationsOfATextStayTogether() throws {
    let rows = (0..<40).map { "a\($0 / 2) b\tc\($0)\n" }.joined()
    try writeFile(folder("a.tsv"), rows)
    let data = try small.data(from: folder("a.tsv"), seed: 1, reporter: SilentReporter())
    #expect(data.test.count == 4)
    #expect(data.training.count + (data.validation?.count ?? 0) == 36)
  }

  @Test(arguments: [
    ("one tab\tis here\n\nnone here\n", "line 3"), ("a\t \n", "line 1"), ("", "at least 10"),
    ("a\tb\n", "at least 10"),
  ])
  func tablesWithoutPairsAreRefused(_ text: String, _ message: String) throws {
    try writeFile(folder("a.tsv"), text)
    let error = #expect(throws: (any Error).self) {
      try small.data(from: folder("a.tsv"), seed: 1, reporter: SilentReporter())
    }
    #expect((error as? any PlushError)?.message.contains(message) == true)
  }
}
