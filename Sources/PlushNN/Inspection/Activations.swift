import PlushTensor

extension Model {
  /// Computes what layers give for some samples.
  ///
  /// ```swift
  /// let hidden = try model.activations(of: ["dense"], for: x)["dense"]
  /// ```
  ///
  /// A layer that is called several times is listed once for each call: `dense`, `dense[1]`. Of a
  /// layer with several outputs the later ones are numbered too: `split`, `split:1`.
  ///
  /// - Parameters:
  ///   - names: the names of layers; by default all but the inputs, in the order of the calls.
  ///   - x: the inputs.
  ///   - batchSize: how many samples are computed at once.
  /// - Throws: `ModelError` if there is no layer of a name, `DataError` if the inputs do not fit.
  public func activations(
    of names: [String]? = nil, for x: Tensor, batchSize: Int = 32
  ) throws -> NamedTensors {
    try activations(of: names, for: [x], batchSize: batchSize)
  }

  /// Computes what layers of a model with several inputs give for some samples.
  ///
  /// - Throws: `ModelError` if there is no layer of a name, `DataError` if the inputs do not fit.
  public func activations(
    of names: [String]? = nil, for x: [Tensor], batchSize: Int = 32
  ) throws -> NamedTensors {
    try checkInputs(x)
    guard let graph else { return NamedTensors([], []) }
    let outputs = try names.map { try $0.flatMap(namedOutputs) } ?? graph.namedOutputs
    guard !outputs.isEmpty else { return NamedTensors([], []) }
    let inside = try Model(inputs: graph.inputs, outputs: outputs.map(\.tensor))
    return NamedTensors(outputs.map(\.name), try inside.predict(x, batchSize: batchSize))
  }

  private func namedOutputs(ofLayer name: String) throws -> [Graph.NamedOutput] {
    guard let graph else { return [] }
    guard let layer = graph.nodes.first(where: { $0.layer.name == name })?.layer else {
      let known = graph.layers.map { "'\($0.name)'" }.joined(separator: ", ")
      let isHidden = layers.contains { $0.name == name }
      throw ModelError(
        expected: "one of the layers \(known)", found: "'\(name)'",
        hint: isHidden ? "a model that overrides call shows its last outputs only" : nil)
    }
    return graph.nodes(of: layer).flatMap(graph.namedOutputs)
  }
}

extension Graph {
  /// An output of a call, with the name by which users know it.
  fileprivate struct NamedOutput {
    let name: String
    let tensor: SymbolicTensor
  }

  /// The outputs of all calls but the inputs.
  fileprivate var namedOutputs: [NamedOutput] {
    nodes.filter { !($0.layer is InputLayer) }.flatMap(namedOutputs)
  }

  fileprivate func namedOutputs(of node: Node) -> [NamedOutput] {
    let place = place(of: node)
    let call = place == 0 ? node.layer.name : "\(node.layer.name)[\(place)]"
    return node.outputs.map {
      NamedOutput(name: $0.index == 0 ? call : "\(call):\($0.index)", tensor: $0)
    }
  }
}
