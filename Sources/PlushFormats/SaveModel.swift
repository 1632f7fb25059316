import PlushData
import PlushNN
import PlushTensor

// A saved model is a folder of TensorFlow.js's layers format. Each save writes the weights under a
// new name and replaces model.json last, so that whenever the process is killed model.json and the
// weights it names belong together.

extension Model {
  /// Writes the model: into a `.keras` or `.h5` file if the name ends so, as Keras 3 does, else into
  /// a folder in the layers format of TensorFlow.js, `model.json` and the weights beside it.
  ///
  /// - Parameters:
  ///   - path: the file, or the folder, which is created if it is missing.
  ///   - includesOptimizer: whether the state of the optimizer is written, with which training can
  ///     go on.
  /// - Throws: `FileError` if writing fails; what was there before is then still whole.
  public func save(to path: String, includesOptimizer: Bool = true) throws {
    try save(to: path, SaveOptions(includesOptimizer: includesOptimizer))
  }

  /// Writes the model in the format that the name says, and tells what could not be kept.
  ///
  /// - Parameters:
  ///   - path: the file or folder.
  ///   - options: what is written, and who is told what could not be kept.
  /// - Throws: `FileError` if writing fails; what was there before is then still whole. ONNX is
  ///   written by `ONNX.save` of PlushONNX.
  public func save(to path: String, _ options: SaveOptions) throws {
    try ModelFormat.checkNotONNX(path, hint: "call ONNX.save(model, to:) of PlushONNX")
    try build()
    switch ModelFormat(named: path) {
    case .folder: try saveFolder(path, options)
    case .keras: try KerasArchive.write(self, to: path, options)
    case .hdf5: try KerasHDF5.write(self, to: path, options)
    case .hdf5Weights, .safetensors, .npz:
      throw FileError(
        .unsupported, path, expected: "a folder, .keras or .h5 for a whole model",
        found: "a format of weights alone", hint: "saveWeights(to:) writes them")
    }
  }

  private func saveFolder(_ folder: String, _ options: SaveOptions) throws {
    let includesOptimizer = options.includesOptimizer
    if includesOptimizer, training != nil, trainingConfig == nil {
      options.note("the optimizer, loss and metrics: something in them has no name in files")
    }
    try FileSystem.createDirectory(folder)
    let name = "weights-\(String(UInt64.random(in: .min ... .max), radix: 36)).bin"
    let optimizer = includesOptimizer ? optimizerArrays : []
    let weights = TensorFlowJSWeights(model: weightArrays, optimizer: optimizer)
    do {
      let manifest = try weights.write(
        to: "\(folder)/\(name)", quantization: options.quantization)
      try description(manifest, withTraining: includesOptimizer).write(to: "\(folder)/model.json")
    } catch {
      FileSystem.remove("\(folder)/\(name)")
      throw error
    }
    for old in FileSystem.names(in: folder) where old != name && isOwnWeights(old) {
      FileSystem.remove("\(folder)/\(old)")
    }
  }

  private func isOwnWeights(_ name: String) -> Bool {
    name.hasPrefix("weights-") && name.hasSuffix(".bin")
  }

  private func description(_ manifest: JSON, withTraining: Bool) throws -> JSON {
    let topology: JSON = [
      "class_name": .string(type(of: self).className),
      "config": config.renamingActivations(LayersFormat.names),
      "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js",
    ]
    var json: JSON = [
      "format": "layers-model", "generatedBy": "Plush", "convertedBy": .null,
      "modelTopology": topology, "weightsManifest": manifest,
    ]
    if withTraining, let training = trainingConfig { json["trainingConfig"] = training }
    return json
  }

  private var optimizerArrays: [NamedArray] {
    optimizerState.map { NamedArray($0.name, $0.value) }
  }
}

/// Where the names of the format differ from those of Plush.
enum LayersFormat {
  /// TensorFlow.js's hard_sigmoid is that of Keras 2; it knows no other.
  static let names = ["hard_sigmoid_legacy": "hard_sigmoid", "hard_sigmoid": "hard_sigmoid_keras3"]
  static let ownNames = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
}

extension JSON {
  /// A configuration with other names of activations.
  func renamingActivations(_ names: [String: String]) -> JSON {
    switch self {
    case .array(let elements): return .array(elements.map { $0.renamingActivations(names) })
    case .object(let members):
      return .object(
        members.reduce(into: [:]) { result, member in
          let isActivation = member.key.hasSuffix("activation")
          if isActivation, let name = member.value.string {
            result[member.key] = .string(names[name] ?? name)
          } else {
            result[member.key] = member.value.renamingActivations(names)
          }
        })
    default: return self
    }
  }
}
