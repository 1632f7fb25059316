import PlushNN

/// Cuts text into tokens that are numbered, and puts it together again.
///
/// Numbers below `TokenVocabulary.specialCount` stand for no text; see `TokenVocabulary`.
public protocol Tokenizer: Sendable {
  /// The name of the kind of tokenizer in files.
  static var kind: String { get }

  /// How many numbers there are, those of special tokens among them.
  var count: Int { get }

  /// The numbers of the tokens of a text.
  func encode(_ text: String) -> [Int]

  /// The text of tokens; special ones and numbers out of range give none.
  func decode(_ tokens: [Int]) -> String

  /// What must be known to make the same tokenizer again.
  var json: JSON { get }

  /// The tokenizer that was saved so.
  ///
  /// - Throws: `JSONError` if a member is missing, `TextError` if members contradict each other.
  init(json: JSON) throws
}

extension Tokenizer {
  /// Writes the tokenizer to a JSON file.
  ///
  /// - Throws: `FileError` if it cannot be written.
  public func save(to path: String) throws {
    try saved.write(to: path)
  }

  /// The tokenizer with its kind, as `loadTokenizer(from:)` reads it.
  public var saved: JSON {
    var json = json
    json["tokenizer"] = .string(Self.kind)
    return json
  }
}

/// Reads a tokenizer of any kind from a JSON file.
///
/// - Throws: `FileError` if the file is missing, damaged or no tokenizer.
public func loadTokenizer(from path: String) throws -> any Tokenizer {
  let json = try JSON(file: path)
  do {
    return try tokenizer(json: json)
  } catch let error as JSONError {
    throw FileError(error, path)
  } catch let error as TextError {
    throw FileError(
      .corrupt, path, expected: error.expected, found: error.found, hint: error.hint)
  }
}

/// The tokenizer that was saved so, of whatever kind.
///
/// - Throws: `JSONError` or `TextError` if this is none.
public func tokenizer(json: JSON) throws -> any Tokenizer {
  let kinds: [any Tokenizer.Type] = [
    CharacterTokenizer.self, WordTokenizer.self, BytePairTokenizer.self,
  ]
  let name = try json.get("tokenizer", \.string)
  guard let kind = kinds.first(where: { $0.kind == name }) else {
    throw TextError(
      .corrupt, expected: "one of \(kinds.map { $0.kind }.joined(separator: ", "))",
      found: "'\(name)'")
  }
  return try kind.init(json: json)
}
