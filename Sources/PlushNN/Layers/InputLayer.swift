import PlushEngine
import PlushTensor

/// Where values enter a model: samples of a shape, [batch, …], converted to a type. `Input(shape:)`
/// makes one.
public final class InputLayer: Layer {
  /// The shape of the input, the axis of samples first.
  public let batchShape: Shape
  /// The type of the input.
  public let dtype: DType

  /// Creates the layer for samples of a shape.
  public init(shape: [Int?], dtype: DType = .float32, name: String? = nil) {
    batchShape = [nil] + shape
    self.dtype = dtype
    super.init(name: name, inputShape: shape)
  }

  public required init(config: JSON) throws {
    guard
      let shape = (config["batch_input_shape"] ?? config["batch_shape"]).flatMap(Shape.init)
    else {
      throw ModelError(expected: "batch_input_shape", found: "none")
    }
    guard !shape.isEmpty else {
      throw ModelError(expected: "an axis of samples", found: shape.text)
    }
    batchShape = shape
    dtype = config["dtype"]?.string.flatMap { DType(name: $0) } ?? .float32
    try super.init(config: config)
  }

  public override var config: JSON {
    [
      "batch_input_shape": batchShape.json, "dtype": .string(dtype.name), "sparse": false,
      "name": .string(name),
    ]
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor { input }
}
