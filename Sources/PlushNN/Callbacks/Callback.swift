import PlushTensor

/// Takes part in training: is told of every batch and epoch, and may stop it.
///
/// All methods have empty defaults.
public protocol Callback: AnyObject {
  /// Before the first epoch.
  func onTrainBegin(_ progress: Progress) throws
  /// Before each epoch.
  func onEpochBegin(_ progress: Progress) throws
  /// After each step.
  func onBatchEnd(_ progress: Progress) throws
  /// After each epoch and its validation; `progress.logs` has `val_` values too.
  func onEpochEnd(_ progress: Progress) throws
  /// At the end, however it came.
  func onTrainEnd(_ progress: Progress) throws

  /// Where training is to go on from, if this callback kept a state of it.
  func stateToResume() throws -> TrainingState?

  /// What the callback must remember when training is interrupted and resumed.
  var memory: CallbackMemory { get set }
}

extension Callback {
  /// Nothing.
  public func onTrainBegin(_ progress: Progress) throws {}
  /// Nothing.
  public func onEpochBegin(_ progress: Progress) throws {}
  /// Nothing.
  public func onBatchEnd(_ progress: Progress) throws {}
  /// Nothing.
  public func onEpochEnd(_ progress: Progress) throws {}
  /// Nothing.
  public func onTrainEnd(_ progress: Progress) throws {}
  /// None.
  public func stateToResume() throws -> TrainingState? { nil }
  /// Nothing.
  public var memory: CallbackMemory {
    get { CallbackMemory() }
    set {}
  }
}

/// What a callback remembers across an interruption.
public struct CallbackMemory: Sendable {
  /// Numbers and texts.
  public var json: JSON
  /// Arrays by name.
  public var tensors: [String: Tensor]

  /// Creates a memory.
  public init(_ json: JSON = .null, tensors: [String: Tensor] = [:]) {
    self.json = json
    self.tensors = tensors
  }
}

/// Where training stands, and the means to stop it.
public final class Progress {
  /// The model that is trained.
  public let model: Model
  /// How many epochs there will be.
  public let epochs: Int
  /// How many batches an epoch has.
  public let batches: Int
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

  /// How many steps the model has made in all.
  public var step: Int { model.training?.step ?? 0 }

  /// Ends training after this batch or epoch.
  public func stop(_ reason: String) { stopReason = stopReason ?? reason }

  /// All that is needed to go on from here with the same bits.
  public func state() throws -> TrainingState {
    var state = try model.trainingState()
    // A finished epoch is the begin of the next.
    let isFinished = history.epochs.last == epoch
    state.epoch = isFinished ? epoch + 1 : epoch
    state.batch = isFinished ? 0 : batch
    state.seed = seed
    state.history = history
    state.callbacks = callbacks.map(\.memory)
    return state
  }
}
