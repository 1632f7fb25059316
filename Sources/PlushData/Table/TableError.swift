import PlushEngine

/// What is wrong with the use or the contents of a table.
public struct TableError: PlushError, Hashable {
  /// The kind of the fault.
  public enum Kind: Sendable {
    /// There is no column of this name.
    case unknownColumn
    /// Two columns have the same name.
    case duplicateColumn
    /// Columns differ in length.
    case unequalLengths
    /// A value or column is of another type than needed.
    case wrongType
    /// A value is missing where one is needed.
    case missingValue
    /// A value is not among the categories known from training.
    case unknownCategory
  }

  /// The kind of the fault.
  public let kind: Kind
  /// The file or table.
  public let source: String
  /// The line in the source, from 1, if the error is about one row.
  public let line: Int?
  /// The column, if the error is about one.
  public let column: String?
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?

  init(
    _ kind: Kind, _ source: String, line: Int? = nil, column: String? = nil, expected: String,
    found: String, hint: String? = nil
  ) {
    self.kind = kind
    self.source = source
    self.line = line
    self.column = column
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What was expected and what came, where.
  public var message: String {
    let line = line.map { ", line \($0)" } ?? ""
    let column = column.map { ", column '\($0)'" } ?? ""
    return "\(source)\(line)\(column): expected \(expected), found \(found)"
  }
}
