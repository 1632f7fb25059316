import PlushData
import PlushNN

/// Configurations of models as Keras writes them.
enum KerasConfig {
  /// The version of Keras whose layout is written.
  static let version = "3.15.1"

  /// Makes the model that a configuration describes; its weights are yet to be set.
  ///
  /// - Throws: `FileError`, or `ModelError` that names the layer at fault.
  static func model(_ config: JSON, isKeras2: Bool, _ path: String) throws -> Model {
    guard let className = config["class_name"]?.string else {
      throw FileError(
        .corrupt, path, expected: "the class_name of the model", found: config.summary)
    }
    var arguments = config["config"] ?? [:]
    // Some activations changed between the versions under one name.
    if isKeras2 { arguments = arguments.renamingActivations(LayersFormat.ownNames) }
    // Models that only their build_config gives a shape.
    if arguments["build_input_shape"] == nil, arguments.object != nil,
      let shape = config["build_config"]?["input_shape"]
    {
      arguments["build_input_shape"] = shape
    }
    return try Initializer.skipping {
      guard let model = try Layer.make(className: className, config: arguments) as? Model else {
        throw FileError(.unsupported, path, expected: "a model", found: "the layer \(className)")
      }
      try model.build()
      return model
    }
  }
}
