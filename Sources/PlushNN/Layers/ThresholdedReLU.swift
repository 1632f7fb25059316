import PlushTensor

/// `x` where above `theta`, else 0: a layer of Keras 2 and TensorFlow.js. The shape stays.
public final class ThresholdedReLU: Layer {
  private let theta: Double

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - theta: what values must exceed.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(theta: Double = 1, inputShape: [Int?]? = nil, name: String? = nil) {
    self.theta = theta
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    theta = config["theta"]?.double ?? 1
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["theta"] = .double(theta)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard theta >= 0 else {
      throw shapeError(expected: "a theta that is not negative", found: "\(theta)")
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.threshold(theta)
  }
}
