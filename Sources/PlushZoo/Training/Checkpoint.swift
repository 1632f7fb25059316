import Plush

/// Where an interrupted training stands, and how it was begun.
struct Checkpoint {
  let network: String
  let options: JSON
  /// Which start of several this is, from 0.
  let start: Int
  let state: TrainingState

  init(
    _ network: any Network, _ options: TrainingOptions, start: Int, _ state: TrainingState
  ) {
    self.network = network.name
    self.options = options.record
    self.start = start
    self.state = state
  }

  init(json: JSON, tensors: [String: Tensor]) throws {
    network = try json.get("network", \.string)
    options = try json.get("options") { $0 }
    start = try json.get("start", \.int)
    state = try TrainingState(json: try json.get("state") { $0 }, tensors: tensors)
  }

  var json: JSON {
    [
      "network": .string(network), "options": options, "start": .int(start),
      "state": state.json,
    ]
  }

  /// - Throws: `ZooError` if going on with these options would not give what the run promised.
  func check(_ network: any Network, _ asked: TrainingOptions) throws {
    guard network.name == self.network else {
      throw ZooError(
        "the training to resume in \(asked.out) is of the network '\(self.network)'",
        hint: "say plush train \(self.network), or choose another folder with --out")
    }
    for name in ["seed", "batch_size", "learning_rate"] {
      guard let was = options[name], let now = asked.record[name], was != now else { continue }
      let option = "--" + name.split(separator: "_").joined(separator: "-")
      throw ZooError(
        "the training to resume was begun with \(option) \(was.plainText), not \(now.plainText)",
        hint: "leave out \(option), or train anew without --resume")
    }
  }
}

extension JSON {
  fileprivate var plainText: String { (try? text()) ?? "" }
}
