import PlushTensor

/// Passes its input on and adds a penalty on it to the loss: `l1 · Σ|x| + l2 · Σx²`, as a mean over
/// the samples.
///
/// Shapes: any shape stays.
public final class ActivityRegularization: Layer {
  private let l1: Double
  private let l2: Double

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - l1: the weight of absolute values.
  ///   - l2: the weight of squares.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(
    l1: Double = 0, l2: Double = 0, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.l1 = l1
    self.l2 = l2
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    l1 = config["l1"]?.double ?? 0
    l2 = config["l2"]?.double ?? 0
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["l1"] = .double(l1)
    config["l2"] = .double(l2)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard l1 >= 0, l2 >= 0 else {
      throw shapeError(expected: "factors that are not negative", found: "\(l1) and \(l2)")
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    addLoss(.l1l2(l1: l1, l2: l2), on: input, training: training)
    return input
  }
}
