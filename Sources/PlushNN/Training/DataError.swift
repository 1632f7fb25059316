import PlushEngine

/// What is wrong with the data given to `fit`, `evaluate` or `predict`.
public struct DataError: PlushError, Hashable {
  /// The kind of the fault.
  public enum Kind: Sendable {
    /// Arrays have different numbers of samples, or none.
    case count
    /// A shape does not fit the model or the loss.
    case shape
    /// A label is out of range.
    case label
    /// A value is not a number.
    case notANumber
    /// An argument makes no sense.
    case argument
  }

  /// The kind of the fault.
  public let kind: Kind
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?
  /// The sample at fault, from 0, where there is one to tell.
  public let row: Int?
  /// The place within the sample, from 0, where there is one to tell.
  public let column: Int?

  package init(
    _ kind: Kind, expected: String, found: String, hint: String? = nil, row: Int? = nil,
    column: Int? = nil
  ) {
    self.kind = kind
    self.expected = expected
    self.found = found
    self.hint = hint
    self.row = row
    self.column = column
  }

  /// A data set without elements.
  static let noBatch = DataError(
    .count, expected: "at least one batch", found: "none", hint: "is the data set empty?")

  /// What was expected and what came, where.
  public var message: String { "expected \(expected), got \(found)" }
}
