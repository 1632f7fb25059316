import PlushTensor

/// Brings features to mean 0 and variance 1 by what was measured on data: `adapt` measures. The
/// shape stays.
///
/// ```swift
/// let normalization = Normalization()
/// try normalization.adapt(measurements)  // [samples, features]
/// ```
public final class Normalization: Layer {
  private let axes: [Int]
  private let invert: Bool
  private let givenMean: [Double]?
  private let givenVariance: [Double]?
  private var mean: Variable?
  private var variance: Variable?
  private var count: Variable?

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - axes: the axes whose places each have a mean and variance of their own, counted with that
  ///     of the samples; none for one mean and variance of all.
  ///   - mean: the mean, instead of `adapt`: one number, or one for each place of `axes`.
  ///   - variance: the variance, as many numbers.
  ///   - invert: whether to go from normalized features back.
  public init(
    axes: [Int] = [-1], mean: [Double]? = nil, variance: [Double]? = nil, invert: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.axes = axes
    self.invert = invert
    givenMean = mean
    givenVariance = variance
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    let axis = config["axis"]
    axes = axis?.isNull == true ? [] : [Int](axisConfig: axis) ?? [-1]
    invert = config["invert"]?.bool ?? false
    givenMean = config["mean"]?.flatNumbers
    givenVariance = config["variance"]?.flatNumbers
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axis"] = .array(axes.map(JSON.int))
    config["invert"] = .bool(invert)
    config["mean"] = givenMean.map { .array($0.map(JSON.double)) } ?? .null
    config["variance"] = givenVariance.map { .array($0.map(JSON.double)) } ?? .null
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let count = try sizes(of: axes, in: inputShape).reduce(1, *)
    guard (givenMean == nil) == (givenVariance == nil) else {
      throw shapeError(expected: "mean and variance, or neither", found: "one of them")
    }
    for numbers in [givenMean, givenVariance].compactMap({ $0 }) {
      guard [1, count].contains(numbers.count) else {
        throw shapeError(
          expected: "one number, or one for each of the \(count) places of axes \(axes)",
          found: "\(numbers.count)")
      }
    }
    return inputShape
  }

  public override func build(inputShape: Shape) throws {
    guard givenMean == nil else { return }
    let shape = try sizes(of: axes, in: inputShape)
    mean = addWeight("mean", shape: shape, initializer: .zeros, trainable: false)
    variance = addWeight("variance", shape: shape, initializer: .ones, trainable: false)
    count = addWeight("count", value: Tensor(Int32(0)), trainable: false)
  }

  /// Measures mean and variance of data, in place of what was measured before.
  ///
  /// - Parameter data: samples, the first axis counts them.
  /// - Throws: `ModelError` if the data do not fit or mean and variance were given.
  public func adapt(_ data: Tensor) throws {
    let shape: Shape = [nil] + data.shape.dropFirst().map { $0 }
    _ = try checkedOutputShapes(for: [shape])
    try buildOnce([shape])
    guard let mean, let variance, let count else {
      throw shapeError(
        expected: "a layer without mean and variance", found: "one that was made with them")
    }
    let kept = axes.places(rank: data.rank)
    let axes = (0..<data.rank).filter { !kept.contains($0) }
    let values = data.cast(to: .float32)
    mean.value = values.mean(axes: axes)
    variance.value = values.variance(axes: axes)
    count.value = Tensor(Int32(clamping: data.shape.first ?? 1))
  }

  public override var supportsMasking: Bool { true }

  override var computesInFloat32: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let places = axes.places(rank: input.rank)
    let shape = input.shape.enumerated().map { places.contains($0) ? $1 : 1 }
    let mean = moment(mean, givenMean, shape)
    let deviation = moment(variance, givenVariance, shape).sqrt().maximum(1e-7)
    let x = input.dtype.isFloating ? input : input.cast(to: .float32)
    return invert ? x * deviation + mean : (x - mean) / deviation
  }

  private func moment(_ variable: Variable?, _ given: [Double]?, _ shape: [Int]) -> Tensor {
    if let variable { return variable.value.reshape(shape) }
    let numbers = Tensor((given ?? [0]).map(Float.init), shape: [given?.count ?? 1])
    return numbers.count == 1 ? numbers.reshape([]) : numbers.reshape(shape)
  }
}

extension JSON {
  /// The numbers in nested lists, in order.
  fileprivate var flatNumbers: [Double]? {
    if let double { return [double] }
    return array?.flatMap { $0.flatNumbers ?? [] }
  }
}
