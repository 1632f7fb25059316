import Plush

/// The folder a trained network is saved in.
///
/// | file | content |
/// | --- | --- |
/// | `model.json`, `weights.safetensors` | the layers and their weights |
/// | `network.json` | which network of the zoo it is and how it was trained |
/// | `training.safetensors` | where training stands, for `--resume` |
public struct ModelFolder: Sendable, Hashable {
  /// The path.
  public let path: String

  /// Names a folder.
  public init(_ path: String) { self.path = path }

  private var networkFile: String { "\(path)/network.json" }
  private var stateFile: String { "\(path)/training.safetensors" }

  /// Saves a trained model.
  func save(_ model: Model, network: String, options: JSON, data: JSON, test: Logs?) throws {
    try FileSystem.createDirectory(path)
    try model.save(path)
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
    guard case .directory = try PathStatus(path) else {
      throw ZooError(
        "there is no model at \(path)",
        hint: "train one first, as with: plush train xor --out \(path)")
    }
    return try loadModel(path)
  }

  /// What was recorded about the network; nil for models that are not of the zoo.
  public func record() throws -> JSON? {
    guard case .file = try PathStatus(networkFile) else { return nil }
    return try JSON(file: networkFile)
  }

  /// The options that an interrupted training was begun with; nil if there is none.
  public func interruptedOptions() throws -> JSON? { try checkpoint()?.options }

  func save(_ checkpoint: Checkpoint) throws {
    try FileSystem.createDirectory(path)
    let arrays = checkpoint.state.allTensors.sorted { $0.key < $1.key }.map { name, tensor in
      NamedArray(name, tensor.dtype, shape: tensor.shape, bytes: tensor.bytes()[...])
    }
    let text = try checkpoint.json.text(nonFinite: .python)
    try Safetensors(arrays, metadata: ["plush": text]).write(to: stateFile)
  }

  func checkpoint() throws -> Checkpoint? {
    guard case .file = try PathStatus(stateFile) else { return nil }
    let file = try Safetensors(file: stateFile)
    let json = try JSON(parsing: Array((file.metadata["plush"] ?? "").utf8))
    let tensors = file.arrays.map { array in
      let tensor = array.bytes.withUnsafeBytes {
        Tensor(bytes: $0, shape: array.shape, dtype: array.dtype)
      }
      return (array.name, tensor)
    }
    return try Checkpoint(json: json, tensors: Dictionary(uniqueKeysWithValues: tensors))
  }
}
