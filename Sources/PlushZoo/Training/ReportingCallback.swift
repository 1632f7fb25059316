import Plush

/// Tells a reporter how training goes, and keeps the state of training from time to time.
final class ReportingCallback: Callback {
  private let reporter: any Reporter
  private let save: (TrainingState) throws -> Void
  private let clock = ContinuousClock()
  private var epochStart: ContinuousClock.Instant
  private var lastSave: ContinuousClock.Instant
  private var last: TrainingState?
  /// Whether the reporter asked for the end.
  private(set) var wasInterrupted = false

  init(_ reporter: any Reporter, save: @escaping (TrainingState) throws -> Void) {
    self.reporter = reporter
    self.save = save
    epochStart = clock.now
    lastSave = epochStart
  }

  func onEpochBegin(_ progress: TrainingProgress) { epochStart = clock.now }

  func onBatchEnd(_ progress: TrainingProgress) throws {
    reporter.report(.batch(progress))
    // At the last batch the epoch is ended first.
    if progress.batch < progress.batches { stopIfAsked(progress) }
  }

  func onEpochEnd(_ progress: TrainingProgress) throws {
    let seconds = (clock.now - epochStart).seconds
    reporter.report(
      .epoch(
        number: progress.epoch + 1, of: progress.epochs, logs: try progress.logs,
        seconds: seconds))
    stopIfAsked(progress)
    // Epochs may be shorter than it takes to write a file.
    guard clock.now - lastSave > .milliseconds(500) else { return }
    try save(try progress.state())
    lastSave = clock.now
  }

  func onTrainEnd(_ progress: TrainingProgress) throws { last = try progress.state() }

  /// Saves the state at the end of training, to go on from there with more epochs.
  func keepState() throws {
    if let last { try save(last) }
  }

  private func stopIfAsked(_ progress: TrainingProgress) {
    guard reporter.isStopRequested, !wasInterrupted else { return }
    wasInterrupted = true
    progress.cancel()
  }
}
