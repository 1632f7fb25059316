import Foundation
import PlushTensor

/// Sines and cosines of the place in a sequence: inputs [batch, steps, features] give an array of
/// their shape, to be added to them.
///
/// Feature i of place p is `sin(p / maxWavelength^(i / features))` if i is even, and the cosine for
/// the i before if it is odd. Vaswani et al., "Attention is all you need", 2017.
public final class SinePositionEncoding: Layer {
  private let maxWavelength: Double

  /// Creates the layer; names and defaults are those of KerasHub.
  ///
  /// - Parameter maxWavelength: the longest wave, in 2π steps.
  public init(maxWavelength: Double = 10000, name: String? = nil) {
    self.maxWavelength = maxWavelength
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    maxWavelength = config["max_wavelength"]?.double ?? 10000
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["max_wavelength"] = .double(maxWavelength)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard inputShape.count >= 3, maxWavelength > 0 else {
      throw shapeError(
        expected: "an input [batch, steps, features] and a wavelength above 0",
        found: "\(inputShape.text) and \(maxWavelength)")
    }
    _ = try sizes(of: [-1], in: inputShape)
    return inputShape
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let (steps, features) = (input.shape[input.rank - 2], input.shape[input.rank - 1])
    let pairs = (0..<features).map { $0 / 2 * 2 }
    let rates = pairs.map { Float(pow(maxWavelength, -Double($0) / Double(features))) }
    let positions = Tensor.range(0, steps).cast(to: .float32).expandDims(axis: 1)
    let angles = positions * Tensor(rates)
    let isEven = Tensor((0..<features).map { $0.isMultiple(of: 2) })
    let encoding = isEven.select(angles.sin(), angles.cos())
    return encoding.cast(to: input.dtype).broadcast(to: input.shape)
  }
}
