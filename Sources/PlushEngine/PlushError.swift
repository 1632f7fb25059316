/// An error that explains itself: what was expected, what came and where, and what to do about it.
public protocol PlushError: Error, CustomStringConvertible {
  /// What was expected and what came, where.
  var message: String { get }
  /// The likely fix, if there is one to tell.
  var hint: String? { get }
}

extension PlushError {
  public var description: String {
    guard let hint else { return message }
    return "\(message)\n  hint: \(hint)"
  }
}
