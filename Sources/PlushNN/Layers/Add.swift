import PlushTensor

/// The sum of its inputs, which may broadcast.
public final class Add: Layer {
  /// Creates the layer.
  public init(name: String? = nil) { super.init(name: name) }

  public required init(config: JSON) throws { try super.init(config: config) }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    guard var sum = inputShapes.first, inputShapes.count >= 2 else {
      throw shapeError(expected: "two or more inputs", found: "\(inputShapes.count)")
    }
    for shape in inputShapes.dropFirst() {
      guard let next = sum.broadcast(with: shape) else {
        throw shapeError(expected: "inputs of one shape", found: inputShapes.text)
      }
      sum = next
    }
    return [sum]
  }

  public override func build(inputShapes: [Shape]) throws {}

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    [inputs.dropFirst().reduce(inputs[0], +)]
  }
}
