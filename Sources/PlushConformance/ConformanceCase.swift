/// What became of a case.
package enum ConformanceOutcome: Sendable, Equatable {
  case passed
  /// What was expected and what came.
  case failed(String)
  /// Why it does not apply.
  case skipped(String)
}

/// A case that others recorded.
package protocol ConformanceCase: Sendable {
  /// What its authors call it.
  var name: String { get }
  /// Runs it on the default device.
  ///
  /// Operands that an operator cannot take stop the program, as they would in a user's.
  func run() -> ConformanceOutcome
}
