import PlushData
import PlushNN

// Configurations of models as Keras 3 writes them, made of those of TensorFlow.js and Keras 2,
// which are Plush's own.

extension Model {
  /// The model as an object of Keras 3.
  ///
  /// - Throws: `FileError` that names what Keras does not have; `path` names the file.
  func keras3Object(_ path: String) throws -> JSON {
    let json = try keras3Config(path)
    try json.checkKeras3(path)
    return json
  }

  private func keras3Config(_ path: String) throws -> JSON {
    let className = type(of: self).className
    guard !isOwnClass else {
      return classAndConfig.keras3Layer()
    }
    var config = self.config
    let shapes = shapesOfCalls
    let byName = Dictionary(layers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var layers: [JSON] = []
    if self is Sequential, let shape = inputShapes.first, !(self.layers.first is InputLayer) {
      let input = InputLayer(shape: Array(shape.dropFirst()), name: "\(name)_input")
      layers.append(input.classAndConfig.keras3Layer())
    }
    for json in config["layers"]?.array ?? [] {
      let name = json["config"]?["name"]?.string ?? ""
      var layer: JSON
      if let model = byName[name] as? Model {
        layer = try model.keras3Config(path)
      } else {
        layer = json.keras3Layer()
      }
      if let calls = json["inbound_nodes"]?.array {
        layer["name"] = .string(name)
        layer["inbound_nodes"] = .array(
          calls.map { $0.keras3Call(of: json["class_name"]?.string ?? "", shapes) })
      }
      layers.append(layer)
    }
    config["layers"] = .array(layers)
    for key in ["input_layers", "output_layers"] {
      if let list = config[key]?.array, list.count == 1 { config[key] = list[0] }
    }
    if self is Sequential, let shape = inputShapes.first {
      config["build_input_shape"] = shape.json
    }
    let module = self is Sequential ? "keras" : "keras.src.models.functional"
    return [
      "module": .string(module), "class_name": .string(className), "config": config,
      "registered_name": .null,
    ]
  }
}

extension Shape {
  var json: JSON { .array(map { $0.map(JSON.int) ?? .null }) }
}

/// Layers whose further inputs are the states that they begin with.
private let layersWithStates: Set<String> = [
  "SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D",
]

/// Members that Keras 3 would refuse; the last two change training alone.
private let unknownToKeras3: Set<String> = ["batch_input_shape", "recompute", "weight_dropout"]

extension JSON {
  /// A layer of Keras 3 from class and configuration.
  fileprivate func keras3Layer() -> JSON {
    let className = self["class_name"]?.string ?? ""
    var config = (self["config"] ?? [:]).keras3Members
    if className == "InputLayer" {
      config["batch_shape"] = self["config"]?["batch_input_shape"]
    }
    // These take no more than they need.
    if className.hasPrefix("SpatialDropout") { config["trainable"] = nil }
    if Layer.isBuiltIn(className) {
      let modules = ["Functional": "keras.src.models.functional", "Sequential": "keras"]
      return [
        "module": .string(modules[className] ?? "keras.layers"), "class_name": .string(className),
        "config": config, "registered_name": .null,
      ]
    }
    return [
      "module": .null, "class_name": .string(className), "config": config,
      "registered_name": .string("Custom>\(className)"),
    ]
  }

  /// The members of a configuration, each object in it with its module.
  private var keras3Members: JSON {
    guard let object else { return self }
    return .object(
      object.reduce(into: [:]) { result, member in
        if unknownToKeras3.contains(member.key) { return }
        result[member.key] = member.value.keras3Value(of: member.key)
      })
  }

  private func keras3Value(of key: String) -> JSON {
    if let array { return .array(array.map { $0.keras3Value(of: key) }) }
    guard self["class_name"] != nil, self["module"] == nil else { return self }
    if key.hasSuffix("initializer") { return keras3Object("keras.initializers") }
    if key.hasSuffix("regularizer") { return keras3Object("keras.regularizers") }
    if key.hasSuffix("constraint") { return keras3Object("keras.constraints") }
    if key.hasSuffix("optimizer") { return keras3Object("keras.optimizers") }
    return keras3Layer()
  }

  /// Class and configuration as an object of a module.
  func keras3Object(_ module: String) -> JSON {
    [
      "module": .string(module), "class_name": self["class_name"] ?? .null,
      "config": (self["config"] ?? [:]).keras3Members, "registered_name": .null,
    ]
  }

  /// A call, given as a list of [layer, call, output, arguments].
  fileprivate func keras3Call(of className: String, _ shapes: [String: [[Shape]]]) -> JSON {
    var tensors = (array ?? []).map { $0.keras3Tensor(shapes) }
    var arguments = (self[0]?[3] ?? [:]).object ?? [:]
    // Inputs among the arguments are [layer, call, output] too.
    arguments = arguments.mapValues { $0[0]?.string == nil ? $0 : $0.keras3Tensor(shapes) }
    if layersWithStates.contains(className), tensors.count > 1 {
      arguments["initial_state"] = .array(Array(tensors.dropFirst()))
      tensors = [tensors[0]]
    }
    let list: JSON = tensors.count > 1 ? [.array(tensors)] : .array(tensors)
    return ["args": list, "kwargs": .object(arguments)]
  }

  /// A reference as a tensor of Keras 3.
  private func keras3Tensor(_ shapes: [String: [[Shape]]]) -> JSON {
    let (name, call, output) = (self[0]?.string ?? "", self[1]?.int ?? 0, self[2]?.int ?? 0)
    let calls = shapes[name] ?? []
    let outputs = calls.indices.contains(call) ? calls[call] : []
    let shape = outputs.indices.contains(output) ? outputs[output] : [nil]
    return [
      "class_name": "__keras_tensor__",
      "config": [
        "shape": shape.json, "dtype": "float32",
        "keras_history": [.string(name), .int(call), .int(output)],
      ],
    ]
  }

  /// - Throws: `FileError` if an activation is not one of Keras 3.
  fileprivate func checkKeras3(_ path: String) throws {
    for (key, value) in object ?? [:] {
      if key.hasSuffix("activation"), value == "hard_sigmoid_legacy" {
        throw FileError(
          .unsupported, path, expected: "activations of Keras 3",
          found: "the hard_sigmoid of Keras 2 and TensorFlow.js",
          hint: "save the model as a folder")
      }
      try value.checkKeras3(path)
    }
    for value in array ?? [] { try value.checkKeras3(path) }
  }
}
