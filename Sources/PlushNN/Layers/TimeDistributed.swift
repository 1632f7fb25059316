import PlushTensor

/// Applies a layer to every step: [batch, steps, …] gives [batch, steps, …].
///
/// All steps are computed at once, as if they were more samples, unless the layer inside normalizes
/// over the samples of its batch: that does so for each step, as in Keras.
public final class TimeDistributed: Layer {
  /// The layer that is applied to each step.
  public let layer: Layer

  /// Creates the layer.
  public init(_ layer: Layer, inputShape: [Int?]? = nil, name: String? = nil) {
    self.layer = layer
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    layer = try Layer.make(inner: try config.get("layer") { $0 })
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["layer"] = layer.classAndConfig
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let step = try layer.checkedOutputShapes(for: [try shape(ofStep: inputShape)])[0]
    return [inputShape[0], inputShape[1]] + step.dropFirst()
  }

  public override func build(inputShape: Shape) throws {
    try layer.buildOnce([try shape(ofStep: inputShape)])
  }

  private func shape(ofStep inputShape: Shape) throws -> Shape {
    guard inputShape.count >= 3 else {
      throw shapeError(expected: "an input of shape [batch, steps, …]", found: inputShape.text)
    }
    return [inputShape[0]] + inputShape.dropFirst(2)
  }

  public override var supportsMasking: Bool { true }

  override var usesMasks: Bool { layer.usesMasks }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    let mixesSamples = layer.allLayers().contains { $0 is BatchNormalization }
    return [
      try distribute(inputs[0], masks[0], apart: training && mixesSamples) {
        try layer([$0], masks: [$1], training: training)[0]
      }
    ]
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try call([input], masks: [nil], training: training)[0]
  }

  public override var outputActivation: Activation? { layer.outputActivation }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    try distribute(input, nil, apart: false) { step, _ in
      try layer.callBeforeActivation(step, training: training)
    }
  }

  /// - Parameter apart: whether each step is computed by itself.
  private func distribute(
    _ input: Tensor, _ mask: Tensor?, apart: Bool, _ body: (Tensor, Tensor?) throws -> Tensor
  ) rethrows -> Tensor {
    let steps = input.shape[1]
    if apart && steps > 1 {
      return stack(try (0..<steps).map { try body(input[.all, $0], mask?[.all, $0]) }, axis: 1)
    }
    let output = try body(input.joiningSteps(), mask?.joiningSteps())
    return output.reshape([input.shape[0], steps] + output.shape.dropFirst())
  }
}

extension Tensor {
  /// [batch, steps, …] as [batch · steps, …].
  fileprivate func joiningSteps() -> Tensor {
    reshape([shape[0] * shape[1]] + shape.dropFirst(2))
  }
}
