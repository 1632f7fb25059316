import PlushTensor

/// The products of two inputs, summed along an axis of each, for each sample.
///
/// With `Dot(axes: (1, 2))` inputs [batch, 3, 5] and [batch, 10, 3] give [batch, 5, 10]; two
/// vectors a sample give [batch, 1].
public final class Dot: Layer {
  private let axes: [Int]
  private let normalize: Bool

  /// Creates the layer for one axis of both inputs.
  ///
  /// - Parameters:
  ///   - axis: the axis, counted with that of the samples, or from the last with -1.
  ///   - normalize: whether vectors along the axis first get length 1, which gives cosines.
  public init(axis: Int, normalize: Bool = false, name: String? = nil) {
    axes = [axis]
    self.normalize = normalize
    super.init(name: name)
  }

  /// Creates the layer for an axis of the first and an axis of the second input.
  public init(axes: (Int, Int), normalize: Bool = false, name: String? = nil) {
    self.axes = [axes.0, axes.1]
    self.normalize = normalize
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    guard let axes = [Int](axisConfig: config["axes"]), (1...2).contains(axes.count) else {
      throw ModelError(
        expected: "one or two axes", found: config["axes"]?.summary ?? "none")
    }
    self.axes = axes
    normalize = config["normalize"]?.bool ?? false
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["axes"] = axes.axisConfig
    config["normalize"] = .bool(normalize)
    return config
  }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    guard inputShapes.count == 2 else {
      throw shapeError(expected: "two inputs", found: "\(inputShapes.count)")
    }
    var (left, right) = (inputShapes[0], inputShapes[1])
    let first = try place(of: axes[0], in: left)
    let second = try place(of: axes.last ?? axes[0], in: right)
    guard Shape([left[first]]).fits([right[second]]) else {
      throw shapeError(
        expected: "inputs as long along axis \(first) as along axis \(second)",
        found: inputShapes.text)
    }
    left.remove(at: first)
    right.remove(at: second)
    let result = left + right.dropFirst()
    return [result.count == 1 ? result + [1] : result]
  }

  public override func build(inputShapes: [Shape]) throws {}

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    let (left, right) = (inputs[0], inputs[1])
    let a = rows(left, axis: axes[0])
    let b = rows(right, axis: axes.last ?? axes[0])
    let product = matmul(a, b.swapAxes(1, 2))
    let shape = try outputShapes(for: [left.shape, right.shape])[0]
    return [product.reshape(shape.map { $0! })]
  }

  /// The vectors along an axis as rows [batch, …, size].
  private func rows(_ input: Tensor, axis: Int) -> Tensor {
    let moved = input.moveAxis(axis, to: -1)
    let size = moved.shape[moved.rank - 1]
    let rows = moved.reshape([moved.shape[0], -1, size])
    return normalize ? rows.unitNormalization(axes: [2], epsilon: 1e-14) : rows
  }
}
