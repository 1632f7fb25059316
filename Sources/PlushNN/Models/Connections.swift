/// A call of a layer and where its inputs come from, for tools that draw models.
package struct Connection {
  /// The name of the call: that of the layer, with a number from its second call on.
  package let name: String
  /// The layer.
  package let layer: Layer
  /// The names of the calls whose outputs it takes.
  package let inputs: [String]
}

extension Model {
  /// The calls of layers, each after those it needs; none if the model is not built.
  package var connections: [Connection] {
    guard let graph else { return [] }
    var names: [ObjectIdentifier: String] = [:]
    var calls: [String: Int] = [:]
    return graph.nodes.map { node in
      let count = calls[node.layer.name, default: 0]
      calls[node.layer.name] = count + 1
      let name = count == 0 ? node.layer.name : "\(node.layer.name)_\(count)"
      names[ObjectIdentifier(node)] = name
      return Connection(
        name: name, layer: node.layer,
        inputs: node.inputs.compactMap { names[ObjectIdentifier($0.node)] })
    }
  }
}

extension Model {
  /// Of each layer by its name the shapes of the outputs of every call; none if the model is not
  /// built.
  package var shapesOfCalls: [String: [[Shape]]] {
    (graph?.nodes ?? []).reduce(into: [:]) { shapes, node in
      shapes[node.layer.name, default: []].append(node.outputs.map(\.shape))
    }
  }

  /// Whether the model overrides `call`, so that no graph describes it.
  package var isOwnClass: Bool { callsItself }
}
