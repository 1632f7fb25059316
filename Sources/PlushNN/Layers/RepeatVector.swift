import PlushTensor

/// Repeats each sample: [batch, features] gives [batch, count, features].
public final class RepeatVector: Layer {
  /// How often.
  public let count: Int

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - count: how often.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(_ count: Int, inputShape: [Int?]? = nil, name: String? = nil) {
    self.count = count
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    count = try config.get("n", \.int)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["n"] = .int(count)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard count > 0 else {
      throw shapeError(expected: "at least one repetition", found: "\(count)")
    }
    guard inputShape.count == 2 else {
      throw shapeError(expected: "an input of shape [batch, features]", found: inputShape.text)
    }
    return [inputShape[0], count, inputShape[1]]
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.expandDims(axis: 1).broadcast(to: [input.shape[0], count, input.shape[1]])
  }
}
