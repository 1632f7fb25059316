/// What `fit` recorded: loss and metrics of each epoch.
///
/// ```swift
/// let history = try await model.fit(x, y, epochs: 5)
/// print(history["accuracy"])
/// ```
public struct History: Sendable, Hashable {
  /// Why training ended.
  public enum End: String, Sendable, Hashable {
    /// All epochs were run.
    case completed
    /// The task was cancelled; the model keeps what it had learned.
    case cancelled
    /// A callback stopped it.
    case stopped
  }

  /// The numbers of the epochs, from 0.
  public internal(set) var epochs: [Int] = []
  /// Loss and metrics of each epoch.
  public internal(set) var logs: [Logs] = []
  /// Why training ended.
  public internal(set) var end = End.completed
  /// What the callback that stopped training said.
  public internal(set) var reason: String?

  /// The values with this name, one for each epoch that has it.
  public subscript(_ name: String) -> [Double] { logs.compactMap { $0[name] } }

  /// The names, in the order in which they are shown.
  public var names: [String] { logs.last?.names ?? [] }

  /// Adds a value to those of the last epoch.
  mutating func record(_ name: String, _ value: Double) {
    if !logs.isEmpty { logs[logs.count - 1][name] = value }
  }

  mutating func append(_ epoch: Int, _ logs: Logs) {
    epochs.append(epoch)
    self.logs.append(logs)
  }
}

extension History {
  /// The history as JSON: the epochs, and a list of values for each name.
  public var json: JSON {
    [
      "epochs": .array(epochs.map(JSON.int)),
      "end": .string(end.rawValue), "reason": reason.map(JSON.string) ?? .null,
      "logs": .array(
        logs.map { .array($0.entries.map { [.string($0.name), .double($0.value)] }) }),
    ]
  }

  /// Reads what `json` gave; nil if it is something else.
  public init?(json: JSON) {
    guard let epochs = json["epochs"]?.array, let logs = json["logs"]?.array,
      epochs.count == logs.count
    else { return nil }
    self.epochs = epochs.compactMap(\.int)
    end = json["end"]?.string.flatMap(End.init) ?? .completed
    reason = json["reason"]?.string
    self.logs = logs.map { entries in
      let entries = entries.array ?? []
      return Logs(
        entries.map { $0[0]?.string ?? "" }, entries.map { $0[1]?.double ?? .nan })
    }
    guard self.epochs.count == logs.count else { return nil }
  }
}
