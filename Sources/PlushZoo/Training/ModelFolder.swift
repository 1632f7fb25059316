import Plush

/// The folder a trained network is saved in.
///
/// | file | content |
/// | --- | --- |
/// | `model.json` and its weights | the model, in the format of TensorFlow.js |
/// | `network.json` | which network of the zoo it is and how it was trained |
/// | `training.json`, `training.safetensors` | where training stands, for `--resume` |
public struct ModelFolder: Sendable, Hashable {
  /// The path.
  public let path: String

  /// Names a folder.
  public init(_ path: String) { self.path = path }

  /// The folder that a user means: a path, or the name of a model in the usual place.
  public init(named name: String) {
    func isModel(_ path: String) -> Bool {
      if case .file? = try? PathStatus("\(path)/model.json") { true } else { false }
    }
    let usual = Self.usualPath(of: name)
    let isNetwork = Zoo.networks.contains { $0.name == name }
    path = !isModel(name) && (isNetwork || isModel(usual)) ? usual : name
  }

  /// Where a network is saved if nobody says otherwise.
  public static func usualPath(of network: String) -> String { "models/\(network)" }

  private var networkFile: String { "\(path)/network.json" }
  private var runFile: String { "\(path)/training.json" }
  private var stateFile: String { "\(path)/training.safetensors" }

  /// Saves a trained model.
  func save(_ model: Model, network: String, options: JSON, data: JSON, test: Logs?) throws {
    try model.save(to: path, includesOptimizer: false)
    let test = test.map { logs in
      JSON.object(
        Dictionary(uniqueKeysWithValues: logs.entries.map { ($0.name, .double($0.value)) }))
    }
    let record: JSON = [
      "network": .string(network), "options": options, "data": data, "test": test ?? .null,
    ]
    try record.write(to: networkFile, nonFinite: .null)
  }

  /// The saved model.
  ///
  /// - Throws: `ZooError` if there is none, `FileError` if it is damaged.
  public func load() throws -> Model {
    guard case .file = try PathStatus("\(path)/model.json") else {
      throw ZooError(
        "there is no model at \(path)",
        hint: "train one first, as with: plush train xor --out \(path)")
    }
    return try loadModel(from: path)
  }

  /// What was recorded about the network; nil for models that are not of the zoo.
  public func record() throws -> JSON? {
    guard case .file = try PathStatus(networkFile) else { return nil }
    return try JSON(file: networkFile)
  }

  /// The options and settings that an interrupted training of a network was begun with; nil if
  /// there is none.
  public func interruptedOptions(of network: any Network) throws -> JSON? {
    guard let run = try interruptedRun(), run.network == network.name else { return nil }
    return run.options
  }

  /// The training that may be gone on with; nil if there is none.
  func interruptedRun() throws -> TrainingRun? {
    guard case .file = try PathStatus(runFile), case .file = try PathStatus(stateFile) else {
      return nil
    }
    return try TrainingRun(json: try JSON(file: runFile))
  }

  /// Records that a training begins; the state of an earlier one goes.
  func begin(_ run: TrainingRun) throws {
    try FileSystem.createDirectory(path)
    FileSystem.remove(stateFile)
    try run.json.write(to: runFile)
  }

  /// Records where training stands.
  func save(_ state: TrainingState) throws { try state.write(to: stateFile) }

  /// Where training stands.
  func state() throws -> TrainingState { try TrainingState(file: stateFile) }
}
