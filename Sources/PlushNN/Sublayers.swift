import PlushTensor

// What a layer holds in its stored properties is part of it.

extension Layer {
  /// The layers in stored properties, by the names of these; in arrays and dictionaries the place
  /// or the key follows the name.
  final var reflectedSublayers: [(name: String, layer: Layer)] {
    var found: [(name: String, layer: Layer)] = []
    var mirror: Mirror? = Mirror(reflecting: self)
    var levels: [Mirror] = []
    while let level = mirror, level.subjectType != Layer.self, level.subjectType != Model.self {
      levels.append(level)
      mirror = level.superclassMirror
    }
    for level in levels.reversed() {
      for (label, value) in level.children {
        let name = Layer.propertyName(label ?? "")
        if let layer = value as? Layer {
          found.append((name, layer))
        } else if let layers = value as? [Layer] {
          found += layers.enumerated().map { ("\(name)_\($0)", $1) }
        } else if let layers = value as? [String: Layer] {
          found += layers.sorted { $0.key < $1.key }.map { ("\(name)_\($0.key)", $0.value) }
        }
      }
    }
    return found
  }

  /// The layers inside by the names of their properties, in the spelling of Keras.
  final var sublayersByProperty: [(name: String, layer: Layer)] {
    let names = Dictionary(
      reflectedSublayers.map { (ObjectIdentifier($0.layer), $0.name.snakeCase) },
      uniquingKeysWith: { first, _ in first })
    return sublayers.map { (names[ObjectIdentifier($0)] ?? $0.name, $0) }
  }

  /// `_inner`, and what the compiler calls a lazy `inner`, as `inner`.
  private static func propertyName(_ label: String) -> String {
    let lazyPrefix = "$__lazy_storage_$_"
    let name = label.hasPrefix(lazyPrefix) ? label.dropFirst(lazyPrefix.count) : label[...]
    return String(name.drop { $0 == "_" })
  }

  /// Gives names to the layers inside that have none of their own.
  final func nameSublayers() {
    let layers = sublayers
    var names = NameGiver(taken: layers.filter { !$0.hasAutomaticName }.map(\.name))
    let labels = Dictionary(
      reflectedSublayers.map { (ObjectIdentifier($0.layer), $0.name) },
      uniquingKeysWith: { first, _ in first })
    for layer in layers { layer.takeName(from: &names, base: labels[ObjectIdentifier(layer)]) }
  }

  /// Makes the weights of the layers inside that `build` did not build, by a call whose values
  /// nobody reads.
  final func buildSublayers(_ inputShapes: [Shape]) throws {
    guard !(self is Model), !sublayers.isEmpty else { return }
    nameSublayers()
    if sublayers.contains(where: { !$0.built }) { _ = try outputShapesByCall(for: inputShapes) }
  }

  /// The shapes of the outputs, as a call on zeros gives them, whose values nobody reads.
  ///
  /// What varies with the open sizes of the inputs is open.
  final func outputShapesByCall(for inputShapes: [Shape]) throws -> [Shape] {
    let shapes = try shapesOfCall(inputShapes, open: 16)
    guard inputShapes.joined().contains(nil) else { return shapes }
    return zip(shapes, try shapesOfCall(inputShapes, open: 17)).map { first, second in
      first.count == second.count ? zip(first, second).map { $0 == $1 ? $0 : nil } : first
    }
  }

  private func shapesOfCall(_ inputShapes: [Shape], open: Int) throws -> [Shape] {
    nameSublayers()
    return try untraced {
      let inputs = inputShapes.map { Tensor.zeros($0.map { $0 ?? open }) }
      let outputs = try call(inputs, training: false)
      _ = takeAddedLosses()
      // Lazy properties came to be in the call.
      nameSublayers()
      return outputs.map { output -> Shape in output.shape }
    }
  }
}
