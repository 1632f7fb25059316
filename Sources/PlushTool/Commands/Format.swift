import ArgumentParser
import Plush
import PlushZoo

/// `plush format`
struct Format: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Format source code with a trained formatter.",
    discussion: """
      Only white space changes: where a token would change, the file is left as it is and the \
      command fails. Without files, standard input is formatted; --language then tells what it is.

      EXAMPLES
        plush train formatter Sources
        plush format formatter main.swift
        plush format models/formatter --write Sources/*.swift
        plush format formatter --check Sources/*.swift
        plush format formatter --language javascript < page.js
      """)

  @Argument(
    help: "The folder of the model, or its name if it is in models/.", completion: .directory)
  var model: String

  @Argument(help: "Files of source code.", completion: .file())
  var files: [String] = []

  @Flag(help: "Print which files would change, and fail if any would.")
  var check = false

  @Flag(help: "Write the formatted code into the files.")
  var write = false

  @Option(
    help: """
      The language of standard input: \
      \(SourceLanguage.allCases.map(\.rawValue).joined(separator: ", ")).
      """)
  var language = SourceLanguage.swift

  func validate() throws {
    if check && write { throw ValidationError("--check and --write exclude each other") }
    if files.isEmpty && (check || write) {
      throw ValidationError("\(check ? "--check" : "--write") needs files")
    }
  }

  func run() throws {
    let trained = try TrainedNetwork(ModelFolder(named: model))
    _ = try trained.network(as: Formatter.self, to: "format code")
    let formatter = try SourceFormatter(trained.model, record: trained.record)
    if files.isEmpty {
      let input = try readText("/dev/stdin")
      return writeOutput(
        try formatter.format(input, language: language, name: "standard input"))
    }
    var failed = false
    for file in files {
      do {
        try format(file, formatter, &failed)
      } catch let error as any PlushError {
        // The other files are formatted all the same.
        PlushCommand.tell(error.message, hint: error.hint)
        failed = true
      }
    }
    if failed { throw ExitCode(1) }
  }

  private func format(
    _ file: String, _ formatter: SourceFormatter, _ differs: inout Bool
  ) throws {
    let formatted = try formatter.format(file: file)
    if !check && !write { return writeOutput(formatted) }
    guard formatted != (try readText(file)) else { return }
    writeOutput("\(file)\n")
    if write { try writeFile(file, formatted) } else { differs = true }
  }
}

extension SourceLanguage: ExpressibleByArgument {}
