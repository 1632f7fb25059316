import PlushTensor

/// Makes one array of several, element by element: what `Add`, `Average` and their like share.
///
/// Shapes: arrays of one shape, or that broadcast, give one of that shape; an input with fewer axes
/// gets axes of size 1 after that of the samples.
public class Merge: Layer {
  /// Creates the layer.
  public init(name: String? = nil) { super.init(name: name) }

  public required init(config: JSON) throws { try super.init(config: config) }

  /// How many inputs there must be.
  var inputCount: ClosedRange<Int> { 2...Int.max }

  /// The result for inputs of one rank.
  func merge(_ inputs: [Tensor]) -> Tensor {
    preconditionFailure("\(Self.className) lacks merge(_:)")
  }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    guard inputCount.contains(inputShapes.count) else {
      throw shapeError(
        expected: inputCount == 2...2 ? "two inputs" : "two or more inputs",
        found: "\(inputShapes.count)")
    }
    let rank = inputShapes.map(\.count).max() ?? 0
    var result = inputShapes[0].widened(to: rank)
    for shape in inputShapes.dropFirst() {
      guard let next = result.broadcast(with: shape.widened(to: rank)) else {
        throw shapeError(
          expected: "inputs of one shape, or that broadcast", found: inputShapes.text)
      }
      result = next
    }
    return [result]
  }

  public override func build(inputShapes: [Shape]) throws {}

  public override var supportsMasking: Bool { true }

  /// A step counts if it does in any input; all count if one input has no mask.
  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    let all = masks.compactMap { $0 }
    guard let first = all.first, all.count == masks.count else { return [] }
    return [all.dropFirst().reduce(first) { $0.logicalOr($1) }]
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    let rank = inputs.map(\.rank).max() ?? 0
    return [
      merge(
        inputs.map { input in
          input.rank == rank
            ? input : input.reshape(Shape(input.shape).widened(to: rank).map { $0! })
        })
    ]
  }
}

extension Shape {
  /// The shape with axes of size 1 after that of the samples.
  fileprivate func widened(to rank: Int) -> Shape {
    Array(prefix(1)) + Array(repeating: 1, count: rank - count) + Array(dropFirst())
  }
}
