import ArgumentParser
import Plush
import PlushMedia
import PlushZoo

/// `plush train`
struct Train: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network and save it.",
    discussion: """
      Ctrl-C ends training after the running step and keeps what was learned; --resume goes on \
      from there, or from the last epoch that was saved if the process was killed. The same seed \
      gives the same weights, with and without interruptions.

      NETWORKS
      \(Zoo.networks.map { "  \($0.name.padded(to: 12)) \($0.summary)" }.joined(separator: "\n"))

      EXAMPLES
        plush train xor
        plush train mlp --epochs 10 --seed 1
        plush train titanic --data titanic.csv --out models/my-titanic
        plush train mlp --resume --epochs 20
        plush train mlp --json > mlp.jsonl
      """)

  @Argument(help: "The network: \(Zoo.networks.map(\.name).joined(separator: ", ")).")
  var network: String

  @Option(
    help: ArgumentHelp("The file or folder of the data.", valueName: "path"),
    completion: .file())
  var data: String?

  @Option(help: "How many times the samples are gone through.")
  var epochs: Int?

  @Option(help: "How many samples make one step.")
  var batchSize: Int?

  @Option(help: "The size of the steps.")
  var learningRate: Double?

  @Option(
    help: "What layers compute in: float32, bfloat16. Weights are float32. (default: float32)")
  var precision: Precision?

  @Option(help: "Decides the weights at the start and the order of samples. (default: 1)")
  var seed: Int?

  @Option(
    help: ArgumentHelp(
      "The folder to save the model in. (default: models/NETWORK)", valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Go on where an interrupted training stands.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("--epochs must be at least 1") }
    if let batchSize, batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0")
    }
  }

  func run() async throws {
    let network = try Zoo.network(named: network)
    let options = try options(for: network)
    Interrupt.watch()
    if output.json {
      let reporter = JSONReporter()
      let result = try await network.train(options, reporter: reporter)
      try saveCurves(result)
      reporter.end(result)
      try exitIfInterrupted(result)
    } else {
      let reporter = HumanReporter(isQuiet: output.quiet)
      let result = try await network.train(options, reporter: reporter)
      try saveCurves(result)
      reporter.end(result)
      try exitIfInterrupted(result)
    }
  }

  /// What is asked for, else what the training to resume was begun with, else the defaults.
  private func options(for network: any Network) throws -> TrainingOptions {
    let folder = out ?? ModelFolder.usualPath(of: network.name)
    let before = resume ? try ModelFolder(folder).interruptedOptions() : nil
    var parameters = network.defaults
    parameters.epochs = epochs ?? before?["epochs"]?.int ?? parameters.epochs
    parameters.batchSize = batchSize ?? before?["batch_size"]?.int ?? parameters.batchSize
    parameters.learningRate =
      learningRate ?? before?["learning_rate"]?.double ?? parameters.learningRate
    return TrainingOptions(
      data: data ?? before?["data"]?.string, parameters: parameters,
      seed: seed ?? before?["seed"]?.int ?? 1, out: folder, resume: resume,
      precision: precision?.policy
        ?? before?["precision"]?.string.flatMap { DTypePolicy(rawValue: $0) } ?? .float32)
  }

  private func saveCurves(_ result: TrainingResult) throws {
    let drawing = result.history.drawing(title: result.network)
    for format in ["svg", "png"] { try drawing.write(to: "\(result.out)/curves.\(format)") }
  }

  private func exitIfInterrupted(_ result: TrainingResult) throws {
    if result.wasInterrupted { throw ExitCode(Interrupt.exitCode) }
  }
}

/// What layers compute in.
enum Precision: String, ExpressibleByArgument, CaseIterable {
  case float32, bfloat16

  var policy: DTypePolicy { self == .bfloat16 ? .mixedBFloat16 : .float32 }
}

/// How results are shown.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print one JSON object a line.")
  var json = false

  @Flag(help: "Print the result only.")
  var quiet = false
}
