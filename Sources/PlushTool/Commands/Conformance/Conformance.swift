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
        plush conformance onnx cases
      """,
    subcommands: [TensorFlowJS.self, ONNXCases.self, ExportONNX.self])

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

  /// `plush conformance onnx`
  struct ONNXCases: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "onnx",
      abstract: "Run cases of ONNX's backend tests.",
      discussion: """
        The folder holds a folder for each kind of cases, in it one for each case with its \
        model.onnx and its inputs and outputs.

        EXAMPLES
          plush conformance onnx cases
          plush conformance onnx cases --json
        """)

    @Argument(help: "The folder of cases.", completion: .directory)
    var folder: String

    @Flag(help: "Print a JSON object for each case, and a last one with the sums.")
    var json = false

    @Option(help: ArgumentHelp("Run the cases from this number on.", visibility: .hidden))
    var worker: Int?

    func run() throws {
      let cases = try ONNXCase.all(in: folder)
      if let worker {
        ConformanceWorker.run(cases, from: worker)
        return
      }
      let summary = try ConformanceReport(printsJSON: json).run(cases) {
        ["conformance", "onnx", folder, "--worker", "\($0)"]
      }
      if summary.failed > 0 { throw ExitCode(1) }
    }
  }
}
