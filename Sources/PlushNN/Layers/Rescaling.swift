import PlushTensor

/// `x · scale + offset`. The shape stays.
public final class Rescaling: Layer {
  private let scale: [Double]
  private let offset: [Double]

  /// Creates the layer, as in `Rescaling(1 / 255)` for pictures of bytes.
  ///
  /// - Parameters:
  ///   - scale: multiplies.
  ///   - offset: added afterwards.
  public convenience init(
    _ scale: Double, offset: Double = 0, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(scales: [scale], offsets: [offset], inputShape: inputShape, name: name)
  }

  /// Creates the layer with a scale and an offset for each feature of the last axis.
  public init(
    scales: [Double], offsets: [Double] = [0], inputShape: [Int?]? = nil, name: String? = nil
  ) {
    scale = scales
    offset = offsets
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    scale = try config.get("scale") { Rescaling.numbers($0) }
    offset = config["offset"].flatMap(Rescaling.numbers) ?? [0]
    try super.init(config: config)
  }

  private static func numbers(_ json: JSON) -> [Double]? {
    json.double.map { [$0] } ?? json.array?.compactMap(\.double)
  }

  public override var config: JSON {
    func json(_ numbers: [Double]) -> JSON {
      numbers.count == 1 ? .double(numbers[0]) : .array(numbers.map(JSON.double))
    }
    var config = super.config
    config["scale"] = json(scale)
    config["offset"] = json(offset)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    for numbers in [scale, offset] where numbers.count != 1 {
      guard Shape([numbers.count]).fits([inputShape.last ?? 1]), inputShape.count > 1 else {
        throw shapeError(
          expected: "a number for each feature of \(inputShape.text)",
          found: "\(numbers.count) numbers")
      }
    }
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let x = input.dtype.isFloating ? input : input.cast(to: .float32)
    let factors = scale.count == 1 ? x * scale[0] : x * Tensor(scale).cast(to: x.dtype)
    return offset.count == 1 ? factors + offset[0] : factors + Tensor(offset).cast(to: x.dtype)
  }
}
