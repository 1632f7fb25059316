import Plush
import PlushData
import PlushFormats
import PlushONNX

/// Reads files of whole models, and of weights for a model that is there.
struct ModelFiles {
  /// Sound files; those of ONNX are descriptions with their initializers.
  let hdf5, keras, onnx: [[UInt8]]
  /// Sound `.weights.h5`, `.npz` and `.safetensors` of one model.
  let hdf5Weights, arrays: [[UInt8]]
  /// The parts of the first `.keras`.
  let kerasConfig, kerasWeights: [UInt8]
  private let model: Model
  private let path: String

  init(_ folder: String) throws {
    path = folder + "/file"
    let models = try SoundModels.all()
    model = models[0]
    func saved(_ model: Model, as ending: String) throws -> [UInt8] {
      try model.save(to: folder + "/a" + ending)
      return try readFile(folder + "/a" + ending)
    }
    func savedWeights(as ending: String) throws -> [UInt8] {
      try models[0].saveWeights(to: folder + "/a" + ending)
      return try readFile(folder + "/a" + ending)
    }
    hdf5 = try models.map { try saved($0, as: ".h5") }
    keras = try models.map { try saved($0, as: ".keras") }
    onnx = try models.map { try ONNX.bytes(of: $0) }
    hdf5Weights = [try savedWeights(as: ".weights.h5")]
    arrays = [try savedWeights(as: ".npz"), try savedWeights(as: ".safetensors")]
    let archive = try ZipArchive(parsing: keras[0])
    func part(_ name: String) throws -> [UInt8] {
      try archive.entries.first { $0.name == name }.map { try archive.read($0) } ?? []
    }
    kerasConfig = try part("config.json")
    kerasWeights = try part("model.weights.h5")
  }

  /// Reads a whole model.
  func read(_ file: [UInt8]) throws {
    try replaceFile(path, file)
    _ = try loadModel(from: path)
  }

  /// Reads weights for the first model.
  func read(weightsAlone file: [UInt8]) throws {
    try replaceFile(path, file)
    try model.loadWeights(from: path)
  }

  /// Reads a `.keras` of which one part is damaged, but not the archive.
  func read(kerasConfig: [UInt8]? = nil, weights: [UInt8]? = nil) throws {
    let parts = [
      ("metadata.json", Array(#"{"keras_version":"3.15.1"}"#.utf8)),
      ("config.json", kerasConfig ?? self.kerasConfig),
      ("model.weights.h5", weights ?? kerasWeights),
    ]
    try writeFile(path) { writer in
      var directory = ZipDirectory(path: path)
      for (name, bytes) in parts {
        try directory.write(name, [bytes[...]], isCompressed: false, to: &writer)
      }
      try directory.finish(&writer)
    }
    _ = try loadModel(from: path)
  }
}

/// Small models of many layers, one of them with an optimizer.
enum SoundModels {
  static func all() throws -> [Model] { [try row(), picture(), try graph()] }

  private static func row() throws -> Model {
    let model = Sequential {
      Dense(3, activation: .relu, kernelRegularizer: .l2(0.1), inputShape: [2])
      BatchNormalization()
      Dropout(0.5)
      Dense(2, activation: .softmax)
    }
    try model.compile(optimizer: .adam, loss: .categoricalCrossentropy, metrics: [.accuracy])
    return model
  }

  private static func picture() -> Model {
    Sequential {
      Conv2D(2, kernelSize: 3, padding: .same, inputShape: [6, 6, 1])
      MaxPooling2D(poolSize: 2)
      DepthwiseConv2D(kernelSize: 2)
      UpSampling2D((2, 2))
      Flatten()
      Reshape([4, 8])
      Permute([2, 1])
      LayerNormalization()
    }
  }

  private static func graph() throws -> Model {
    let tokens = Input(shape: [4])
    let x = TokenAndPositionEmbedding(
      vocabularySize: 5, sequenceLength: 4, embeddingDimension: 4, maskZero: true)(tokens)
    let attended = MultiHeadAttention(heads: 2, keyDimension: 2, useCausalMask: true)(
      query: x, value: x)
    let pooled = GlobalAveragePooling1D()(Add()([x, TimeDistributed(Dense(4))(attended)]))
    return try Model(
      inputs: tokens, outputs: EinsumDense("ab,bc->ac", outputShape: [2])(pooled))
  }
}

extension HDF5File {
  /// Reads every attribute and array.
  func readAll() throws {
    for name in try root.attributeNames() { _ = try root.attribute(name) }
    for path in try root.datasetPaths() { _ = try root.dataset(path).read() }
  }
}
