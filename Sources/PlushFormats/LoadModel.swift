import PlushData
import PlushNN
import PlushTensor

/// Reads a model from a folder in the layers format of TensorFlow.js, as `Model.save` and
/// TensorFlow.js write it.
///
/// A model saved with its optimizer is compiled and can be trained on.
///
/// - Parameter path: the folder, or the `model.json` in it.
/// - Throws: `FileError` that names the file and the fault, `ModelError` that names the layer.
public func loadModel(from path: String) throws -> Model {
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
  let name = className == "Model" ? "Functional" : className
  guard let model = try Layer.make(className: name, config: config) as? Model else {
    throw FileError(.unsupported, file, expected: "a model", found: "the layer \(className)")
  }
  if let manifest = json["weightsManifest"] {
    try model.build()
    let weights = try TensorFlowJSWeights(manifest: manifest, path: file)
    try model.setWeights(weights.model, from: file)
    try model.compile(json["trainingConfig"], weights.optimizer)
  }
  return model
}

extension Model {
  /// Compiles the model as it was when it was saved, where that is known.
  fileprivate func compile(_ config: JSON?, _ optimizer: [NamedArray]) throws {
    guard let config, !config.isNull, try compile(config: config) else { return }
    try setOptimizerState(
      Dictionary(optimizer.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first }))
  }
}
