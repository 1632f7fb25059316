import PlushTensor

/// `x` where positive, `negativeSlope · x` elsewhere. The shape stays.
public final class LeakyReLU: Layer {
  private let negativeSlope: Double

  /// Creates the layer; the default is that of Keras 3.
  ///
  /// - Parameters:
  ///   - negativeSlope: the slope below zero.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(negativeSlope: Double = 0.3, inputShape: [Int?]? = nil, name: String? = nil) {
    self.negativeSlope = negativeSlope
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    negativeSlope = (config["negative_slope"] ?? config["alpha"])?.double ?? 0.3
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["negative_slope"] = .double(negativeSlope)
    // The name in Keras 2 and TensorFlow.js.
    config["alpha"] = .double(negativeSlope)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard negativeSlope >= 0 else {
      throw shapeError(expected: "a slope that is not negative", found: "\(negativeSlope)")
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.leakyRelu(alpha: negativeSlope)
  }
}
