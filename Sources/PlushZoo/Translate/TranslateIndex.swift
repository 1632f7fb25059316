import Plush

/// Turns texts into others, as examples in a table show: sentences into another language, titles
/// into abstracts.
public struct Translate: Network {
  /// The part of the pairs by which the network is judged.
  static let testPart = 0.1
  /// The part of the rest that tells when to stop.
  static let validationPart = 0.05
  /// How many translations are shown after training.
  static let shown = 10

  /// How many of the shortest pairs are learned from.
  public var pairs = 20_000
  /// The most tokens that a text may have; longer pairs are left out.
  public var longest = 60
  /// Units of the decoder; the encoder has as many in each direction.
  public var units = 256
  /// The size of the vectors that stand for words.
  public var embedding = 128
  /// The part of the units that rests in each step.
  public var dropout = 0.3

  /// Creates the network.
  public init() {}

  public static let settings: [Setting<Translate>] = [
    Setting("pairs", \.pairs, in: 10...100_000_000, "How many of the shortest pairs are used."),
    Setting("longest", \.longest, in: 1...1000, "The most words and marks a text may have."),
    Setting("units", \.units, in: 1...4096, "Units of the LSTM layers."),
    Setting("embedding", \.embedding, in: 1...4096, "Numbers that stand for a word."),
    Setting("dropout", \.dropout, in: 0...0.9, "The part of the units that rests in each step."),
  ]

  public var name: String { "translate" }
  public var summary: String { "translates sentences, by encoder and decoder with attention" }
  public var help: String {
    """
    The data are a text file in UTF-8 with a pair on each line: a text, a tab, and what it is to \
    become; further columns are left out. A tenth of the texts is kept apart to judge the network \
    by. With titles and abstracts in the two columns it writes abstracts in the manner of those it \
    has read. Then: plush translate translate "How are you?"
    """
  }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 15, batchSize: 64, learningRate: 0.002)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [
      .cosineDecay(from: parameters.learningRate),
      EarlyStopping(monitor: "val_loss", patience: 4, restoreBestWeights: true),
    ]
  }

  /// Trains, then translates the texts that were kept apart.
  public nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult {
    let trainer = try Trainer(self, options, reporter)
    let texts = try TextPairs(options.data, self, seed: options.seed)
    let data = trainer.begin(try data(of: texts))
    let model = try model(for: data.record)
    let history = try await trainer.fit(model, data)
    var figures = Logs()
    if !trainer.wasInterrupted {
      figures["bleu"] = try judge(model, texts, record: data.record, reporter)
    }
    return try await trainer.finish(model, data, history, figures: figures)
  }

  /// Corpus BLEU over the words of translations, of which some are shown.
  private func judge(
    _ model: Model, _ texts: TextPairs, record: JSON, _ reporter: any Reporter
  ) throws -> Double {
    let translator = try Translator(model, record: record)
    let sources = texts.test.map(\.source)
    let translations = try translator.translate(sources)
    let score = bleu(
      translations.map { WordTokenizer.tokens($0) },
      references: texts.test.map { $0.targets.map { WordTokenizer.tokens($0) } })
    let step = max(1, sources.count / Self.shown)
    for place in stride(from: 0, to: sources.count, by: step).prefix(Self.shown) {
      let truth = texts.test[place].targets.joined(separator: " | ")
      reporter.report(.note("  \(sources[place]) → \(translations[place])  (\(truth))"))
    }
    reporter.report(
      .note("BLEU \((score * 100).short) of 100 on \(sources.count) texts that were kept apart"))
    return score
  }

  /// The translation of each line of a file.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let lines = try readText(path).split(separator: "\n").map(String.init)
    let translations = try Translator(model, record: record).translate(lines)
    return zip(lines, translations).map {
      Answer($1, ["source": .string($0), "translation": .string($1)])
    }
  }
}
