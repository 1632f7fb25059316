import PlushEngine
import PlushNN

/// What is wrong with a file: which file, where in it, what was expected and what came.
public struct FileError: PlushError, Hashable {
  /// The kind of the fault.
  public enum Kind: Sendable {
    /// There is no such file or folder.
    case missing
    /// The process may not read or write there.
    case notPermitted
    /// A folder stands where a file should.
    case isDirectory
    /// The disk or the quota is full.
    case diskFull
    /// The contents are larger than allowed.
    case tooLarge
    /// The contents end too early.
    case truncated
    /// The contents contradict their format or themselves.
    case corrupt
    /// The contents are sound but of a variety that is not read or written here.
    case unsupported
    /// A download did not succeed.
    case network
    /// The system refused for another reason, which `found` tells.
    case system
  }

  /// A place in a file.
  public enum Place: Sendable, Hashable {
    /// Bytes from the start.
    case byte(Int)
    /// A line, from 1, and perhaps a column by name or number.
    case line(Int, column: String?)
    /// A named part, such as a tensor.
    case entry(String)
  }

  /// The kind of the fault.
  public let kind: Kind
  /// The file, as the caller named it.
  public let path: String
  /// The place in the file, where there is one to tell.
  public let place: Place?
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?

  /// Creates an error; readers and writers of other formats use it too.
  public init(
    _ kind: Kind, _ path: String, at place: Place? = nil, expected: String, found: String,
    hint: String? = nil
  ) {
    self.kind = kind
    self.path = path
    self.place = place
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What was expected and what came, where.
  public var message: String {
    "\(path)\(place.map { ", \($0)" } ?? ""): expected \(expected), found \(found)"
  }
}

extension FileError.Place: CustomStringConvertible {
  /// The place as an error tells it.
  public var description: String {
    switch self {
    case .byte(let offset): "byte \(offset)"
    case .line(let line, nil): "line \(line)"
    case .line(let line, let column?): "line \(line), column \(column)"
    case .entry(let name): "'\(name)'"
    }
  }
}

extension FileError {
  /// The same fault of a part of a file, as that of the whole file.
  package func inside(_ entry: String, of path: String) -> FileError {
    FileError(kind, path, at: .entry(entry), expected: expected, found: found, hint: hint)
  }

  /// The error of a JSON text, as that of the file it came from.
  public init(_ error: JSONError, _ path: String) {
    let kind: Kind =
      switch error.kind {
      case .truncated: .truncated
      case .tooLarge: .tooLarge
      default: .corrupt
      }
    let place = error.position.map { Place.line($0.line, column: "\($0.column)") }
    self.init(
      kind, path, at: place, expected: error.expected, found: error.found, hint: error.hint)
  }
}
