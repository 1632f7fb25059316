import Plush

/// Learns from formatted source code what stands between two tokens, and formats code so.
public struct Formatter: Network {
  /// The part of the files by which the network is judged.
  static let testPart = 0.2
  /// The part of the rest that tells when to stop.
  static let validationPart = 0.05

  /// Tokens in a sample.
  public var window = 128
  /// Units of the LSTM in each direction.
  public var units = 128
  /// Words that are known one by one; others are known by their kind.
  public var words = 1500

  /// Creates the network.
  public init() {}

  public static let settings: [Setting<Formatter>] = [
    Setting("window", \.window, in: 8...4096, "Tokens in a sample."),
    Setting("units", \.units, in: 1...4096, "Units of the LSTM in each direction."),
    Setting("words", \.words, in: 16...100_000, "Words that are known one by one."),
  ]

  public var name: String { "formatter" }
  public var summary: String { "learns how source code is laid out, and formats it" }
  public var help: String {
    """
    The data are a folder of formatted source files; the ending of a name tells the language. \
    Swift and JavaScript are cut into tokens as their grammars say, others by what most languages \
    have in common. A fifth of the files is kept apart: all their white space is taken away, and \
    the network is judged by how much of it comes back. Then: plush format formatter FILE
    """
  }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 12, batchSize: 16, learningRate: 0.002)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [
      .cosineDecay(from: parameters.learningRate),
      EarlyStopping(monitor: "val_loss", patience: 4, restoreBestWeights: true),
    ]
  }

  /// Trains, then lays the files out anew that were kept apart.
  public nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult {
    let trainer = try Trainer(self, options, reporter)
    let code = try FormattedCode(options.data, words: words, seed: options.seed, reporter)
    let data = trainer.begin(try data(of: code, seed: options.seed))
    let model = try model(for: data.record)
    let history = try await trainer.fit(model, data)
    var figures = Logs()
    if !trainer.wasInterrupted {
      let formatter = try SourceFormatter(model, record: data.record)
      let agreement = try code.test.reduce(into: LayoutAgreement()) { total, file in
        total += file.agreement(with: try formatter.layout(file.tokens, language: file.language))
      }
      figures["gaps"] = agreement.gapShare
      figures["lines"] = agreement.lineShare
      reporter.report(
        .note(
          "of \(code.test.count) files without their white space came back "
            + "\(agreement.gapShare.percent) of \(agreement.allGaps) gaps and "
            + "\(agreement.lineShare.percent) of \(agreement.allLines) lines"))
    }
    return try await trainer.finish(model, data, history, figures: figures)
  }

  /// The file as the network would lay it out.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let text = try SourceFormatter(model, record: record).format(file: path)
    return [Answer(text, ["text": .string(text)])]
  }
}
