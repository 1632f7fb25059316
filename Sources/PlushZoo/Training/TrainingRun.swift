import Plush

/// What was asked of a training, which going on with it must not change.
struct TrainingRun {
  let network: String
  let options: JSON
  /// Which start of several this is, from 0.
  let start: Int

  init(_ network: any Network, _ options: TrainingOptions, start: Int) {
    self.network = network.name
    self.options = options.record(for: network)
    self.start = start
  }

  init(json: JSON) throws {
    network = try json.get("network", \.string)
    options = try json.get("options") { $0 }
    start = try json.get("start", \.int)
  }

  var json: JSON {
    ["network": .string(network), "options": options, "start": .int(start)]
  }

  /// - Throws: `ZooError` if going on with these options would not give what the run promised.
  func check(_ network: any Network, _ asked: TrainingOptions) throws {
    guard network.name == self.network else {
      throw ZooError(
        "the training to resume in \(asked.out) is of the network '\(self.network)'",
        hint: "say plush train \(self.network), or choose another folder with --out")
    }
    let record = asked.record(for: network)
    let settings = (network.settingValues.object ?? [:]).keys.sorted()
    for name in ["seed", "batch_size", "learning_rate", "precision"] + settings {
      guard let was = options[name], let now = record[name], was != now else { continue }
      let option = "--" + name.split(separator: "_").joined(separator: "-")
      throw ZooError(
        "the training to resume was begun with \(option) \(was.plainText), not \(now.plainText)",
        hint: "leave out \(option), or train anew without --resume")
    }
  }
}
