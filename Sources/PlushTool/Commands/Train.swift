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

      EXAMPLES
        plush train xor
        plush train mlp --epochs 10 --seed 1
        plush train titanic titanic.csv --out models/my-titanic
        plush train mlp --resume --epochs 20
        plush train mlp --json > mlp.jsonl
      """,
    subcommands: Zoo.networks.map { command(for: $0) } + [UnknownNetwork.self],
    defaultSubcommand: UnknownNetwork.self)

  private static func command<N: Network>(for network: N) -> any ParsableCommand.Type {
    TrainNetwork<N>.self
  }
}

/// What `plush train` does for a network that there is not: says so.
struct UnknownNetwork: ParsableCommand {
  static let configuration = CommandConfiguration(shouldDisplay: false)

  @Argument(parsing: .captureForPassthrough) var words: [String] = []

  func validate() throws {
    guard let first = words.first, first.hasPrefix("-") else {
      if words.isEmpty { throw ValidationError("no network is named") }
      return
    }
    let network = words.first(where: Zoo.names.contains) ?? "NETWORK"
    throw ValidationError("the network comes first: plush train \(network) \(first)")
  }

  func run() throws { _ = try Zoo.network(named: words[0]) }
}

/// `plush train NETWORK`
struct TrainNetwork<N: Network>: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: N().name, abstract: "\(N().summary)", discussion: N().help)
  }

  @Argument(
    help: ArgumentHelp("The file or folder of the data.", valueName: "data"),
    completion: .file())
  var path: String?

  @Option(
    help: ArgumentHelp("The same, as an option.", valueName: "path"), completion: .file())
  var data: String?

  @OptionGroup(title: "Settings of the network") var settings: SettingOptions<N>

  @Option(
    help: """
      How many times the samples are gone through. (default: \(N().defaults.epochs))
      """)
  var epochs: Int?

  @Option(help: "How many samples make one step. (default: \(N().defaults.batchSize))")
  var batchSize: Int?

  @Option(help: "The size of the steps. (default: \(N().defaults.learningRate))")
  var learningRate: Double?

  @Option(
    help: "What layers compute in: float32, bfloat16. Weights are float32. (default: float32)")
  var precision: Precision?

  @Option(help: "Decides the weights at the start and the order of samples. (default: 1)")
  var seed: Int?

  @Option(
    help: ArgumentHelp(
      "The folder to save the model in. (default: \(ModelFolder.usualPath(of: N().name)))",
      valueName: "folder"),
    completion: .directory)
  var out: String?

  @Flag(help: "Go on where an interrupted training stands.")
  var resume = false

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if path != nil && data != nil {
      throw ValidationError("the data are named twice: '\(path ?? "")' and --data")
    }
    if let epochs, epochs < 1 { throw ValidationError("--epochs must be at least 1") }
    if let batchSize, batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0")
    }
    try settings.check()
  }

  func run() async throws {
    let folder = out ?? ModelFolder.usualPath(of: N().name)
    let before = resume ? try ModelFolder(folder).interruptedOptions(of: N()) : nil
    let network = try settings.network(before)
    let options = options(out: folder, before)
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
  private func options(out: String, _ before: JSON?) -> TrainingOptions {
    var parameters = N().defaults
    parameters.epochs = epochs ?? before?["epochs"]?.int ?? parameters.epochs
    parameters.batchSize = batchSize ?? before?["batch_size"]?.int ?? parameters.batchSize
    parameters.learningRate =
      learningRate ?? before?["learning_rate"]?.double ?? parameters.learningRate
    return TrainingOptions(
      data: path ?? data ?? before?["data"]?.string, parameters: parameters,
      seed: seed ?? before?["seed"]?.int ?? 1, out: out, resume: resume,
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
