import PlushTensor

/// The smallest of its inputs, element by element; they may broadcast.
public final class Minimum: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0]) { $0.minimum($1) }
  }
}
