import PlushEngine

/// The layers that files may name: a line for each.
private let builtInLayers: [Layer.Type] = [
  ActivationLayer.self,
  ActivityRegularization.self,
  AdaptiveAveragePooling1D.self,
  AdaptiveAveragePooling2D.self,
  AdaptiveAveragePooling3D.self,
  AdaptiveMaxPooling1D.self,
  AdaptiveMaxPooling2D.self,
  AdaptiveMaxPooling3D.self,
  Add.self,
  AdditiveAttention.self,
  AlphaDropout.self,
  Attention.self,
  Average.self,
  AveragePooling1D.self,
  AveragePooling2D.self,
  AveragePooling3D.self,
  BatchNormalization.self,
  Bidirectional.self,
  CategoryEncoding.self,
  CenterCrop.self,
  Concatenate.self,
  Conv1D.self,
  Conv1DTranspose.self,
  Conv2D.self,
  Conv2DTranspose.self,
  Conv3D.self,
  Conv3DTranspose.self,
  ConvLSTM1D.self,
  ConvLSTM1DCell.self,
  ConvLSTM2D.self,
  ConvLSTM2DCell.self,
  ConvLSTM3D.self,
  ConvLSTM3DCell.self,
  Cropping1D.self,
  Cropping2D.self,
  Cropping3D.self,
  Dense.self,
  DepthwiseConv1D.self,
  DepthwiseConv2D.self,
  Discretization.self,
  Dot.self,
  Dropout.self,
  ELU.self,
  EinsumDense.self,
  Embedding.self,
  Flatten.self,
  GaussianDropout.self,
  GaussianNoise.self,
  GlobalAveragePooling1D.self,
  GlobalAveragePooling2D.self,
  GlobalAveragePooling3D.self,
  GlobalMaxPooling1D.self,
  GlobalMaxPooling2D.self,
  GlobalMaxPooling3D.self,
  GroupNormalization.self,
  GroupQueryAttention.self,
  GRU.self,
  GRUCell.self,
  Hashing.self,
  Identity.self,
  InputLayer.self,
  IntegerLookup.self,
  Lambda.self,
  LayerNormalization.self,
  LeakyReLU.self,
  LSTM.self,
  LSTMCell.self,
  Masking.self,
  MaxPooling1D.self,
  MaxPooling2D.self,
  MaxPooling3D.self,
  Maximum.self,
  Minimum.self,
  Model.self,
  MultiHeadAttention.self,
  Multiply.self,
  Normalization.self,
  PReLU.self,
  Permute.self,
  PositionEmbedding.self,
  RMSNormalization.self,
  RNN.self,
  RandomBrightness.self,
  RandomContrast.self,
  RandomCrop.self,
  RandomFlip.self,
  RandomRotation.self,
  RandomTranslation.self,
  RandomZoom.self,
  ReLU.self,
  RepeatVector.self,
  Rescaling.self,
  Reshape.self,
  Resizing.self,
  SeparableConv1D.self,
  SeparableConv2D.self,
  Sequential.self,
  SinePositionEncoding.self,
  SimpleRNN.self,
  SimpleRNNCell.self,
  Softmax.self,
  SpatialDropout1D.self,
  SpatialDropout2D.self,
  SpatialDropout3D.self,
  SpectralNormalization.self,
  StackedRNNCells.self,
  StringLookup.self,
  Subtract.self,
  ThresholdedReLU.self,
  TimeDistributed.self,
  TokenAndPositionEmbedding.self,
  UnitNormalization.self,
  UpSampling1D.self,
  UpSampling2D.self,
  UpSampling3D.self,
  ZeroPadding1D.self,
  ZeroPadding2D.self,
  ZeroPadding3D.self,
]

/// Layers by the names that files use.
private final class LayerRegistry: @unchecked Sendable {
  static let shared = LayerRegistry()
  private let lock = Lock()
  private var types: [String: Layer.Type]

  private init() {
    types = Dictionary(uniqueKeysWithValues: builtInLayers.map { ($0.className, $0) })
    // What older files call it.
    types["Model"] = Model.self
    types["GroupedQueryAttention"] = GroupQueryAttention.self
  }

  func register(_ type: Layer.Type) { lock.withLock { types[type.className] = type } }
  subscript(name: String) -> Layer.Type? { lock.withLock { types[name] } }
  var names: [String] { lock.withLock { types.keys.sorted() } }
}

extension Layer {
  /// Lets files name a layer of your own.
  public static func register(_ type: Layer.Type) { LayerRegistry.shared.register(type) }

  /// The class of a layer by the name that files use.
  static func registeredClass(_ name: String?) -> Layer.Type? {
    name.flatMap { LayerRegistry.shared[$0] }
  }

  /// Makes the layer that a file describes.
  ///
  /// - Throws: `ModelError` if there is no such class, or what its `init(config:)` throws.
  public static func make(className: String, config: JSON) throws -> Layer {
    guard let type = LayerRegistry.shared[className] else {
      throw ModelError(
        layer: config["name"]?.string.map { "'\($0)'" },
        expected: "one of the layers \(LayerRegistry.shared.names.joined(separator: ", "))",
        found: "the class \(className)",
        hint: "a layer of your own must be made known with Layer.register(\(className).self)")
    }
    do {
      try checkNumbers(config)
      return try type.init(config: config)
    } catch var error as ModelError {
      if error.layer == nil { error.layer = "'\(config["name"]?.string ?? className)'" }
      throw error
    } catch let error as JSONError {
      throw ModelError(
        layer: "'\(config["name"]?.string ?? "")' (\(className))", expected: error.expected,
        found: error.found)
    }
  }

  /// No size of a layer is so large: what is computed from it would overflow.
  ///
  /// - Throws: `ModelError` if a whole number does not fit 32 bits, but for seeds and vocabularies.
  private static func checkNumbers(_ config: JSON) throws {
    switch config {
    case .int(let number) where Int32(exactly: number) == nil:
      throw ModelError(expected: "whole numbers of at most 32 bits", found: "\(number)")
    case .array(let elements): try elements.forEach(checkNumbers)
    case .object(let members):
      let free: Set = ["seed", "vocabulary", "salt", "shared_object_id"]
      for (key, value) in members where !free.contains(key) { try checkNumbers(value) }
    default: break
    }
  }

  /// Makes the layer inside another, described as `classAndConfig` gives it.
  ///
  /// - Throws: `ModelError` if there is no such class, or what its `init(config:)` throws.
  static func make(inner json: JSON) throws -> Layer {
    try make(className: try json.get("class_name", \.string), config: json["config"] ?? [:])
  }

  /// Whether a class is one of Plush, and not made known by `register`.
  package static func isBuiltIn(_ className: String) -> Bool {
    builtInLayers.contains { $0.className == className }
  }

  /// The class and configuration, as files hold them.
  package var classAndConfig: JSON {
    ["class_name": .string(Self.className), "config": config]
  }
}
