import PlushEngine

/// What is wrong with a JSON text or value.
public struct JSONError: PlushError, Hashable {
  /// The kind of the fault.
  public enum Kind: Sendable {
    /// The text is not JSON.
    case syntax
    /// The text is not UTF-8.
    case encoding
    /// The text ends too early.
    case truncated
    /// Lists and objects stand deeper inside each other than allowed.
    case tooDeep
    /// The text is longer than allowed.
    case tooLarge
    /// An object has two members of one name.
    case duplicateKey
    /// An object lacks a member.
    case missing
    /// A value is of another type than needed.
    case wrongType
    /// A number to be written is NaN or infinite.
    case notFinite
  }

  /// Where in a text: bytes from its start, and the line and column, from 1, of that byte.
  public struct Position: Sendable, Hashable {
    /// Bytes before the place.
    public var offset: Int
    /// The line, from 1.
    public var line: Int
    /// The byte in the line, from 1.
    public var column: Int
  }

  /// The kind of the fault.
  public let kind: Kind
  /// The place in the text, if the error is about a text.
  public let position: Position?
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?

  init(
    _ kind: Kind, at position: Position? = nil, expected: String, found: String,
    hint: String? = nil
  ) {
    self.kind = kind
    self.position = position
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What was expected and what came, where.
  public var message: String {
    guard let position else { return "expected \(expected), found \(found)" }
    return "line \(position.line), column \(position.column): expected \(expected), found \(found)"
  }
}
