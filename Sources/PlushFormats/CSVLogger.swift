import PlushData
import PlushNN

/// Writes loss and metrics of each epoch into a table: a line of names, `epoch` first, then a line
/// of values for each epoch, counted from 0; commas between, nothing where there is no value.
public final class CSVLogger: Callback {
  private let path: String

  /// Creates the callback; the file is written anew after each epoch.
  public init(_ path: String) { self.path = path }

  /// Writes the table of all epochs so far, in one step.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onEpochEnd(_ progress: TrainingProgress) throws {
    let history = progress.history
    var lines = [(["epoch"] + history.names).joined(separator: ",")]
    for (epoch, logs) in zip(history.epochs, history.logs) {
      let values = history.names.map { name in logs[name].map { "\($0)" } ?? "" }
      lines.append((["\(epoch)"] + values).joined(separator: ","))
    }
    try writeFile(path, lines.joined(separator: "\n") + "\n")
  }
}
