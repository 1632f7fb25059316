import Foundation
import PlushData
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct TextTests {
  @Test(arguments: [
    ([0x61, 0xFF], 1), ([0xC3], 0), ([0x61, 0xE2, 0x82], 1), ([0xC0, 0x80], 0),
    ([0xED, 0xA0, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0x61, 0x62, 0x80], 2),
    ([0xF0, 0x9F, 0x98, 0x41], 0),
  ])
  func invalidBytesAreTold(_ bytes: [UInt8], _ place: Int) throws {
    let folder = try TestFolder()
    try writeFile(folder("a.txt"), bytes)
    let error = #expect(throws: FileError.self) { try readText(folder("a.txt")) }
    #expect(error?.place == .byte(place))
    #expect(error?.kind == .corrupt)
  }

  @Test func validTextIsRead() throws {
    let folder = try TestFolder()
    let text = "a\u{7F}\u{80}é\u{FFFD}東\u{10FFFF}👍"
    try writeFile(folder("a.txt"), text)
    #expect(try readText(folder("a.txt")) == text)
    try writeFile(folder("b"), [0, 1, 0xFE])
    let error = #expect(throws: FileError.self) { try readText(folder("b")) }
    #expect(error?.hint?.contains("binary") == true)
  }

  @Test func charactersAreNeverSplit() {
    let text = "ae\u{301}👩‍👩‍👧🇫🇷🇩🇪\r\n한국 नि"
    for size in 1...7 {
      var stream = GraphemeStream()
      var given: [String] = []
      let bytes = Array(text.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        given.append(stream.append(utf8: Array(bytes[start..<min(bytes.count, start + size)])))
      }
      given.append(stream.finish())
      #expect(given.joined() == text)
      #expect(given.flatMap { Array($0) } == Array(text))
    }
  }

  @Test func brokenBytesAreReplaced() {
    var stream = GraphemeStream()
    #expect(stream.append(utf8: [0x61, 0xFF, 0x62]) + stream.finish() == "a\u{FFFD}b")
    #expect(stream.append(utf8: [0xE2, 0x82]) + stream.finish() == "\u{FFFD}")
  }

  @Test func windowsGoOverTheText() async throws {
    let windows = try TextWindows(Array(0..<10), length: 4, stride: 3)
    #expect(windows.count == 2)
    var seen: [([Int], [Int])] = []
    for try await sample in windows.dataset() {
      seen.append((sample.inputs[0].ints, sample.truths[0].ints))
    }
    #expect(seen.map(\.0) == [[0, 1, 2, 3], [3, 4, 5, 6]])
    #expect(seen.map(\.1) == [[4], [7]])
    var each: [[Int]] = []
    for try await sample in windows.dataset(everyPosition: true) {
      each.append(sample.truths[0].ints)
    }
    #expect(each == [[1, 2, 3, 4], [4, 5, 6, 7]])
  }

  @Test func shortTextHasNoWindow() throws {
    #expect(try TextWindows([1, 2, 3], length: 2, stride: 1).count == 1)
    #expect(throws: TextError.self) { try TextWindows([1, 2], length: 2) }
    #expect(throws: TextError.self) { try TextWindows([1, 2], length: 0) }
    #expect(throws: TextError.self) { try TextWindows([1, 2], length: 1, stride: 0) }
  }

  @Test func textIsSplitByPosition() {
    let (first, rest) = "abcdefghi👩‍👩‍👧".split(at: 0.9)
    #expect(first == "abcdefghi" && rest == "👩‍👩‍👧")
    #expect("ab".split(at: 0).rest == "ab")
    #expect("ab".split(at: 1).rest == "")
  }

  @Test func probabilitiesSumToOne() throws {
    let tokens = Array("abracadabra abracadabra".utf8).map { Int($0) % 16 }
    for order in 1...5 {
      let model = try NGramModel(training: tokens, count: 20, order: order)
      for context in [[], [1], [1, 2], [2, 1, 1, 2], [19, 19], [1, 19, 2], tokens] {
        let sum = (0..<20).reduce(0.0) { $0 + model.probability(of: $1, after: context) }
        #expect(abs(sum - 1) < 1e-9, "order \(order), \(context)")
      }
    }
  }

  /// "a b a": bigrams ab, ba of count 1; D = 2 / (2 + 2·0) cut to 0.95; each token has one left
  /// neighbour but the first, which is also met after b.
  @Test func kneserNeyIsAsByHand() throws {
    let model = try NGramModel(training: [0, 1, 0], count: 3, order: 2)
    // Unigrams continue from 1 kind of token each: counts 1, 1, D = 0.95, uniform 1/3.
    let unigram = (1 - 0.95 + 0.95 * 2 / 3) / 2
    #expect(abs(model.probability(of: 0, after: []) - unigram) < 1e-12)
    let bigram = 1 - 0.95 + 0.95 * unigram
    #expect(abs(model.probability(of: 1, after: [0]) - bigram) < 1e-12)
    #expect(abs(model.probability(of: 2, after: [2]) - 0.95 * 2 / 3 / 2) < 1e-12)
    #expect(abs(model.natsPerToken([0]) + log(unigram)) < 1e-12)
  }

  @Test func longerContextsHelp() throws {
    let text = Array(repeating: "abcabd", count: 50).joined()
    let tokens = text.utf8.map { Int($0) - 97 }
    let nats = try (1...4).map {
      try NGramModel(training: tokens, count: 4, order: $0).natsPerToken(tokens)
    }
    #expect(nats[0] > nats[1] && nats[1] > nats[3] && nats[3] < 0.05)
    #expect(throws: TextError.self) { try NGramModel(training: [], count: 4) }
    #expect(throws: TextError.self) { try NGramModel(training: [4], count: 4) }
  }

  @Test func bleuIsThatOfThePaper() {
    let words = { (text: String) in text.split(separator: " ").map(String.init) }
    // Papineni et al., example 2: of seven "the" two are in a reference.
    let the = words("the the the the the the the")
    let mat = [words("the cat is on the mat"), words("there is a cat on the mat")]
    #expect(abs(bleu([the], references: [mat], order: 1) - 2.0 / 7) < 1e-12)
    #expect(bleu([the], references: [mat], order: 2) == 0)
    #expect(bleu([words("a b c d e")], references: [[words("a b c d e")]]) == 1)
    // Shorter than the reference: exp(1 - 6/4), all sequences in common.
    let short = bleu([words("a b c d")], references: [[words("a b c d e f")]])
    #expect(abs(short - exp(-0.5)) < 1e-12)
    // Counted over all sentences: 5 of 6 words, 3 of 4 pairs.
    let corpus = bleu(
      [words("a b c"), words("d e x")], references: [[words("a b c")], [words("d e f")]], order: 2)
    #expect(abs(corpus - (5.0 / 6 * 3 / 4).squareRoot()) < 1e-12)
  }
}

extension Tensor {
  fileprivate var ints: [Int] { dataSync(as: Int32.self).map(Int.init) }
}
