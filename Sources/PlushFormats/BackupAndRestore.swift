import PlushData
import PlushNN

/// Keeps a file from which an interrupted training goes on.
///
/// A program whose `fit` has this callback can be killed at any moment and started again: it goes
/// on from the last written state and ends with the same bits as if nothing had happened. The file
/// is removed when training is over.
public final class BackupAndRestore: Callback {
  private let path: String
  private let everySteps: Int?

  /// Creates the callback.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - everySteps: also write after every so many steps, not only after epochs.
  public init(_ path: String, everySteps: Int? = nil) {
    self.path = path
    self.everySteps = everySteps
  }

  /// True: the state holds what other callbacks remember.
  public var runsLast: Bool { true }

  /// The state in the file, or nil if there is no file.
  ///
  /// - Throws: `FileError` if the file is damaged or something else.
  public func stateToResume() throws -> TrainingState? {
    do {
      return try TrainingState(file: path)
    } catch let error as FileError where error.kind == .missing {
      return nil
    }
  }

  /// Writes the state from which training begins.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onTrainBegin(_ progress: TrainingProgress) throws {
    removeUnfinishedFiles(of: path)
    try progress.state().write(to: path)
  }

  /// Writes the state after every `everySteps` steps.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onBatchEnd(_ progress: TrainingProgress) throws {
    // The end of an epoch writes by itself.
    guard let everySteps, progress.step % everySteps == 0, progress.batch != progress.batches
    else { return }
    try progress.state().write(to: path)
  }

  /// Writes the state.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onEpochEnd(_ progress: TrainingProgress) throws {
    try progress.state().write(to: path)
  }

  /// Removes the file, unless training was cancelled.
  public func onTrainEnd(_ progress: TrainingProgress) {
    if progress.history.end != .cancelled { FileSystem.remove(path) }
  }
}
