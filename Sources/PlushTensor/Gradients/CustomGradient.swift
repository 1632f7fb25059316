import PlushEngine

/// The gradients of inputs from the inputs, the outputs and the gradients of the outputs.
public typealias Backward =
  @Sendable (_ inputs: [Tensor], _ outputs: [Tensor], _ gradients: [Tensor]) -> [Tensor]

/// The result of `forward`, with gradients that `backward` tells instead of those of its operators.
///
/// `backward` gets what it needs as arguments: a tensor that it captured would be kept in memory.
public func customGradient(
  _ inputs: [Tensor], forward: ([Tensor]) -> [Tensor], backward: @escaping Backward
) -> [Tensor] {
  let outputs = forward(inputs)
  let nodes = (outputs + inputs).map(\.node)
  return Node(.override(backward), nodes, outputs.map(\.type)).projections
}

extension Tensor {
  /// A function of one tensor with a gradient of its own: `gradient(input, output, gradient)`.
  func differentiable(
    _ forward: (Tensor) -> Tensor,
    gradient: @escaping @Sendable (_ x: Tensor, _ y: Tensor, _ g: Tensor) -> Tensor
  ) -> Tensor {
    customGradient([self], forward: { [forward($0[0])] }) { [gradient($0[0], $1[0], $2[0])] }[0]
  }

  /// The same values, through which no gradient flows.
  public func stopGradient() -> Tensor {
    Node(.override { _, _, _ in [] }, [node], [type]).tensor
  }

  /// The same values as a node of its own, through which gradients flow unchanged.
  func separate() -> Tensor { differentiable({ $0 }, gradient: { _, _, g in g }) }
}
