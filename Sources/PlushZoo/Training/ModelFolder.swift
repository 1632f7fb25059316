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
    try write(model)
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
    return try readModel()
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
    let arrays = checkpoint.state.allTensors.sorted { $0.key < $1.key }.map(namedArray)
    let text = try checkpoint.json.text(nonFinite: .literal)
    try Safetensors(arrays, metadata: ["plush": text]).write(to: stateFile)
  }

  func checkpoint() throws -> Checkpoint? {
    guard case .file = try PathStatus(stateFile) else { return nil }
    let file = try Safetensors(file: stateFile)
    let json = try JSON(parsing: Array((file.metadata["plush"] ?? "").utf8))
    let tensors = file.arrays.map { ($0.name, tensor($0)) }
    return try Checkpoint(json: json, tensors: Dictionary(uniqueKeysWithValues: tensors))
  }
}

// MARK: - The model

extension ModelFolder {
  private var modelFile: String { "\(path)/model.json" }
  private var weightsFile: String { "\(path)/weights.safetensors" }

  private func write(_ model: Model) throws {
    let topology: JSON = [
      "class_name": .string(type(of: model).className), "config": model.config,
    ]
    try topology.write(to: modelFile)
    let arrays = model.namedWeights.map { namedArray($0.name, $0.variable.value) }
    try Safetensors(arrays).write(to: weightsFile)
  }

  private func readModel() throws -> Model {
    let topology = try JSON(file: modelFile)
    let layer = try Layer.make(
      className: topology.get("class_name", \.string), config: topology["config"] ?? [:])
    guard let model = layer as? Model else {
      throw ZooError("\(modelFile): expected a model, found the layer \(layer.label)")
    }
    let file = try Safetensors(file: weightsFile)
    for weight in model.namedWeights {
      guard let array = file[weight.name], array.shape == weight.variable.shape else {
        throw FileError(
          .corrupt, weightsFile, at: .entry(weight.name),
          expected: "an array of shape \(weight.variable.shape)",
          found: file[weight.name].map { "\($0.shape)" } ?? "none")
      }
      weight.variable.value = tensor(array)
    }
    return model
  }

  private func namedArray(_ name: String, _ tensor: Tensor) -> NamedArray {
    NamedArray(name, tensor.dtype, shape: tensor.shape, bytes: tensor.bytes()[...])
  }

  private func tensor(_ array: NamedArray) -> Tensor {
    array.bytes.withUnsafeBytes { Tensor(bytes: $0, shape: array.shape, dtype: array.dtype) }
  }
}
