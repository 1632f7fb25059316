import PlushData
import PlushNN
import PlushTensor

/// Reads a model from a folder in the layers format of TensorFlow.js, as `Model.save` and
/// TensorFlow.js write it, or from a file of Keras: `.keras`, or `.h5` of Keras 2 or 3.
///
/// What the file is tells its content, not its name. A model saved with its optimizer is compiled
/// and can be trained on.
///
/// - Parameters:
///   - path: the folder, the `model.json` in it, or the file.
///   - options: who is told how far reading is, and what could not be kept.
/// - Throws: `FileError` that names the file and the fault, `ModelError` that names the layer.
public func loadModel(from path: String, _ options: LoadOptions = LoadOptions()) throws -> Model {
  let format = try ModelFormat(contentOf: path)
  switch format {
  case .folder: return try loadFolder(path, options)
  case .keras: return try KerasArchive.load(path, options)
  case .hdf5: return try KerasHDF5.load(path, options)
  case .hdf5Weights, .safetensors, .npz:
    throw FileError(
      .unsupported, path, expected: "a whole model", found: "weights alone",
      hint: "make the model and call loadWeights(from:)")
  }
}

/// A model in the layers format of TensorFlow.js.
private func loadFolder(_ path: String, _ options: LoadOptions) throws -> Model {
  let file = path.hasSuffix(".json") ? path : "\(path)/model.json"
  let json = try JSON(file: file)
  guard let saved = json["modelTopology"], saved.object != nil else {
    throw FileError(
      .unsupported, file, expected: "the modelTopology of a layers model",
      found: json["format"]?.string ?? "none")
  }
  let topology = saved["model_config"] ?? saved
  guard let className = topology["class_name"]?.string else {
    throw FileError(.corrupt, file, expected: "the class_name of the model", found: "none")
  }
  let config = (topology["config"] ?? [:]).renamingActivations(LayersFormat.ownNames)
  func make() throws -> Model {
    guard let model = try Layer.make(className: className, config: config) as? Model else {
      throw FileError(.unsupported, file, expected: "a model", found: "the layer \(className)")
    }
    return model
  }
  guard let manifest = json["weightsManifest"] else { return try make() }
  let model = try Initializer.skipping {
    let model = try make()
    try model.build()
    return model
  }
  let weights = try TensorFlowJSWeights(manifest: manifest, path: file)
  try model.setWeights(weights.model, from: file)
  if try !model.compile(json["trainingConfig"], weights.optimizer) {
    options.note("the optimizer, loss and metrics: something in them is not known here")
  }
  return model
}

extension Model {
  /// Compiles the model as it was when it was saved; false if something in it is not known.
  fileprivate func compile(_ config: JSON?, _ optimizer: [NamedArray]) throws -> Bool {
    guard let config, !config.isNull else { return true }
    guard try compile(config: config) else { return false }
    try setOptimizerState(
      Dictionary(optimizer.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first }))
    return true
  }
}
