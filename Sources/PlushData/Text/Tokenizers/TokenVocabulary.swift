import PlushNN

/// The tokens that a tokenizer knows, and their numbers.
///
/// The first four numbers stand for no text: filling, an unknown token, the start and the end of a
/// sequence. The tokens follow, whatever they look like.
public struct TokenVocabulary: Sendable, Hashable {
  /// Fills up sequences in a batch; masks look for it.
  public static let padding = 0
  /// Stands for every token that is not in the vocabulary.
  public static let unknown = 1
  /// Begins a sequence that is to be written.
  public static let start = 2
  /// Ends a sequence.
  public static let end = 3
  /// How many numbers stand for no text.
  public static let specialCount = 4

  /// The tokens, without the special ones.
  public let tokens: [String]
  private let numbers: [String: Int]

  /// Makes a vocabulary of tokens in this order.
  ///
  /// - Throws: `TextError` if one comes twice.
  public init(_ tokens: [String]) throws {
    let numbered = zip(tokens, Self.specialCount...)
    let numbers = Dictionary(numbered, uniquingKeysWith: { first, _ in first })
    guard numbers.count == tokens.count else {
      var seen: Set<String> = []
      let twice = tokens.first { !seen.insert($0).inserted } ?? ""
      throw TextError(.corrupt, expected: "every token once", found: "'\(twice)' twice")
    }
    self.tokens = tokens
    self.numbers = numbers
  }

  /// Makes a vocabulary of the tokens of a text, the most frequent first; of those as frequent, the
  /// first in order of their scalars.
  ///
  /// - Parameters:
  ///   - counts: how often each token comes.
  ///   - minimumCount: how often a token must come to be known.
  ///   - maximum: how many tokens there may be, the special ones among them.
  public init(counts: [String: Int], minimumCount: Int = 1, maximum: Int? = nil) {
    let known = counts.filter { $0.value >= minimumCount }.sorted { first, second in
      first.value == second.value
        ? first.key.unicodeScalars.lexicographicallyPrecedes(second.key.unicodeScalars)
        : first.value > second.value
    }
    let room = maximum.map { max(0, $0 - Self.specialCount) } ?? known.count
    tokens = known.prefix(room).map(\.key)
    numbers = Dictionary(
      zip(tokens, Self.specialCount...), uniquingKeysWith: { first, _ in first })
  }

  /// How many numbers there are, those of the special tokens among them.
  public var count: Int { Self.specialCount + tokens.count }

  /// The number of a token; that of unknown tokens if it is not in the vocabulary.
  public func number(of token: String) -> Int { numbers[token] ?? Self.unknown }

  /// The token of a number; nil for special ones and numbers out of range.
  public func token(_ number: Int) -> String? {
    let place = number - Self.specialCount
    return tokens.indices.contains(place) ? tokens[place] : nil
  }
}
