import PlushTensor

/// Mirrors each picture while training with a chance of one half, along each axis on its own.
///
/// Shapes: [batch, rows, columns, channels] stays.
public final class RandomFlip: RandomPicture {
  /// Along which axes.
  public enum Mode: String, Sendable, CaseIterable {
    /// Left and right.
    case horizontal
    /// Top and bottom.
    case vertical
    /// Both, each on its own.
    case horizontalAndVertical = "horizontal_and_vertical"
  }

  /// Along which axes.
  public let mode: Mode

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - mode: along which axes.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public init(
    _ mode: Mode = .horizontalAndVertical, channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.mode = mode
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    let name = config["mode"]?.string ?? Mode.horizontalAndVertical.rawValue
    guard let mode = Mode(rawValue: name) else {
      throw ModelError(
        expected: "mode " + Mode.allCases.map(\.rawValue).joined(separator: ", "), found: name)
    }
    self.mode = mode
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["mode"] = .string(mode.rawValue)
    return config
  }

  override func changed(_ pictures: Tensor) -> Tensor {
    func everyOther(_ flipped: Tensor, _ original: Tensor) -> Tensor {
      (Tensor.randomUniform([original.shape[0], 1, 1, 1]) .< 0.5).select(flipped, original)
    }
    var result = pictures
    if mode != .vertical { result = everyOther(result.flipLeftRight(), result) }
    if mode != .horizontal { result = everyOther(result.flipUpDown(), result) }
    return result
  }
}
