import Plush

/// Reads somebody's posts, or any text, and writes more of the kind, character by character.
public struct Generator: Network {
  /// The part of the text, its last, by which the network is judged.
  static let testPart = 0.1
  /// The part of the text without that, its first, that tells when to stop.
  static let validationPart = 0.05
  /// The longest sequences that the baseline counts.
  static let baselineOrder = 5

  /// Characters that the network sees before it must have an idea.
  public var window = 100
  /// Units of the LSTM layers.
  public var units = 512
  /// LSTM layers.
  public var layers = 1
  /// The part of the outputs of a layer that is left out in training.
  public var dropout = 0.4
  /// The part of the weights between steps that is left out in training.
  public var weightDropout = 0.0

  /// Creates the network.
  public init() {}

  public static let settings: [Setting<Generator>] = [
    Setting("window", \.window, in: 1...4096, "Characters that are seen at once."),
    Setting("units", \.units, in: 1...8192, "Units of an LSTM layer."),
    Setting("layers", \.layers, in: 1...8, "LSTM layers."),
    Setting("dropout", \.dropout, in: 0...0.9, "The part of the units that rests in each step."),
    Setting(
      "weight-dropout", \.weightDropout, in: 0...0.9,
      "The part of the weights from step to step that rests, for trainings of many epochs."),
  ]

  public var name: String { "generator" }
  public var summary: String { "writes posts in the manner of those it has read" }
  public var help: String {
    """
    The data are a text file in UTF-8, such as posts with one on each line, or a folder of them. \
    The last tenth is kept apart to judge the network by, in nats per character, beside counts of \
    sequences of five characters. Then: plush generate generator --prompt "Today"
    """
  }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 12, batchSize: 16, learningRate: 0.002)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [
      .cosineDecay(from: parameters.learningRate),
      EarlyStopping(monitor: "val_loss", patience: 3, restoreBestWeights: true),
    ]
  }

  /// Trains, showing what the network writes after each epoch.
  public nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult {
    let trainer = try Trainer(self, options, reporter)
    let corpus = try Corpus(options.data)
    let data = trainer.begin(try data(of: corpus, seed: options.seed))
    let model = try model(for: data.record)
    let samples = LambdaCallback(onEpochEnd: { progress in
      let writer = try TextWriter(progress.model, record: data.record)
      let text = try writer.write(length: 160, seed: options.seed + progress.epoch)
      reporter.report(.note("  " + text.split(separator: "\n").joined(separator: "\n  ")))
    })
    let history = try await trainer.fit(model, data, callbacks: [samples])
    // Whatever it learned in, it writes in float32: one character reads all weights, as they lie.
    model.dtypePolicy = .float32
    var figures = Logs()
    if !trainer.wasInterrupted {
      figures["nats_per_character"] = try natsPerCharacter(model, corpus.test)
      figures["baseline_nats_per_character"] = try corpus.baseline()
      reporter.report(
        .note(
          "nats per character on the last tenth: "
            + "\((figures["nats_per_character"] ?? 0).short); counts of "
            + "\(Self.baselineOrder) characters reach "
            + "\((figures["baseline_nats_per_character"] ?? 0).short)"))
    }
    return try await trainer.finish(model, data, history, figures: figures)
  }

  /// What the network writes after the text of a file.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let prompt = try readText(path)
    let text = try TextWriter(model, record: record).write(prompt: prompt, length: 200)
    return [Answer(text, ["prompt": .string(prompt), "text": .string(text)])]
  }
}
