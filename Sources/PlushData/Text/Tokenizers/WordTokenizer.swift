import PlushNN

/// Cuts text into words and single marks.
///
/// A word is a run of letters, digits and their accents; every other sign but white space is a token
/// of its own. A token that follows the one before without white space is marked by "##" before it,
/// so that text comes back with every run of white space as one space. Words that training did not
/// see often enough are encoded as `TokenVocabulary.unknown` and decoded as nothing.
public struct WordTokenizer: Tokenizer {
  public static let kind = "words"

  /// The words and marks.
  public let vocabulary: TokenVocabulary
  /// Whether text is put into lower case first.
  public let isLowercased: Bool
  private static let glue = "##"

  /// Learns the words of texts, the most frequent first.
  ///
  /// - Parameters:
  ///   - texts: the texts.
  ///   - minimumCount: how often a word must come to be known.
  ///   - maximum: how many tokens there may be, special ones among them.
  ///   - isLowercased: whether text is put into lower case first.
  /// - Throws: `TextError` if there is no word.
  public init(
    training texts: some Sequence<String>, minimumCount: Int = 1, maximum: Int? = nil,
    isLowercased: Bool = false
  ) throws {
    var counts: [String: Int] = [:]
    for text in texts {
      for token in Self.tokens(text, isLowercased: isLowercased) {
        counts[token, default: 0] += 1
      }
    }
    guard !counts.isEmpty else {
      throw TextError(.tooShort, expected: "texts to learn words from", found: "no word")
    }
    vocabulary = TokenVocabulary(counts: counts, minimumCount: minimumCount, maximum: maximum)
    self.isLowercased = isLowercased
  }

  public init(json: JSON) throws {
    let words = try json.get("words", \.array)
    vocabulary = try TokenVocabulary(words.compactMap(\.string))
    isLowercased = try json.get("lowercased", \.bool)
  }

  public var json: JSON {
    ["words": .array(vocabulary.tokens.map(JSON.string)), "lowercased": .bool(isLowercased)]
  }

  public var count: Int { vocabulary.count }

  public func encode(_ text: String) -> [Int] {
    Self.tokens(text, isLowercased: isLowercased).map(vocabulary.number)
  }

  public func decode(_ tokens: [Int]) -> String {
    tokens.compactMap(vocabulary.token).reduce(into: "") { text, token in
      if token.count > Self.glue.count, token.hasPrefix(Self.glue) {
        text += token.dropFirst(Self.glue.count)
      } else {
        text += text.isEmpty ? token : " \(token)"
      }
    }
  }

  /// The words and marks of a text, marked where no white space stands before them.
  public static func tokens(_ text: String, isLowercased: Bool = false) -> [String] {
    var tokens: [String] = []
    var isApart = true
    var word = ""
    func endWord() {
      if word.isEmpty { return }
      tokens.append(isApart ? word : glue + word)
      word = ""
      isApart = false
    }
    for character in isLowercased ? text.lowercased() : text {
      if character.isLetter || character.isNumber {
        word.append(character)
        continue
      }
      endWord()
      if character.isWhitespace {
        isApart = true
      } else {
        word.append(character)
        endWord()
      }
    }
    endWord()
    return tokens
  }
}
