// The graph of a functional model in files: the layers, and for each call of a layer the calls
// whose outputs it takes, as [layer, call, output, arguments]. Arguments are inputs by name and
// options that belong to the call in Keras and to the layer here.

extension Graph {
  /// The layers and calls of a model with this graph.
  var config: [String: JSON] {
    let layers = layers.map { layer -> JSON in
      var json = layer.classAndConfig
      var arguments: JSON = [:]
      for option in type(of: layer).callOptions {
        arguments[option] = json["config"]?[option]
        json["config"]?[option] = nil
      }
      json["name"] = .string(layer.name)
      json["inbound_nodes"] = .array(
        nodes(of: layer).filter { !$0.inputs.isEmpty }.map { inputs(of: $0, arguments) })
      return json
    }
    return [
      "layers": .array(layers),
      "input_layers": .array(inputs.map { .array(reference($0)) }),
      "output_layers": .array(outputs.map { .array(reference($0)) }),
    ]
  }

  private func inputs(of node: Node, _ options: JSON) -> JSON {
    let names = type(of: node.layer).inputNames
    if names.isEmpty { return .array(node.inputs.map { .array(reference($0) + [options]) }) }
    var arguments = options
    for (name, input) in zip(names, node.inputs).dropFirst() {
      arguments[name] = .array(reference(input))
    }
    return [.array(reference(node.inputs[0]) + [arguments])]
  }

  private func reference(_ tensor: SymbolicTensor) -> [JSON] {
    [.string(tensor.node.layer.name), .int(place(of: tensor.node)), .int(tensor.index)]
  }

  /// Makes the layers and calls them as a configuration says.
  ///
  /// - Throws: `ModelError` that names the layer at fault.
  init(config: JSON) throws {
    var calls = Calls()
    let outputReferences = try Calls.references(config["output_layers"])
    let layers = try config.get("layers", \.array)
    try Calls.checkMasks(of: layers)
    let needed = try Calls.needed(layers, for: outputReferences)
    for json in layers where needed.contains(Calls.name(of: json)) || Calls.isInput(json) {
      try calls.add(json)
    }
    try calls.make()
    let inputs = try Calls.references(config["input_layers"]).map { try calls.tensor($0) }
    let outputs = try outputReferences.map { try calls.tensor($0) }
    try self.init(inputs: inputs, outputs: outputs)
  }
}

/// The calls of a model that is being read.
private struct Calls {
  struct Reference {
    let layer: String
    let call: Int
    let output: Int
  }

  private struct Pending {
    let layer: Layer
    /// The inputs of each call.
    var calls: [[Reference]]
    var made: [Node] = []
  }

  private var order: [String] = []
  private var pending: [String: Pending] = [:]

  /// The layers that outputs depend on. Keras 3 lists the operations that compute masks too, which
  /// layers compute here.
  static func needed(_ layers: [JSON], for outputs: [Reference]) throws -> Set<String> {
    let inputs = Dictionary(
      try layers.map { layer in
        (name(of: layer), try calls(of: layer).joined().map(\.layer))
      }, uniquingKeysWith: +)
    var needed: Set<String> = []
    var open = outputs.map(\.layer)
    while let name = open.popLast() {
      if needed.insert(name).inserted { open += inputs[name] ?? [] }
    }
    return needed
  }

  static func name(of layer: JSON) -> String {
    layer["name"]?.string ?? layer["config"]?["name"]?.string ?? ""
  }

  static func isInput(_ layer: JSON) -> Bool { layer["class_name"] == "InputLayer" }

  mutating func add(_ json: JSON) throws {
    var config = json["config"] ?? [:]
    let name = try json["name"]?.string ?? config.get("name", \.string)
    config["name"] = .string(name)
    guard pending[name] == nil else {
      throw ModelError(layer: "'\(name)'", expected: "every name once", found: "it twice")
    }
    try Calls.addOptions(of: json, to: &config)
    let layer = try Layer.make(className: try json.get("class_name", \.string), config: config)
    var entry = Pending(layer: layer, calls: [])
    if let input = layer as? InputLayer {
      entry.made = [Node(input: input)]
    } else {
      entry.calls = try Calls.calls(of: json)
    }
    order.append(name)
    pending[name] = entry
  }

  /// Makes calls whose inputs are there until all are made.
  mutating func make() throws {
    var progress = true
    while progress {
      progress = false
      for name in order {
        while let next = pending[name].flatMap({ $0.made.count < $0.calls.count ? $0 : nil }) {
          let references = next.calls[next.made.count]
          guard references.allSatisfy({ isMade($0) }) else { break }
          let node = Node(next.layer, try references.map { try tensor($0) })
          pending[name]?.made.append(node)
          progress = true
        }
      }
    }
    for name in order where pending[name]!.made.count < pending[name]!.calls.count {
      throw ModelError(
        layer: "'\(name)'", expected: "inputs that other layers compute",
        found: "a circle, or a layer that is not in the file")
    }
  }

  private func isMade(_ reference: Reference) -> Bool {
    reference.call < pending[reference.layer]?.made.count ?? 0
  }

  func tensor(_ reference: Reference) throws -> SymbolicTensor {
    guard let made = pending[reference.layer]?.made, made.indices.contains(reference.call) else {
      throw ModelError(
        layer: "'\(reference.layer)'", expected: "a layer called \(reference.call + 1) times",
        found: "none")
    }
    let outputs = made[reference.call].outputs
    guard outputs.indices.contains(reference.output) else {
      throw made[reference.call].error
        ?? ModelError(
          layer: "'\(reference.layer)'", expected: "an output \(reference.output)",
          found: "\(outputs.count) outputs")
    }
    return outputs[reference.output]
  }

  /// `[["name", 0, 0], …]`, or `["name", 0, 0]` for a single one.
  static func references(_ json: JSON?) throws -> [Reference] {
    guard let json, let list = json.array, !list.isEmpty else {
      throw ModelError(expected: "input_layers and output_layers", found: "none")
    }
    if list[0].string != nil { return [try reference(json)] }
    return try list.map(reference)
  }

  /// The inputs of each call of a layer: a list of references, or the arguments that Keras 3
  /// writes, and those by name. One that is left out before another is that before it.
  private static func calls(of layer: JSON) throws -> [[Reference]] {
    let names = Layer.registeredClass(layer["class_name"]?.string)?.inputNames ?? []
    return try (layer["inbound_nodes"]?.array ?? []).map { call in
      let arguments = arguments(of: call)
      var inputs = try call["args"].map(keras3Tensors) ?? references(call)
      for (place, name) in names.enumerated().dropFirst(inputs.count) {
        guard let json = arguments[name], !json.isNull else { continue }
        let input = try json.array == nil ? keras3Tensors(json) : references(json)
        inputs += Array(repeating: inputs.last, count: max(0, place - inputs.count)).compactMap {
          $0
        }
        inputs += input
      }
      return inputs
    }
  }

  /// The arguments by name of one call.
  private static func arguments(of call: JSON) -> JSON {
    call["kwargs"] ?? call[0]?[3] ?? [:]
  }

  /// Takes options of the calls into the configuration of the layer.
  ///
  /// - Throws: `ModelError` if calls do not agree.
  private static func addOptions(of layer: JSON, to config: inout JSON) throws {
    let calls = (layer["inbound_nodes"]?.array ?? []).map(arguments)
    for option in Layer.registeredClass(layer["class_name"]?.string)?.callOptions ?? [] {
      let values = Set(calls.map { $0[option] ?? config[option] ?? .null })
      guard values.count <= 1 else {
        throw ModelError(
          layer: "'\(name(of: layer))'", expected: "one \(option) in all calls", found: "several")
      }
      if let value = values.first, !value.isNull { config[option] = value }
    }
  }

  /// - Throws: `ModelError` if a call takes a mask from an input of the model, which a file cannot
  ///   say here.
  static func checkMasks(of layers: [JSON]) throws {
    let inputs = Set(layers.filter(isInput).map(name))
    for layer in layers {
      for call in layer["inbound_nodes"]?.array ?? [] {
        guard let mask = call["kwargs"]?["mask"] else { continue }
        if let input = try keras3Tensors(mask).first(where: { inputs.contains($0.layer) }) {
          throw ModelError(
            layer: "'\(name(of: layer))'", expected: "a mask that a layer computes",
            found: "the input '\(input.layer)' as mask")
        }
      }
    }
  }

  private static func reference(_ json: JSON) throws -> Reference {
    guard let layer = json[0]?.string, let call = json[1]?.int, let output = json[2]?.int else {
      throw ModelError(expected: "[layer, call, output]", found: json.summary)
    }
    return Reference(layer: layer, call: call, output: output)
  }

  private static func keras3Tensors(_ json: JSON) throws -> [Reference] {
    if json["class_name"] == "__keras_tensor__" {
      return [try reference(json["config"]?["keras_history"] ?? .null)]
    }
    return try (json.array ?? []).flatMap(keras3Tensors)
  }
}
