import PlushData
import PlushNN
import PlushTestSupport
import Testing

@Suite struct TokenizerTests {
  static let text = "The cat sat, the cat ran: naïve cafés — 東京 👩‍👩‍👧 e\u{301}\r\n\tlow lower lowest"

  func again(_ tokenizer: some Tokenizer) throws -> any Tokenizer {
    let folder = try TestFolder()
    try tokenizer.save(to: folder("t.json"))
    return try loadTokenizer(from: folder("t.json"))
  }

  @Test func charactersComeBack() throws {
    let tokenizer = try CharacterTokenizer(training: Self.text)
    let tokens = tokenizer.encode(Self.text)
    #expect(Array(tokenizer.decode(tokens).utf8) == Array(Self.text.utf8))
    #expect(tokens.count == Self.text.unicodeScalars.count)
    #expect(tokenizer.encode("taX") == tokenizer.encode("ta") + [TokenVocabulary.unknown])
    #expect(tokenizer.decode([0, 1, 2, 3, -1, 9999]) == "")
    let loaded = try again(tokenizer)
    #expect(loaded.encode(Self.text) == tokens)
    #expect(loaded is CharacterTokenizer)
  }

  @Test func frequentCharactersComeFirst() throws {
    let tokenizer = try CharacterTokenizer(training: "abcbcc", minimumCount: 2)
    #expect(tokenizer.vocabulary.tokens == ["c", "b"])
    #expect(tokenizer.encode("abc") == [1, 5, 4])
    #expect(tokenizer.count == 6)
  }

  @Test func wordsComeBackWithSingleSpaces() throws {
    let text = "I don't know , he said:  «l'été 42» (yes)!"
    let tokenizer = try WordTokenizer(training: [text])
    #expect(tokenizer.decode(tokenizer.encode(text)) == "I don't know , he said: «l'été 42» (yes)!")
    #expect(
      WordTokenizer.tokens("I don't, go") == ["I", "don", "##'", "##t", "##,", "go"])
    #expect(WordTokenizer.tokens("# ## a") == ["#", "#", "###", "a"])
    let loaded = try again(tokenizer)
    #expect(loaded.encode(text) == tokenizer.encode(text))
    #expect(loaded.encode("unseen") == [TokenVocabulary.unknown])
  }

  @Test func wordsAreLimited() throws {
    let tokenizer = try WordTokenizer(
      training: ["a B b c", "a b"], minimumCount: 2, isLowercased: true)
    #expect(tokenizer.vocabulary.tokens == ["b", "a"])
    let few = try WordTokenizer(training: ["a b b"], maximum: 5)
    #expect(few.vocabulary.tokens == ["b"])
  }

  @Test func bytePairsAreThoseOfThePaper() throws {
    // Sennrich et al., section 3.2: the first merges are "es", "est", "lo", "low" or their like.
    let words = ["low": 5, "lower": 2, "newest": 6, "widest": 3]
    let texts = words.flatMap { Array(repeating: $0.key, count: $0.value) }
    let tokenizer = try BytePairTokenizer(training: texts, count: 260 + 4)
    let pieces = (260..<264).map { tokenizer.decode([$0]) }
    #expect(pieces == ["es", "est", "lo", "low"])
    #expect(tokenizer.encode("lowest").map { tokenizer.decode([$0]) } == ["low", "est"])
  }

  @Test func bytePairsKnowEveryText() throws {
    let tokenizer = try BytePairTokenizer(training: ["the cat, the hat, the cat"], count: 280)
    for text in [Self.text, "", " ", "  a  b \n\n c", "the cat"] {
      #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
    }
    #expect(tokenizer.encode(" the").count == 1)
    let loaded = try again(tokenizer)
    #expect(loaded.encode(Self.text) == tokenizer.encode(Self.text))
    #expect(loaded.count == tokenizer.count)
  }

  /// A short file can make very many tokens of thousands of bytes.
  @Test func tokensThatTakeMuchMemoryAreRefused() throws {
    let doubled = (0..<12).map { $0 == 0 ? [4, 4] : [259 + $0, 259 + $0] }
    func load(_ count: Int) throws -> any Tokenizer {
      let pairs = doubled + Array(repeating: [270, 270], count: count)
      let json = JSON.array(pairs.map { .array($0.map(JSON.int)) })
      return try tokenizer(json: ["tokenizer": "byte-pairs", "pairs": json])
    }
    #expect(try load(1000).count == 260 + 12 + 1000)
    let error = #expect(throws: TextError.self) { try load(5000) }
    #expect(error?.expected == "tokens of at most 16 MiB together")
  }

  @Test func whatCannotBeIsRefused() throws {
    #expect(throws: TextError.self) { try CharacterTokenizer(training: "") }
    #expect(throws: TextError.self) { try WordTokenizer(training: [" \n"]) }
    #expect(throws: TextError.self) { try BytePairTokenizer(training: ["a"], count: 100) }
    #expect(throws: TextError.self) { try TokenVocabulary(["a", "b", "a"]) }
    for json: JSON in [
      ["tokenizer": "runes"], ["tokenizer": "characters", "characters": "aa"],
      ["tokenizer": "byte-pairs", "pairs": [[4, 260]]],
      ["tokenizer": "byte-pairs", "pairs": [[4]]],
    ] {
      #expect(throws: TextError.self) { try tokenizer(json: json) }
    }
    #expect(throws: JSONError.self) { try tokenizer(json: ["tokenizer": "words"]) }
    let folder = try TestFolder()
    try writeFile(folder("t.json"), "{\"tokenizer\": 1}")
    #expect(throws: FileError.self) { try loadTokenizer(from: folder("t.json")) }
  }

  /// A pair may be made of the same token twice, and pairs of pairs may double without end.
  @Test func tokensDoNotGrowWithoutEnd() throws {
    let tokens = (0..<40).map { JSON.int($0 == 0 ? 4 : 259 + $0) }
    let pairs = tokens.map { JSON.array([$0, $0]) }
    #expect(throws: TextError.self) {
      try tokenizer(json: ["tokenizer": "byte-pairs", "pairs": .array(pairs)])
    }
  }
}
