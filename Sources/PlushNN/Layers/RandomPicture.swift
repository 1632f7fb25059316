import PlushTensor

/// Changes pictures at random while training, each in its own way, so that a network does not learn
/// them by heart: what the layers of augmentation share. Else pictures stay as they are.
///
/// Shapes: [batch, rows, columns, channels] stays.
public class RandomPicture: Layer {
  let channelsFirst: Bool

  init(channelsFirst: Bool, inputShape: [Int?]?, name: String?) {
    self.channelsFirst = channelsFirst
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    channelsFirst = isChannelsFirst(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["data_format"] = .string(channelsFirst ? "channels_first" : "channels_last")
    config["seed"] = .null
    return config
  }

  /// The pictures, channels last, changed.
  func changed(_ pictures: Tensor) -> Tensor { pictures }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    _ = try spatialSizes(of: inputShape, rank: 2, channelsFirst: channelsFirst)
    return inputShape
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard training else { return input }
    return channelsFirst
      ? changed(input.moveAxis(1, to: -1)).moveAxis(-1, to: 1) : changed(input)
  }
}

/// Moves pictures, and fills what comes into sight: what random rotations, shifts and zooms share.
///
/// Shapes: [batch, rows, columns, channels] stays.
public class RandomMovement: RandomPicture {
  /// What comes into sight at the edges.
  public let fillMode: OutsideMode
  /// How elements between those of the picture are found.
  public let interpolation: Interpolation

  init(
    fillMode: OutsideMode, interpolation: Interpolation, channelsFirst: Bool,
    inputShape: [Int?]?, name: String?
  ) {
    self.fillMode = fillMode
    self.interpolation = interpolation
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    switch config["fill_mode"]?.string ?? "reflect" {
    case "reflect": fillMode = .reflect
    case "wrap": fillMode = .wrap
    case "nearest": fillMode = .nearest
    case "constant": fillMode = .constant(config["fill_value"]?.double ?? 0)
    case let name:
      throw ModelError(expected: "fill_mode reflect, wrap, nearest or constant", found: name)
    }
    switch config["interpolation"]?.string ?? "bilinear" {
    case "bilinear": interpolation = .bilinear
    case "nearest": interpolation = .nearest
    case let name: throw ModelError(expected: "interpolation bilinear or nearest", found: name)
    }
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["fill_value"] = 0.0
    switch fillMode {
    case .reflect: config["fill_mode"] = "reflect"
    case .wrap: config["fill_mode"] = "wrap"
    case .nearest: config["fill_mode"] = "nearest"
    case .constant(let value):
      config["fill_mode"] = "constant"
      config["fill_value"] = .double(value)
    }
    config["interpolation"] = interpolation == .nearest ? "nearest" : "bilinear"
    return config
  }

  /// For each of `count` pictures of this size the places (x, y) that are seen at (column, row):
  /// `(a x + b y + c, e x + f y + g)`, each [count].
  func movement(_ count: Int, rows: Int, columns: Int) -> [Tensor] { [] }

  override func changed(_ pictures: Tensor) -> Tensor {
    let count = pictures.shape[0]
    let numbers = movement(count, rows: pictures.shape[1], columns: pictures.shape[2])
    let none = Tensor.zeros([count])
    return pictures.transform(
      stack(numbers + [none, none], axis: 1), interpolation: interpolation, outside: fillMode)
  }
}

extension ClosedRange<Double> {
  /// Numbers of the range, all equally likely.
  func random(_ shape: [Int]) -> Tensor {
    lowerBound == upperBound
      ? .full(shape, lowerBound, dtype: .float32)
      : .randomUniform(shape, low: lowerBound, high: upperBound)
  }

  /// From minus a number to the number.
  static func around0(_ size: Double) -> ClosedRange { -Swift.abs(size)...Swift.abs(size) }

  /// The range in a configuration: two numbers, or one for both sides of 0.
  ///
  /// - Throws: `ModelError` if it is something else.
  init(config json: JSON?, _ name: String) throws {
    if let size = json?.double, size.isFinite {
      self = .around0(size)
    } else if let ends = json?.array?.compactMap(\.double), ends.count == 2, ends[0] <= ends[1] {
      self = ends[0]...ends[1]
    } else {
      throw ModelError(
        expected: "\(name): a number, or a lower and an upper one",
        found: json?.summary ?? "nothing")
    }
  }

  /// The range in a configuration.
  var config: JSON { .array([.double(lowerBound), .double(upperBound)]) }
}
