/// Where training stands, and the means to stop it.
public final class TrainingProgress {
  /// The model that is trained.
  public let model: Model
  /// How many epochs there will be.
  public let epochs: Int
  /// How many batches an epoch has; 0 in the first epoch of a data set that does not know.
  public internal(set) var batches: Int
  /// The running epoch, from 0.
  public internal(set) var epoch = 0
  /// How many batches of the epoch are done.
  public internal(set) var batch = 0
  /// What was recorded up to the last epoch.
  public internal(set) var history = History()

  private let seed: Int
  private let callbacks: [any Callback]
  private var epochLogs: Logs?
  private(set) var stopReason: String?
  private(set) var isCancelled = false

  init(_ model: Model, epochs: Int, batches: Int, seed: Int, _ callbacks: [any Callback]) {
    self.model = model
    self.epochs = epochs
    self.batches = batches
    self.seed = seed
    self.callbacks = callbacks
  }

  /// Loss and metrics of the epoch so far; reading them costs a little.
  public var logs: Logs {
    get throws { try epochLogs ?? model.programs().trainingSums.logs() }
  }

  func setLogs(_ logs: Logs?) { epochLogs = logs }

  /// Adds a value to those of the epoch that just ended, such as the learning rate.
  public func record(_ name: String, _ value: Double) {
    epochLogs?[name] = value
    history.record(name, value)
  }

  /// How many steps the model has made in all.
  public var step: Int { model.training?.step ?? 0 }

  /// Ends training after this batch or epoch.
  public func stop(_ reason: String) { stopReason = stopReason ?? reason }

  /// Interrupts training after this batch or epoch, as cancelling its task does: a resumed run goes
  /// on from here.
  public func cancel() { isCancelled = true }

  /// All that is needed to go on from here with the same bits.
  ///
  /// - Throws: `ModelError` if the model was not compiled.
  public func state() throws -> TrainingState {
    var state = try model.trainingState()
    // A finished epoch is the begin of the next.
    let isFinished = history.epochs.last == epoch
    state.epoch = isFinished ? epoch + 1 : epoch
    state.batch = isFinished ? 0 : batch
    state.seed = seed
    state.history = history
    // What was cancelled goes on; what a callback stopped does not.
    state.history.end = stopReason == nil ? .completed : .stopped
    state.history.reason = stopReason
    state.callbacks = callbacks.map(\.memory)
    return state
  }
}
