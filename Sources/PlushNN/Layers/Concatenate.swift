import PlushTensor

/// Puts its inputs behind each other along an axis.
public final class Concatenate: Layer {
  /// The axis; the others must agree.
  public let axis: Int

  /// Creates the layer.
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
    let place = axis < 0 ? axis + first.count : axis
    guard place > 0, place < first.count else {
      throw shapeError(
        expected: "an axis of the samples of \(first.text)", found: "axis \(axis)")
    }
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

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    [concatenate(inputs, axis: axis)]
  }
}
