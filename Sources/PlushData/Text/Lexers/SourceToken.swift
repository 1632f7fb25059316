/// A piece of source code that has a meaning: everything but white space.
public struct SourceToken: Sendable, Hashable {
  /// What a token is, as far as its layout depends on it.
  public enum Kind: String, Sendable, CaseIterable {
    /// A word of the language, such as `return`.
    case keyword
    /// A name.
    case identifier
    /// A number.
    case number
    /// A string or template, from its first quote to its last, with whatever is inserted.
    case string
    /// A regular expression between slashes.
    case regularExpression
    /// A comment to the end of its line.
    case lineComment
    /// A comment with an end of its own.
    case blockComment
    /// Signs that stand between or before values, such as `+=`.
    case `operator`
    /// A bracket, comma or the like, one sign each.
    case punctuation
    /// Anything else.
    case other
  }

  /// What it is.
  public let kind: Kind
  /// Its bytes, in UTF-8.
  public let utf8: [UInt8]

  /// Creates a token.
  public init(_ kind: Kind, utf8: [UInt8]) {
    self.kind = kind
    self.utf8 = utf8
  }

  /// Its text.
  public var text: String { String(decoding: utf8, as: UTF8.self) }
}
