import PlushTensor

/// Gives the axes of each sample another order: with `Permute([2, 1])` [batch, a, b] gives [batch,
/// b, a].
///
/// An order that does not name each axis once is refused with a `ModelError` when the model is
/// made.
public final class Permute: Layer {
  /// Which axis of the samples, counted from 1, comes where.
  public let dims: [Int]

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - dims: which axis of the samples, counted from 1, comes where.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(_ dims: [Int], inputShape: [Int?]? = nil, name: String? = nil) {
    self.dims = dims
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    dims = try config.get("dims", \.array).compactMap(\.int)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["dims"] = .array(dims.map(JSON.int))
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard dims.sorted() == Array(1...max(1, dims.count)) else {
      throw shapeError(
        expected: "each axis of a sample once, counted from 1, as in [2, 1]", found: "\(dims)")
    }
    guard inputShape.count == dims.count + 1 else {
      throw shapeError(
        expected: "samples of \(dims.count) axes", found: inputShape.text)
    }
    return [inputShape[0]] + dims.map { inputShape[$0] }
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.transpose([0] + dims)
  }
}
