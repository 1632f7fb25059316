import ArgumentParser
import Plush
import PlushZoo

extension PlushCommand {
  /// Tells what went wrong, for people on standard error and with --json for programs too, and
  /// exits: 64 for a wrong command line, 1 for all else.
  static func fail(_ error: any Error) -> Never {
    if let error = error as? any PlushError {
      tell(error.message, hint: error.hint)
      exit(withError: ExitCode(1))
    }
    guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
    let arguments = CommandLine.arguments.dropFirst()
    let names = configuration.subcommands.map { String(describing: $0).lowercased() }
    let command = arguments.prefix { names.contains($0) || Zoo.names.contains($0) }.prefix(2)
    let words = ["plush"] + command + ["--help"]
    tell(message(for: error), hint: "\(words.joined(separator: " ")) tells more")
    exit(withError: ExitCode.validationFailure)
  }

  private static func tell(_ message: String, hint: String?) {
    let style = Style(of: .error)
    writeError("\(style.bold(style.red("error:"))) \(message)\n")
    if let hint { writeError("\(style.bold("hint:")) \(hint)\n") }
    guard CommandLine.arguments.contains("--json") else { return }
    printJSON([
      "event": "error", "message": .string(message), "hint": hint.map(JSON.string) ?? .null,
    ])
  }
}

/// Prints a value on a line of its own.
func printJSON(_ json: JSON) {
  if let text = try? json.text(nonFinite: .null) { writeOutput(text + "\n") }
}
