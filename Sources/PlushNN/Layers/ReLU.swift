import PlushTensor

/// `max(x, 0)` of every element, perhaps with a slope below, a limit above or a threshold.
///
/// With f(x) = x for x ≥ threshold, negativeSlope · (x - threshold) below it, and maxValue above
/// maxValue. The shape stays.
public final class ReLU: Layer {
  private let maxValue: Double?
  private let negativeSlope: Double
  private let threshold: Double

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - maxValue: the limit above; nil for none.
  ///   - negativeSlope: the slope below the threshold.
  ///   - threshold: where the line begins.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(
    maxValue: Double? = nil, negativeSlope: Double = 0, threshold: Double = 0,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.maxValue = maxValue
    self.negativeSlope = negativeSlope
    self.threshold = threshold
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    maxValue = config["max_value"]?.double
    negativeSlope = config["negative_slope"]?.double ?? 0
    threshold = config["threshold"]?.double ?? 0
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["max_value"] = maxValue.map(JSON.double) ?? .null
    config["negative_slope"] = .double(negativeSlope)
    config["threshold"] = .double(threshold)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let values = [maxValue ?? 0, negativeSlope, threshold]
    guard values.allSatisfy({ $0 >= 0 }) else {
      throw shapeError(
        expected: "a maxValue, negativeSlope and threshold that are not negative",
        found: values.map { "\($0)" }.joined(separator: ", "))
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let isSimple = threshold == 0
    var output = isSimple ? input.relu() : (input .> threshold).select(input, 0)
    if let maxValue { output = output.minimum(maxValue) }
    if negativeSlope == 0 { return output }
    return output - (threshold - input).relu() * negativeSlope
  }
}
