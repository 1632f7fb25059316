import PlushData
import PlushNN

/// The formats in which models or their weights are kept in files.
public enum ModelFormat: String, Sendable, Hashable, CaseIterable {
  /// A folder in the layers format of TensorFlow.js, which is Plush's own: `model.json` and weights.
  case folder
  /// A `.keras` file of Keras 3.
  case keras
  /// A `.h5` file of a whole model, of Keras 2 or 3.
  case hdf5
  /// A `.weights.h5` file of Keras.
  case hdf5Weights
  /// A `.safetensors` file of weights.
  case safetensors
  /// An `.npz` file of weights.
  case npz

  /// Whether the format holds weights alone: the model must be there.
  public var holdsOnlyWeights: Bool {
    switch self {
    case .folder, .keras, .hdf5: false
    case .hdf5Weights, .safetensors, .npz: true
    }
  }

  /// The format that the name of a file or folder says.
  public init(named path: String) {
    let name = path.lowercased()
    let endings: KeyValuePairs<String, ModelFormat> = [
      ".keras": .keras, ".weights.h5": .hdf5Weights, ".weights.hdf5": .hdf5Weights, ".h5": .hdf5,
      ".hdf5": .hdf5, ".safetensors": .safetensors, ".npz": .npz,
    ]
    self = endings.first { name.hasSuffix($0.key) }?.value ?? .folder
  }

  /// The format of a file that is there, by its content.
  ///
  /// - Throws: `FileError` if there is no such file, or it is of none of the formats.
  public init(contentOf path: String) throws {
    switch try PathStatus(path) {
    case .missing:
      throw FileError(
        .missing, path, expected: "a model or weights", found: "nothing at this path",
        hint: "a model is a folder, or a .keras or .h5 file")
    case .directory: self = .folder
    case .other, .file:
      if path.hasSuffix(".json") {
        self = .folder
      } else {
        try Self.checkNotONNX(path, hint: "call ONNX.load(_:) of PlushONNX")
        self = try Self.format(of: ByteSource(file: path))
      }
    }
  }

  /// - Throws: `FileError` with the hint if the name is that of an ONNX file: the formats here know
  ///   nothing of that one.
  static func checkNotONNX(_ path: String, hint: String) throws {
    guard path.lowercased().hasSuffix(".onnx") else { return }
    throw FileError(
      .unsupported, path, expected: "a folder, .keras or .h5 for a model", found: "an ONNX file",
      hint: hint)
  }

  private static func format(of source: ByteSource) throws -> ModelFormat {
    let start = try source.bytes(0..<min(16, source.size))
    if start.starts(with: [0x50, 0x4B]) {
      return KerasArchive.holds(try ZipArchive(source)) ? .keras : .npz
    }
    if start.starts(with: HDF5File.signature) {
      let hasModel = try HDF5File(source).root.attribute("model_config") != nil
      return hasModel ? .hdf5 : .hdf5Weights
    }
    // The length of a header, and the header.
    if start.count > 9, start[8] == UInt8(ascii: "{") { return .safetensors }
    throw FileError(
      .unsupported, source.path, expected: "a model or weights of a known format",
      found: "other bytes",
      hint: "known are folders of TensorFlow.js, .keras, .h5, .safetensors and .npz")
  }
}

/// How a model is read.
public struct LoadOptions {
  /// Told how far reading is.
  public var progress: FileProgress?
  /// Told, a line each, what of the file could not be kept.
  public var note: (String) -> Void

  /// Creates options.
  public init(progress: FileProgress? = nil, note: @escaping (String) -> Void = { _ in }) {
    self.progress = progress
    self.note = note
  }
}

/// How a model is written.
public struct SaveOptions {
  /// Whether the state of the optimizer is written, with which training can go on.
  public var includesOptimizer: Bool
  /// In what fewer bits a folder keeps the weights; nil for in full.
  public var quantization: WeightQuantization?
  /// Told, a line each, what of the model could not be kept.
  public var note: (String) -> Void

  /// Creates options.
  public init(
    includesOptimizer: Bool = true, quantization: WeightQuantization? = nil,
    note: @escaping (String) -> Void = { _ in }
  ) {
    self.includesOptimizer = includesOptimizer
    self.quantization = quantization
    self.note = note
  }
}

extension Model {
  /// Tells what of how the model learns the files of Keras do not hold.
  func noteTraining(_ options: SaveOptions) {
    guard let training else { return }
    if training.optimizer is LossScaleOptimizer { options.note("the state of the optimizer") }
    if !training.optimizer.options.undecayed.isEmpty {
      options.note("which weights do not decay (undecayed)")
    }
  }
}
