import PlushTensor

/// Gives each sample another shape: with `Reshape([3, -1])` [batch, 12] gives [batch, 3, 4].
///
/// One axis may be -1 and takes what is left. Sizes that do not agree are refused with a
/// `ModelError` when the model is made.
public final class Reshape: Layer {
  /// The shape of a sample.
  public let targetShape: [Int]

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - targetShape: the shape of a sample; one axis may be -1.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  public init(_ targetShape: [Int], inputShape: [Int?]? = nil, name: String? = nil) {
    self.targetShape = targetShape
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    let shape = try config.get("target_shape", \.array)
    // TensorFlow.js writes null for -1.
    targetShape = shape.compactMap { $0.isNull ? -1 : $0.int }
    guard targetShape.count == shape.count else {
      throw ModelError(expected: "whole numbers in target_shape", found: "\(targetShape)")
    }
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["target_shape"] = .array(targetShape.map(JSON.int))
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard let batch = inputShape.first else {
      throw shapeError(expected: "an input with an axis of samples", found: inputShape.text)
    }
    let known = targetShape.filter { $0 != -1 }
    guard known.count >= targetShape.count - 1, known.allSatisfy({ $0 >= 0 }) else {
      throw shapeError(
        expected: "a target shape of sizes with at most one -1", found: "\(targetShape)")
    }
    let sizes = inputShape.dropFirst().compactMap { $0 }
    guard sizes.count == inputShape.count - 1 else {
      return [batch] + targetShape.map { $0 == -1 ? nil : $0 }
    }
    guard Shape(known).isPossible, Shape(sizes).isPossible else {
      throw shapeError(
        expected: "a target shape that fits into memory", found: "\(targetShape)")
    }
    let count = sizes.reduce(1, *)
    let product = known.reduce(1, *)
    let isOpen = known.count < targetShape.count
    guard isOpen ? product > 0 && count % product == 0 : count == product else {
      throw shapeError(
        expected: "\(count) elements a sample, as in the input \(inputShape.text)",
        found: "the target shape \(targetShape)")
    }
    return [batch] + targetShape.map { $0 == -1 ? count / product : $0 }
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let shape = try outputShape(for: input.shape)
    return input.reshape(shape.map { $0 ?? -1 })
  }
}
