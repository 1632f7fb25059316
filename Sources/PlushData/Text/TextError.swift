import PlushEngine

/// What is wrong with a text, or with how it is to be cut.
public struct TextError: PlushError, Hashable {
  /// The kind of the fault.
  public enum Kind: Sendable {
    /// There is no text, or too little of it.
    case tooShort
    /// An argument makes no sense.
    case argument
    /// What a file says of a tokenizer contradicts itself.
    case corrupt
  }

  /// The kind of the fault.
  public let kind: Kind
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?

  /// Creates an error.
  public init(_ kind: Kind, expected: String, found: String, hint: String? = nil) {
    self.kind = kind
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What was expected and what came.
  public var message: String { "expected \(expected), found \(found)" }
}
