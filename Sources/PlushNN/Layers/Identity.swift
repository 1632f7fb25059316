import PlushTensor

/// Passes its input on. The shape stays.
public final class Identity: Layer {
  /// Creates the layer.
  public init(inputShape: [Int?]? = nil, name: String? = nil) {
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws { try super.init(config: config) }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor { input }
}
