import PlushTensor

/// `x` where positive, `alpha (exp(x) - 1)` elsewhere. The shape stays.
///
/// Clevert et al., "Fast and accurate deep network learning by exponential linear units", 2015.
public final class ELU: Layer {
  private let alpha: Double

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - alpha: minus the value far below zero.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(alpha: Double = 1, inputShape: [Int?]? = nil, name: String? = nil) {
    self.alpha = alpha
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    alpha = config["alpha"]?.double ?? 1
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["alpha"] = .double(alpha)
    return config
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.elu(alpha: alpha)
  }
}
