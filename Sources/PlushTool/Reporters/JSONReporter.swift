import Plush
import PlushZoo

/// Prints one object a line.
final class JSONReporter: Reporter {
  var isStopRequested: Bool { Interrupt.isRequested }

  func report(_ event: Event) {
    switch event {
    case .start(let network, let options, let data):
      let head: JSON = [
        "event": "start", "network": .string(network.name), "seed": .int(options.seed),
        "epochs": .int(options.parameters.epochs), "data": .string(data.origin),
        "batch_size": .int(options.parameters.batchSize),
        "learning_rate": .double(options.parameters.learningRate),
        "training_samples": .int(data.training.count), "test_samples": .int(data.test.count),
      ]
      let settings = network.settingValues.object ?? [:]
      printJSON(settings.reduce(into: head) { $0[$1.key] = $1.value })
    case .note(let text): printJSON(["event": "note", "message": .string(text)])
    case .warning(let text): printJSON(["event": "warning", "message": .string(text)])
    case .download(let name, let received, let total):
      printJSON([
        "event": "download", "name": .string(name), "received": .int(received),
        "total": total.map(JSON.int) ?? .null,
      ])
    case .epoch(let number, let of, let logs, let seconds):
      let head: JSON = [
        "event": "epoch", "epoch": .int(number), "epochs": .int(of), "seconds": .double(seconds),
      ]
      printJSON(head.adding(logs))
    case .file(let path, let shows):
      printJSON(["event": "file", "path": .string(path), "shows": .string(shows)])
    case .batch, .pictures: break
    }
  }

  /// The last line of a training.
  func end(_ result: TrainingResult) {
    let head: JSON = [
      "event": result.wasInterrupted ? "interrupted" : "end", "network": .string(result.network),
      "seconds": .double(result.seconds), "out": .string(result.out),
      "epochs": .int(result.history.epochs.count),
    ]
    printJSON(head.adding(result.test ?? Logs(), prefix: "test_").adding(result.figures))
  }
}

extension JSON {
  /// The object with the values of logs.
  func adding(_ logs: Logs, prefix: String = "") -> JSON {
    var json = self
    for entry in logs.entries { json[prefix + entry.name] = .double(entry.value) }
    return json
  }
}
