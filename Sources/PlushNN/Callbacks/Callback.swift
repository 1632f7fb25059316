import PlushTensor

/// Takes part in training, is told of every batch and epoch and may stop it, and in prediction.
///
/// All methods have empty defaults. What one throws ends training, or the prediction, and is thrown
/// on by `fit` or `predict`; a callback that just wants an end calls `progress.stop`.
public protocol Callback: AnyObject {
  /// Before the first epoch.
  func onTrainBegin(_ progress: TrainingProgress) throws
  /// Before each epoch.
  func onEpochBegin(_ progress: TrainingProgress) throws
  /// Before each step.
  func onBatchBegin(_ progress: TrainingProgress) throws
  /// After each step.
  func onBatchEnd(_ progress: TrainingProgress) throws
  /// Before the validation of an epoch.
  func onTestBegin(_ progress: TrainingProgress) throws
  /// After the validation of an epoch.
  func onTestEnd(_ progress: TrainingProgress) throws
  /// After each epoch and its validation; `progress.logs` has `val_` values too.
  func onEpochEnd(_ progress: TrainingProgress) throws
  /// At the end, however it came.
  func onTrainEnd(_ progress: TrainingProgress) throws

  /// Before the first batch of a prediction.
  func onPredictBegin(_ progress: PredictionProgress) throws
  /// Before each batch of a prediction.
  func onPredictBatchBegin(_ progress: PredictionProgress) throws
  /// After each batch of a prediction; `progress.outputs` has what it gave.
  func onPredictBatchEnd(_ progress: PredictionProgress) throws
  /// After the last batch of a prediction.
  func onPredictEnd(_ progress: PredictionProgress) throws

  /// Where training is to go on from, if this callback kept a state of it.
  ///
  /// - Throws: `FileError` if the state is there but damaged.
  func stateToResume() throws -> TrainingState?

  /// Whether the others are told first, for callbacks that save what others remember.
  var runsLast: Bool { get }

  /// What the callback must remember when training is interrupted and resumed.
  var memory: CallbackMemory { get set }
}

extension Callback {
  /// Nothing.
  public func onTrainBegin(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onEpochBegin(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onBatchBegin(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onTestBegin(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onTestEnd(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onBatchEnd(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onEpochEnd(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onTrainEnd(_ progress: TrainingProgress) throws {}
  /// Nothing.
  public func onPredictBegin(_ progress: PredictionProgress) throws {}
  /// Nothing.
  public func onPredictBatchBegin(_ progress: PredictionProgress) throws {}
  /// Nothing.
  public func onPredictBatchEnd(_ progress: PredictionProgress) throws {}
  /// Nothing.
  public func onPredictEnd(_ progress: PredictionProgress) throws {}
  /// In the order in which callbacks were given.
  public var runsLast: Bool { false }
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
