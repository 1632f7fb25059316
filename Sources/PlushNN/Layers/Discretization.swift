import PlushTensor

/// Turns numbers into those of the ranges in which they lie.
///
/// With boundaries [0, 1] numbers below 0 give 0, those from 0 to below 1 give 1, others 2. Shapes:
/// [batch, …] stays for `.int`, see `CategoryOutput` for others.
public final class Discretization: Layer {
  /// Where ranges begin, in rising order; empty before `adapt`.
  public private(set) var boundaries: [Double]
  private let bins: Int?
  private let epsilon: Double
  private let output: CategoryOutput

  /// Creates the layer for given ranges.
  ///
  /// - Parameters:
  ///   - boundaries: where ranges begin, in rising order.
  ///   - output: the form of the numbers of ranges.
  public init(
    boundaries: [Double], output: CategoryOutput = .int, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.boundaries = boundaries
    bins = nil
    epsilon = 0.01
    self.output = output
    super.init(name: name, inputShape: inputShape)
  }

  /// Creates the layer for ranges that `adapt` chooses so that each holds as many numbers.
  ///
  /// - Parameters:
  ///   - bins: how many ranges.
  ///   - epsilon: how far the share of a range may be off.
  ///   - output: the form of the numbers of ranges.
  public init(
    bins: Int, epsilon: Double = 0.01, output: CategoryOutput = .int, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    boundaries = []
    self.bins = bins
    self.epsilon = epsilon
    self.output = output
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    boundaries = config["bin_boundaries"]?.array?.compactMap(\.double) ?? []
    bins = config["num_bins"]?.int
    epsilon = config["epsilon"]?.double ?? 0.01
    output = try CategoryOutput(config: config["output_mode"], default: .int)
    guard bins != nil || config["bin_boundaries"]?.array != nil else {
      throw ModelError(expected: "num_bins or bin_boundaries", found: "neither")
    }
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["bin_boundaries"] =
      boundaries.isEmpty && bins != nil ? .null : .array(boundaries.map(JSON.double))
    config["num_bins"] = bins.map(JSON.int) ?? .null
    config["epsilon"] = .double(epsilon)
    config["output_mode"] = .string(output.rawValue)
    config["sparse"] = false
    return config
  }

  /// Chooses the boundaries from data of any shape, in place of those chosen before.
  ///
  /// To be called before the layer becomes part of a program, that is before `fit` or `predict`.
  ///
  /// - Throws: `ModelError` if the layer was made with boundaries, or there are no data.
  public func adapt(_ data: Tensor) throws {
    guard let bins else {
      throw shapeError(
        expected: "a layer made with bins", found: "one made with boundaries")
    }
    try check()
    guard data.count > 0 else { throw shapeError(expected: "data", found: "none") }
    let summary = QuantileSummary(data.cast(to: .float32).dataSync(), epsilon: epsilon)
    boundaries = summary.boundaries(bins: bins)
  }

  private func check() throws {
    if let bins, bins < 1 { throw shapeError(expected: "at least one bin", found: "\(bins)") }
    guard epsilon > 0, epsilon < 1 else {
      throw shapeError(expected: "an epsilon between 0 and 1", found: "\(epsilon)")
    }
    guard output != .tfIDF else {
      throw shapeError(
        expected: "the output mode int, one_hot, multi_hot or count", found: output.rawValue)
    }
    guard zip(boundaries, boundaries.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw shapeError(expected: "boundaries in rising order", found: "\(boundaries)")
    }
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try check()
    let depth = boundaries.isEmpty ? bins ?? 1 : boundaries.count + 1
    return try outputShape(of: output, for: inputShape, depth: depth)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard !boundaries.isEmpty || bins == nil else {
      throw shapeError(
        expected: "boundaries", found: "none", hint: "call adapt(_:) with data first")
    }
    let depth = boundaries.count + 1
    let starts = Tensor(boundaries.map(Float.init), shape: [boundaries.count])
    let isPast = input.cast(to: .float32).expandDims(axis: -1) .>= starts
    return output.encode(isPast.cast(to: .int32).sum(axis: -1), depth: depth)
  }
}
