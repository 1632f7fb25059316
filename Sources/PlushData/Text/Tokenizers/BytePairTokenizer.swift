import PlushNN

/// Cuts text into pieces of words that were learned from how often bytes stand side by side.
///
/// It begins with single bytes and again and again makes one token of the two that most often follow
/// each other (Sennrich, Haddow and Birch, "Neural machine translation of rare words with subword
/// units", 2016), never across the borders of words. As every byte is a token, nothing is unknown
/// and every text comes back exactly.
public struct BytePairTokenizer: Tokenizer {
  public static let kind = "byte-pairs"

  /// Two tokens that make another.
  struct Pair: Hashable {
    let first: Int
    let second: Int
  }

  private static let firstByte = TokenVocabulary.specialCount
  private static let firstMerge = firstByte + 256

  private let pairs: [Pair]
  private let merged: [Pair: Int]
  private let bytes: [[UInt8]]

  /// Learns pieces of words from texts.
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - count: how many tokens there shall be, the 256 bytes and special ones among them; fewer if
  ///     no pair comes twice.
  /// - Throws: `TextError` if the count leaves no room for bytes.
  public init(training texts: some Sequence<String>, count: Int) throws {
    guard count >= Self.firstMerge else {
      throw TextError(
        .argument, expected: "at least \(Self.firstMerge) tokens, one for each byte",
        found: "\(count)")
    }
    var words: [[UInt8]: Int] = [:]
    for text in texts {
      for word in Self.words(text) { words[word, default: 0] += 1 }
    }
    var learning = PairLearning(words, firstByte: Self.firstByte)
    self.init(pairs: learning.learn(count - Self.firstMerge, firstNumber: Self.firstMerge))
  }

  private init(pairs: [Pair]) {
    self.pairs = pairs
    merged = Dictionary(
      zip(pairs, Self.firstMerge...), uniquingKeysWith: { first, _ in first })
    var bytes = Array(repeating: [UInt8](), count: Self.firstByte) + (0...255).map { [$0] }
    for pair in pairs { bytes.append(bytes[pair.first] + bytes[pair.second]) }
    self.bytes = bytes
  }

  public init(json: JSON) throws {
    // How many bytes each token has: one of very many would be a trap, not a piece of a word.
    var sizes = Array(repeating: 0, count: Self.firstByte) + Array(repeating: 1, count: 256)
    let pairs = try json.get("pairs", \.array).map { pair in
      let known = Self.firstByte..<sizes.count
      guard let first = pair[0]?.int, let second = pair[1]?.int, pair.array?.count == 2,
        known.contains(first), known.contains(second), sizes[first] + sizes[second] <= 1 << 12
      else {
        throw TextError(
          .corrupt, expected: "two numbers of tokens below \(sizes.count), of 4096 bytes at most",
          found: (try? pair.text()) ?? "another value")
      }
      sizes.append(sizes[first] + sizes[second])
      return Pair(first: first, second: second)
    }
    let total = sizes.reduce(0, +)
    guard total <= 1 << 24 else {
      throw TextError(
        .corrupt, expected: "tokens of at most 16 MiB together", found: "\(total) bytes")
    }
    self.init(pairs: pairs)
  }

  public var json: JSON {
    ["pairs": .array(pairs.map { .array([.int($0.first), .int($0.second)]) })]
  }

  public var count: Int { bytes.count }

  public func encode(_ text: String) -> [Int] {
    Self.words(text).flatMap(encode)
  }

  private func encode(_ word: [UInt8]) -> [Int] {
    var tokens = word.map { Int($0) + Self.firstByte }
    while true {
      let found = zip(tokens, tokens.dropFirst()).compactMap { merged[Pair(first: $0, second: $1)] }
      guard let next = found.min() else { return tokens }
      tokens = tokens.merging(pairs[next - Self.firstMerge], into: next)
    }
  }

  public func decode(_ tokens: [Int]) -> String {
    String(decoding: tokens.flatMap(utf8), as: UTF8.self)
  }

  /// The bytes of a token, for `GraphemeStream`; none for special ones and numbers out of range.
  public func utf8(of token: Int) -> [UInt8] {
    bytes.indices.contains(token) ? bytes[token] : []
  }

  /// Runs of letters, of digits, of other signs, each with the space before it, and of white space.
  static func words(_ text: String) -> [[UInt8]] {
    var words: [[UInt8]] = []
    var word: [UInt8] = []
    var kind = Kind.space
    for scalar in text.unicodeScalars {
      let next = Kind(scalar)
      // The last space of a run belongs to the word after it.
      let goesOn = next == kind && scalar != " " || word == [0x20] && next != .space
      if !goesOn && !word.isEmpty {
        words.append(word)
        word = []
      }
      kind = next
      word.append(contentsOf: scalar.utf8)
    }
    if !word.isEmpty { words.append(word) }
    return words
  }

  private enum Kind {
    case letter, digit, mark, space

    init(_ scalar: Unicode.Scalar) {
      let properties = scalar.properties
      if properties.isWhitespace {
        self = .space
      } else if properties.numericType != nil {
        self = .digit
      } else if properties.isAlphabetic || properties.isGraphemeExtend {
        self = .letter
      } else {
        self = .mark
      }
    }
  }
}

extension [Int] {
  /// The tokens with every pair made one.
  func merging(_ pair: BytePairTokenizer.Pair, into token: Int) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(count)
    var place = 0
    while place < count {
      if place + 1 < count, self[place] == pair.first, self[place + 1] == pair.second {
        result.append(token)
        place += 2
      } else {
        result.append(self[place])
        place += 1
      }
    }
    return result
  }
}

/// Counts which tokens follow each other, and keeps count while they become one.
private struct PairLearning {
  typealias Pair = BytePairTokenizer.Pair

  private var words: [(tokens: [Int], count: Int)]
  private var counts: [Pair: Int] = [:]
  private var places: [Pair: Set<Int>] = [:]

  init(_ words: [[UInt8]: Int], firstByte: Int) {
    self.words = words.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { word in
      (word.key.map { Int($0) + firstByte }, word.value)
    }
    for place in self.words.indices { count(place, sign: 1) }
  }

  mutating func learn(_ limit: Int, firstNumber: Int) -> [Pair] {
    var learned: [Pair] = []
    while learned.count < limit, let best = mostFrequent, counts[best]! > 1 {
      merge(best, into: firstNumber + learned.count)
      learned.append(best)
    }
    return learned
  }

  /// Of pairs as frequent, that of the smallest numbers.
  private var mostFrequent: Pair? {
    counts.max { first, second in
      (first.value, second.key.first, second.key.second)
        < (second.value, first.key.first, first.key.second)
    }?.key
  }

  private mutating func merge(_ pair: Pair, into token: Int) {
    for place in places[pair] ?? [] {
      count(place, sign: -1)
      words[place].tokens = words[place].tokens.merging(pair, into: token)
      count(place, sign: 1)
    }
    counts[pair] = nil
    places[pair] = nil
  }

  private mutating func count(_ place: Int, sign: Int) {
    let (tokens, count) = words[place]
    for (first, second) in zip(tokens, tokens.dropFirst()) {
      let pair = Pair(first: first, second: second)
      counts[pair, default: 0] += sign * count
      if sign > 0 { places[pair, default: []].insert(place) }
      if counts[pair] == 0 { counts[pair] = nil }
    }
  }
}
