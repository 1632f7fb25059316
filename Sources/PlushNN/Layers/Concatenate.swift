import PlushTensor

/// Puts its inputs behind each other along an axis: with the last [batch, …, a] and [batch, …, b]
/// give [batch, …, a + b].
///
/// Inputs that differ in other axes are refused with a `ModelError` when the model is made.
public final class Concatenate: Layer {
  /// The axis; the others must agree.
  public let axis: Int

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - axis: the axis, counted with that of the samples, or from the last with -1.
  ///   - name: the name; by default the model gives one.
  public init(axis: Int = -1, name: String? = nil) {
    self.axis = axis
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    axis = config["axis"]?.int ?? -1
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = .int(axis)
    return config
  }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    guard let first = inputShapes.first else {
      throw shapeError(expected: "inputs", found: "none")
    }
    let place = try place(of: axis, in: first)
    var result = first
    for shape in inputShapes.dropFirst() {
      var joined = shape
      if joined.indices.contains(place) { joined[place] = first[place] }
      guard joined.fits(first) else {
        throw shapeError(
          expected: "inputs that agree in all axes but \(place)", found: inputShapes.text)
      }
      result = zip(result, joined).map { $0 ?? $1 }
      result[place] = nil
    }
    let sizes = inputShapes.map { $0[place] }
    result[place] = sizes.contains(nil) ? nil : sizes.reduce(0) { $0 + $1! }
    return [result]
  }

  public override func build(inputShapes: [Shape]) throws {}

  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    guard masks.contains(where: { $0 != nil }) else { return [] }
    let wide = zip(inputs, masks).map { input, mask in
      guard let mask else { return Tensor.ones(input.shape, dtype: .bool) }
      return mask.alignedMask(for: input).broadcast(to: input.shape)
    }
    // As in Keras, a step counts if any of what was joined in it does.
    let joined = concatenate(wide, axis: axis)
    return [joined.rank > 2 ? joined.any(axes: Array(2..<joined.rank)) : joined]
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    [concatenate(inputs, axis: axis)]
  }
}
