import PlushData
import PlushNN
import PlushTensor

extension Model {
  /// Writes the weights alone: as Keras 3 into a `.h5` file (by custom `.weights.h5`), into an `.npz`
  /// file, or else into a safetensors file, under names such as `dense/kernel`.
  ///
  /// - Throws: `FileError` if writing fails, `ModelError` if the model has no weights yet.
  public func saveWeights(to path: String) throws {
    try build()
    switch ModelFormat(named: path) {
    case .hdf5, .hdf5Weights: try KerasHDF5.writeWeights(of: self, to: path)
    case .npz: try NPZ(weightArrays).write(to: path)
    case .safetensors, .folder, .keras:
      try Safetensors(weightArrays, metadata: ["format": "plush"]).write(to: path)
    }
  }

  /// Reads the weights from a file of weights alone, or a `.h5` file of a whole model.
  ///
  /// Weights are found by their names, in files of Keras by their layers and order.
  ///
  /// - Throws: `FileError` that names the weight that is missing or has another shape; the model
  ///   is then as it was.
  public func loadWeights(from path: String) throws {
    try build()
    switch try ModelFormat(contentOf: path) {
    case .hdf5, .hdf5Weights:
      let (weights, size) = try KerasHDF5.weights(path, of: self)
      try weights.assign(size: size, path, nil)
    case .npz:
      let file = try MappedNPZ(file: path)
      try setWeights(file.names, shape: file.shape, tensor: file.tensor, from: path)
    case .safetensors:
      let file = try MappedSafetensors(file: path)
      try setWeights(file.names, shape: file.shape, tensor: file.tensor, from: path)
    case .folder, .keras:
      throw FileError(
        .unsupported, path, expected: "a file of weights", found: "a whole model",
        hint: "loadModel(from:) reads it")
    }
  }

  /// The weights with their names.
  var weightArrays: [NamedArray] {
    namedWeights.map { NamedArray($0.name, $0.variable.value) }
  }

  /// Sets all weights, or none if one does not fit.
  func setWeights(_ arrays: [NamedArray], from path: String) throws {
    let byName = Dictionary(arrays.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    try setWeights(
      byName.keys.sorted(), shape: { byName[$0]?.shape }, tensor: { byName[$0]?.tensor }, from: path
    )
  }

  /// Sets all weights to the arrays of these names, or none if one does not fit.
  private func setWeights(
    _ names: [String], shape: (String) -> [Int]?, tensor: (String) throws -> Tensor?,
    from path: String
  ) throws {
    let values = try namedWeights.map { weight in
      let spellings = [weight.name, weight.name.inKeras3, weight.name.withoutWrapped]
      guard let name = spellings.first(where: { shape($0) != nil }) else {
        let known = names.prefix(8).joined(separator: ", ")
        throw FileError(
          .missing, path, at: .entry(weight.name), expected: "this weight of the model",
          found: names.isEmpty ? "no weights" : "only \(known)",
          hint: "does the file belong to this model?")
      }
      guard shape(name) == weight.variable.shape, let value = try tensor(name) else {
        throw FileError(
          .corrupt, path, at: .entry(weight.name), expected: "the shape \(weight.variable.shape)",
          found: "\(shape(name) ?? [])", hint: "does the file belong to this model?")
      }
      return value.cast(to: weight.variable.dtype)
    }
    for (weight, value) in zip(namedWeights, values) { weight.variable.value = value }
  }
}

extension String {
  /// `a/kernel` for `a/depthwise_kernel`: how Keras 3 names what Keras 2 and TensorFlow.js call so.
  fileprivate var inKeras3: String {
    hasSuffix("/depthwise_kernel") ? dropLast("depthwise_kernel".count) + "kernel" : self
  }

  /// `a/kernel` for `a/b/kernel`: how Keras 2 and TensorFlow.js name the weights of the layer b that
  /// a layer a wraps.
  fileprivate var withoutWrapped: String {
    var parts = split(separator: "/")
    if parts.count > 2 { parts.remove(at: parts.count - 2) }
    return parts.joined(separator: "/")
  }
}
