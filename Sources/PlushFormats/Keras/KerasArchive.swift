import PlushData
import PlushNN

/// A `.keras` file: a zip file of the configuration, the weights and a note of the version.
enum KerasArchive {
  private static let configName = "config.json"
  private static let metadataName = "metadata.json"
  private static let weightsName = "model.weights.h5"

  /// Whether a zip file is one of Keras.
  static func holds(_ archive: ZipArchive) -> Bool {
    archive.entries.contains { $0.name == configName }
  }

  /// The model in a file, compiled if it was saved so.
  static func load(_ path: String, _ options: LoadOptions) throws -> Model {
    let archive = try ZipArchive(file: path)
    func entry(_ name: String) throws -> ZipArchive.Entry {
      if let entry = archive.entries.first(where: { $0.name == name }) { return entry }
      throw FileError(
        .corrupt, path, at: .entry(name), expected: "this part of a file of Keras 3", found: "none")
    }
    func json(_ name: String) throws -> JSON {
      do {
        return try JSON(parsing: try archive.read(try entry(name), limit: 2 << 20 + archive.size))
      } catch let error as JSONError {
        throw FileError(error, "\(path)/\(name)")
      }
    }
    let config = try json(configName)
    let version = try json(metadataName)["keras_version"]?.string ?? KerasConfig.version
    let model = try KerasConfig.model(config, isKeras2: version.hasPrefix("2"), path)
    let source = try archive.source(of: try entry(weightsName))
    let root = try HDF5File(source).root
    try root.keras3Weights(of: model, path).assign(size: source.size, path, options.progress)
    guard let compiled = config["compile_config"], compiled.object?.isEmpty == false else {
      return model
    }
    guard try model.compile(keras: compiled) else {
      options.note("the optimizer, loss and metrics: something in them is not known here")
      return model
    }
    let state = root.contains("optimizer/vars") ? try root.group("optimizer/vars").names.count : 0
    let names = (0..<state).map { "optimizer/vars/\($0)" }
    if try state > 0 && !root.setOptimizer(of: model, names) {
      options.note("the state of the optimizer")
    }
    if archive.entries.contains(where: { $0.name.hasPrefix("assets/") && $0.size > 0 }) {
      options.note("the assets of layers, such as vocabularies")
    }
    return model
  }

  /// Writes a model in one step.
  static func write(_ model: Model, to path: String, _ options: SaveOptions) throws {
    var config = try model.keras3Object(path)
    let root = HDF5GroupToWrite()
    root.putKeras3Weights(of: model)
    if options.includesOptimizer, model.training != nil {
      model.noteTraining(options)
      if let compiled = model.compileConfig {
        config["compile_config"] = compiled
        root.putKeras3Optimizer(of: model)
      } else {
        options.note("the optimizer, loss and metrics: something in them has no name in files")
      }
    }
    let weights = try HDF5Writer(root, path: path)
    let text = try config.text(nonFinite: .literal)
    try writeFile(path) { writer in
      var directory = ZipDirectory(path: path)
      let entries = [(metadataName, try metadata.text()), (configName, text)]
      for (name, text) in entries {
        try directory.write(name, [Array(text.utf8)[...]], isCompressed: false, to: &writer)
      }
      try directory.write(weightsName, to: &writer) { take in
        try weights.write(take)
      }
      try directory.finish(&writer)
    }
  }

  /// The version whose layout this is. Equal models make equal files, so the date is fixed.
  private static let metadata: JSON = [
    "keras_version": .string(KerasConfig.version), "date_saved": "1980-01-01@00:00:00",
  ]
}
