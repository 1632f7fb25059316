import ArgumentParser
import Plush
import PlushConformance

/// `plush conformance`
struct Conformance: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replay test cases that other libraries recorded.",
    discussion: """
      EXAMPLES
        plush conformance tfjs core.json
        plush conformance tfjs core.json --json
      """,
    subcommands: [TensorFlowJS.self])

  /// `plush conformance tfjs`
  struct TensorFlowJS: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "tfjs",
      abstract: "Replay cases of TensorFlow.js.",
      discussion: """
        Cases that stop the program count as failed; those that Plush means to answer otherwise, or \
        whose operators it does not replay, are skipped with the reason.

        EXAMPLES
          plush conformance tfjs core.json
          plush conformance tfjs core.json --json
        """)

    @Argument(help: "The file of cases.", completion: .file())
    var file: String

    @Flag(help: "Print a JSON object for each case and one with the sums.")
    var json = false

    @Option(help: ArgumentHelp("Run the cases from this number on.", visibility: .hidden))
    var worker: Int?

    func run() throws {
      let cases = try TensorFlowJSCase.all(in: try JSON(file: file))
      if let worker {
        ConformanceWorker.run(cases, from: worker)
        return
      }
      let summary = try ConformanceReport(printsJSON: json).run(cases) {
        ["conformance", "tfjs", file, "--worker", "\($0)"]
      }
      if summary.failed > 0 { throw ExitCode(1) }
    }
  }
}
