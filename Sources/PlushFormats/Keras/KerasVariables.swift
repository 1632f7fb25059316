import PlushData
import PlushNN
import PlushTensor

/// The weights of a layer where Keras 3 keeps them: `layers/dense_1/vars/0`.
///
/// Paths are made of classes and counts in the order of layers, not of names.
struct KerasVariables {
  /// The group that has `vars` in it.
  let path: String
  /// The layer.
  let layer: Layer

  /// All layers of a model with their paths.
  ///
  /// - Parameters:
  ///   - repeats: whether a layer in several models stands under each of its paths.
  ///   - names: what a file tells of a container: its groups by the names of their layers.
  static func list(
    _ model: Model, repeats: Bool = false,
    names: @escaping (_ container: String) -> [String: String] = { _ in [:] }
  ) -> [KerasVariables] {
    var walk = Walk(repeats: repeats, names: names)
    walk.visit(model, "")
    return walk.found
  }

  private struct Walk {
    let repeats: Bool
    let names: (String) -> [String: String]
    var found: [KerasVariables] = []
    var seen: Set<ObjectIdentifier> = []

    init(repeats: Bool, names: @escaping (String) -> [String: String]) {
      self.repeats = repeats
      self.names = names
    }

    mutating func visit(_ layer: Layer, _ path: String) {
      guard seen.insert(ObjectIdentifier(layer)).inserted || repeats else { return }
      found.append(KerasVariables(path: path, layer: layer))
      let prefix = path.isEmpty ? "" : "\(path)/"
      if let model = layer as? Model, !model.isOwnClass {
        visit(model.kerasLayers, in: "\(prefix)layers")
      } else {
        for (name, inner) in layer.innerLayers { visit(inner, "\(prefix)\(name)") }
      }
    }

    /// The layers of a model: as a file names them, or else by class and place.
    private mutating func visit(_ layers: [Layer], in container: String) {
      let groups = names(container)
      var counts: [String: Int] = [:]
      let byPlace = layers.map { layer in
        // Keras has its attention of groups under two names.
        let isGrouped = layer is GroupQueryAttention
        let name = isGrouped ? "grouped_query_attention" : type(of: layer).className.snakeCase
        let count = counts[name, default: 0]
        counts[name] = count + 1
        return count == 0 ? name : "\(name)_\(count)"
      }
      let byName = layers.compactMap { groups[$0.name] }
      let places = byName.count == layers.count ? byName : byPlace
      for (layer, place) in zip(layers, places) { visit(layer, "\(container)/\(place)") }
    }
  }
}

extension Layer {
  /// The weights that Keras keeps for the layer itself; for a `SpectralNormalization` the kernel of
  /// the layer inside too.
  fileprivate var variablesInFiles: [Variable] {
    guard let norm = self as? SpectralNormalization else { return ownVariables }
    let kernel = norm.layer.namedWeights.first {
      ["kernel", "embeddings"].contains($0.name.split(separator: "/").last)
    }
    return (kernel.map { [$0.variable] } ?? []) + ownVariables
  }
}

extension Model {
  /// The layers that Keras lists: those of a `Sequential` without the input.
  var kerasLayers: [Layer] {
    self is Sequential ? layers.filter { !($0 is InputLayer) } : layers
  }
}

// MARK: - Reading

/// A weight and the array that it is to be set to.
struct WeightAssignment {
  let name: String
  let variable: Variable
  let array: HDF5Dataset

  /// - Throws: `FileError` if the shapes differ; `path` names the file.
  init(_ name: String, _ variable: Variable, _ array: HDF5Dataset, _ path: String) throws {
    guard array.shape == variable.shape else {
      throw FileError(
        .corrupt, path, at: .entry(name), expected: "the shape \(variable.shape)",
        found: "\(array.shape)", hint: "does the file belong to this model?")
    }
    self.name = name
    self.variable = variable
    self.array = array
  }
}

extension [WeightAssignment] {
  /// Sets all weights, one array at a time in memory, or none if one cannot be read.
  ///
  /// - Parameters:
  ///   - size: the size of the file: arrays that stand in it as they are have no more bytes.
  ///   - path: the name of the file for errors.
  func assign(size: Int, _ path: String, _ progress: FileProgress?) throws {
    let sizes = map(\.array.storedSize)
    let stored = zip(self, sizes).reduce(0) { $1.0.array.isContiguous ? $0 + $1.1 : $0 }
    guard stored <= size else {
      throw FileError(
        .corrupt, path, expected: "arrays that lie beside each other",
        found: "\(stored) bytes of them in a file of \(size)")
    }
    let old = map(\.variable.value)
    let total = sizes.reduce(0, +)
    var done = 0
    do {
      for (assignment, size) in zip(self, sizes) {
        assignment.variable.value = try assignment.array.read().tensor.cast(
          to: assignment.variable.dtype)
        done += size
        progress?(done, total)
      }
    } catch {
      for (assignment, value) in zip(self, old) { assignment.variable.value = value }
      throw error
    }
  }
}

/// Told how many of how many bytes are read or written.
public typealias FileProgress = (_ done: Int, _ total: Int) -> Void

extension HDF5Group {
  /// The weights of a model in the layout of Keras 3.
  func keras3Weights(of model: Model, _ path: String) throws -> [WeightAssignment] {
    let places = KerasVariables.list(model) { (try? layerNames(in: $0)) ?? [:] }
    return try places.flatMap { place in
      let variables = place.layer.variablesInFiles
      if variables.isEmpty { return [WeightAssignment]() }
      let group = "\(place.path.isEmpty ? "" : "\(place.path)/")vars"
      return try variables.enumerated().map { number, variable in
        do {
          return try WeightAssignment(
            variable.name, variable, try dataset("\(group)/\(number)"), path)
        } catch let error as FileError where error.kind == .missing {
          throw FileError(
            .missing, path, at: .entry("\(group)/\(number)"),
            expected: "the weight \(variable.name)", found: "none",
            hint: "does the file belong to this model?")
        }
      }
    }
  }

  /// The groups in a container by the names of their layers, which Keras 3 notes.
  private func layerNames(in container: String) throws -> [String: String] {
    let group = try group(container)
    var found: [String: String] = [:]
    for name in group.names {
      if let layer = try group.group("\(name)/vars").attribute("name")?.string {
        found[layer] = name
      }
    }
    return found
  }
}

// MARK: - Writing

extension HDF5GroupToWrite {
  /// Puts the weights of a model in the layout of Keras 3.
  func putKeras3Weights(of model: Model) {
    // A reader that makes the layers from the configuration shares none between models.
    for place in KerasVariables.list(model, repeats: true) {
      let prefix = place.path.isEmpty ? "" : "\(place.path)/"
      group("\(prefix)vars").attributes = [("name", .string(place.layer.name))]
      for (number, variable) in place.layer.variablesInFiles.enumerated() {
        put(HDF5ArrayToWrite(variable), at: "\(prefix)vars/\(number)")
      }
    }
  }

  /// Puts the state of the optimizer in the layout of Keras 3.
  func putKeras3Optimizer(of model: Model) {
    for (number, variable) in (model.optimizerVariables ?? []).enumerated() {
      put(HDF5ArrayToWrite(variable.value), at: "optimizer/vars/\(number)")
    }
  }
}

extension HDF5ArrayToWrite {
  init(_ variable: Variable) {
    self.init(dtype: variable.dtype, shape: variable.shape) { variable.value.bytes()[...] }
  }

  init(_ value: Tensor) {
    self.init(dtype: value.dtype, shape: value.shape) { value.bytes()[...] }
  }
}
