import PlushNN

/// Cuts text into its Unicode scalars.
///
/// Scalars that the training text did not have are unknown: they are encoded as
/// `TokenVocabulary.unknown` and decoded as nothing. All others come back exactly.
public struct CharacterTokenizer: Tokenizer {
  public static let kind = "characters"

  /// The scalars.
  public let vocabulary: TokenVocabulary
  private let numbers: [Unicode.Scalar: Int]

  /// Learns the scalars of a text.
  ///
  /// - Parameters:
  ///   - text: the text.
  ///   - minimumCount: how often a scalar must come to be known.
  /// - Throws: `TextError` if the text is empty.
  public init(training text: String, minimumCount: Int = 1) throws {
    guard !text.isEmpty else {
      throw TextError(.tooShort, expected: "a text to learn characters from", found: "none")
    }
    var counts: [Unicode.Scalar: Int] = [:]
    for scalar in text.unicodeScalars { counts[scalar, default: 0] += 1 }
    // Strings with equal meaning are equal to Swift, scalars are not.
    let known = counts.filter { $0.value >= minimumCount }.sorted {
      ($1.value, $0.key) < ($0.value, $1.key)
    }
    try self.init(scalars: known.map(\.key))
  }

  private init(scalars: [Unicode.Scalar]) throws {
    numbers = Dictionary(
      zip(scalars, TokenVocabulary.specialCount...), uniquingKeysWith: { first, _ in first })
    vocabulary = try TokenVocabulary(scalars.map { String($0) })
  }

  public init(json: JSON) throws {
    let text = try json.get("characters", \.string)
    try self.init(scalars: Array(text.unicodeScalars))
  }

  public var json: JSON { ["characters": .string(vocabulary.tokens.joined())] }

  public var count: Int { vocabulary.count }

  public func encode(_ text: String) -> [Int] {
    text.unicodeScalars.map { numbers[$0] ?? TokenVocabulary.unknown }
  }

  public func decode(_ tokens: [Int]) -> String {
    tokens.compactMap(vocabulary.token).joined()
  }
}
