import PlushData
import PlushNN
import PlushTensor

/// A `.h5` file of a whole model, as Keras 2 and 3 write it, or of weights alone.
enum KerasHDF5 {
  /// The model in a file, compiled if it was saved so.
  static func load(_ path: String, _ options: LoadOptions) throws -> Model {
    let source = try ByteSource(file: path)
    let root = try HDF5File(source).root
    guard let config = try root.attribute("model_config")?.string else {
      throw FileError(
        .unsupported, path, expected: "a whole model (the attribute model_config)",
        found: "weights alone, or another HDF5 file",
        hint: "make the model and call loadWeights(from:)")
    }
    let version = try root.attribute("keras_version")?.string ?? "2"
    let isKeras2 = !version.hasPrefix("3")
    let model = try KerasConfig.model(try json(config, path), isKeras2: isKeras2, path)
    let weights = try root.group("model_weights").namedLayerWeights(of: model, path)
    try weights.assign(size: source.size, path, options.progress)
    guard let text = try root.attribute("training_config")?.string else { return model }
    guard try model.compile(keras: try json(text, path)) else {
      options.note("the optimizer, loss and metrics: something in them is not known here")
      return model
    }
    guard root.names.contains("optimizer_weights") else { return model }
    let state = try root.group("optimizer_weights")
    if try !state.setOptimizer(of: model, try state.orderedNames("weight_names")) {
      options.note("the state of the optimizer")
    }
    return model
  }

  private static func json(_ text: String, _ path: String) throws -> JSON {
    do {
      return try JSON(parsing: text)
    } catch let error as JSONError {
      throw FileError(error, path)
    }
  }

  /// The weights in a file for a model that is there, of a whole model or alone.
  static func weights(_ path: String, of model: Model) throws -> (
    list: [WeightAssignment], size: Int
  ) {
    let source = try ByteSource(file: path)
    let root = try HDF5File(source).root
    if root.names.contains("model_weights") {
      let group = try root.group("model_weights")
      return (try group.namedLayerWeights(of: model, path), source.size)
    }
    let isOld = try root.attribute("layer_names") != nil || root.attribute("layer_names0") != nil
    let list =
      isOld
      ? try root.namedLayerWeights(of: model, path) : try root.keras3Weights(of: model, path)
    return (list, source.size)
  }

  /// Writes a whole model in one step, in the layout of Keras 3.
  static func write(_ model: Model, to path: String, _ options: SaveOptions) throws {
    let root = HDF5GroupToWrite()
    let config = try model.keras3Object(path)
    let text = try config.text(nonFinite: .literal)
    root.attributes = [
      ("backend", .string("tensorflow")), ("keras_version", .string(KerasConfig.version)),
      ("model_config", .string(text)),
    ]
    root.putNamedLayerWeights(of: model)
    if options.includesOptimizer, model.training != nil {
      model.noteTraining(options)
      if var compiled = model.compileConfig {
        compiled["optimizer_config"] = compiled["optimizer"]
        compiled["optimizer"] = nil
        root.attributes.append(
          ("training_config", .string(try compiled.text(nonFinite: .literal))))
        root.putNamedOptimizer(of: model)
      } else {
        options.note("the optimizer, loss and metrics: something in them has no name in files")
      }
    }
    try root.write(to: path)
  }

  /// Writes the weights alone in one step, in the layout of Keras 3.
  static func writeWeights(of model: Model, to path: String) throws {
    let root = HDF5GroupToWrite()
    root.putKeras3Weights(of: model)
    try root.write(to: path)
  }
}

extension HDF5Group {
  /// A list of names, which Keras cuts where it is too long for one attribute.
  func orderedNames(_ attribute: String) throws -> [String] {
    if let names = try self.attribute(attribute)?.strings { return names }
    var names: [String] = []
    var number = 0
    while let more = try self.attribute("\(attribute)\(number)")?.strings {
      names += more
      number += 1
    }
    return names
  }

  /// The weights of a model, by the names of layers, or in their order where names differ.
  func namedLayerWeights(of model: Model, _ path: String) throws -> [WeightAssignment] {
    let groups = try orderedNames("layer_names").compactMap { name in
      let names = try group(name).orderedNames("weight_names")
      return names.isEmpty ? nil : (layer: name, arrays: names.map { "\(name)/\($0)" })
    }
    let layers = model.layersWithWeights
    let own =
      try layers.isEmpty || !names.contains("top_level_model_weights")
      ? [] : group("top_level_model_weights").orderedNames("weight_names")
    guard groups.count == layers.count, own.isEmpty else {
      throw FileError(
        .corrupt, path, expected: "weights of \(layers.count) layers",
        found: "those of \(groups.count)", hint: "does the file belong to this model?")
    }
    let byName = Dictionary(
      groups.map { ($0.layer, $0.arrays) }, uniquingKeysWith: { first, _ in first })
    let isNamed = layers.allSatisfy { byName[$0.layer.name] != nil }
    return try zip(layers, groups).flatMap { layer, group in
      let arrays = isNamed ? byName[layer.layer.name] ?? [] : group.arrays
      guard arrays.count == layer.weights.count else {
        throw FileError(
          .corrupt, path, at: .entry(group.layer),
          expected: "\(layer.weights.count) weights of \(layer.layer.label)",
          found: "\(arrays.count)", hint: "does the file belong to this model?")
      }
      return try zip(layer.weights, arrays).map {
        try WeightAssignment($0.name, $0.variable, try dataset($1), path)
      }
    }
  }
}

extension HDF5GroupToWrite {
  fileprivate func putNamedLayerWeights(of model: Model) {
    let group = group("model_weights")
    group.attributes = [
      ("backend", .string("tensorflow")), ("keras_version", .string(KerasConfig.version)),
    ]
    group.setNames("layer_names", model.kerasLayers.map(\.name))
    let weights = Dictionary(
      model.layersWithWeights.map { ($0.layer.name, $0.weights) },
      uniquingKeysWith: { first, _ in first })
    for layer in model.kerasLayers {
      let own = group.group(layer.name)
      // Names in a layer's group stand below it: `dense/dense/kernel`.
      let names = (weights[layer.name] ?? []).map { $0.name }
      own.setNames("weight_names", names)
      for (name, weight) in zip(names, weights[layer.name] ?? []) {
        own.put(HDF5ArrayToWrite(weight.variable), at: name)
      }
    }
    group.group("top_level_model_weights").setNames("weight_names", [])
  }

  fileprivate func putNamedOptimizer(of model: Model) {
    guard let variables = model.optimizerVariables else { return }
    let group = group("optimizer_weights")
    let names = variables.map { "optimizer/\($0.name)" }
    group.setNames("weight_names", names)
    for (name, variable) in zip(names, variables) {
      group.put(HDF5ArrayToWrite(variable.value), at: name)
    }
  }

  /// Notes a list of names, in pieces where it is too long for one attribute.
  private func setNames(_ attribute: String, _ names: [String]) {
    let most = 4000
    if names.isEmpty {
      let none = NamedArray(attribute, .float64, shape: [0], bytes: [])
      attributes.append((attribute, .array(none)))
    } else if names.count <= most {
      attributes.append((attribute, .strings(names)))
    } else {
      for (number, start) in stride(from: 0, to: names.count, by: most).enumerated() {
        let piece = Array(names[start..<min(start + most, names.count)])
        attributes.append(("\(attribute)\(number)", .strings(piece)))
      }
    }
  }
}

extension Model {
  /// The layers that have weights, with these in the order of Keras: those that are trained first.
  ///
  /// A weight in several layers stands under the first.
  fileprivate var layersWithWeights: [(layer: Layer, weights: [NamedWeight])] {
    kerasLayers.compactMap { layer in
      let all = layer.namedWeights
      let weights = all.filter(\.trainable) + all.filter { !$0.trainable }
      return weights.isEmpty ? nil : (layer, weights)
    }
  }
}
