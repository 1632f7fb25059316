import Plush

/// One training of a network: reports it, keeps its state for `resume`, and saves the model.
final class Trainer {
  private let network: any Network
  /// The options; those that a resumed training takes from the one before included.
  let options: TrainingOptions
  private let reporter: any Reporter
  private let folder: ModelFolder
  private let interrupted: TrainingRun?
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private var reporting: ReportingCallback?

  /// - Throws: `ZooError` if training cannot be resumed with these options.
  init(_ network: any Network, _ options: TrainingOptions, _ reporter: any Reporter) throws {
    self.network = network
    self.reporter = reporter
    start = clock.now
    folder = ModelFolder(options.out)
    interrupted = options.resume ? try folder.interruptedRun() : nil
    if let interrupted { try interrupted.check(network, options) }
    if options.resume && interrupted == nil {
      reporter.report(.note("nothing to resume in \(options.out): training starts anew"))
    }
    self.options = options
    seed(options.seed)
  }

  /// Loads the samples and reports that training begins.
  func loadData() throws -> NetworkData {
    begin(try network.data(from: options.data, seed: options.seed, reporter: reporter))
  }

  /// Reports that training begins.
  func begin(_ data: NetworkData) -> NetworkData {
    reporter.report(.start(network: network, options: options, data: data))
    return data
  }

  /// Whether the user has asked for the end.
  var wasInterrupted: Bool { reporting?.wasInterrupted ?? false }

  /// Which start of several the interrupted training had come to, from 0.
  var resumedStart: Int { interrupted?.start ?? 0 }

  /// Trains a model.
  ///
  /// - Parameters:
  ///   - start: which start this is, if a network needs several.
  ///   - callbacks: take part beside those of the network.
  nonisolated(nonsending) func fit(
    _ model: Model, _ data: NetworkData, start: Int = 0, callbacks: [any Callback] = []
  ) async throws -> History {
    model.dtypePolicy = options.precision
    try network.compile(model, options.parameters)
    let isResumed = interrupted != nil && start == resumedStart
    if !isResumed { try folder.begin(TrainingRun(network, options, start: start)) }
    let reporting = ReportingCallback(reporter, save: folder.save)
    self.reporting = reporting
    let history = try await model.fit(
      data, options, callbacks: network.callbacks(options.parameters) + callbacks + [reporting],
      resumeFrom: isResumed ? try folder.state() : nil)
    try reporting.keepState()
    return history
  }

  /// Evaluates, presents and saves the model.
  ///
  /// - Parameter figures: what else is to be told with the result.
  nonisolated(nonsending) func finish(
    _ model: Model, _ data: NetworkData, _ history: History, figures: Logs = Logs()
  ) async throws -> TrainingResult {
    let seconds = (clock.now - start).seconds
    let test = wasInterrupted ? nil : try await evaluate(model, data.test)
    try folder.save(
      model, network: network.name, options: options.record(for: network), data: data.record,
      test: test)
    if !wasInterrupted {
      try await network.present(model, data, in: folder, reporter: reporter)
    }
    return TrainingResult(
      network: network.name, history: history, test: test, figures: figures, seconds: seconds,
      out: options.out, wasInterrupted: wasInterrupted)
  }

  /// Loss and metrics on samples.
  nonisolated(nonsending) func evaluate(
    _ model: Model, _ samples: LabelledSamples
  ) async throws -> Logs {
    try await model.evaluate(samples, batchSize: options.parameters.batchSize)
  }
}

extension Duration {
  /// The duration as a number.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
