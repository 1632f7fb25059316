import PlushTensor

/// The product of its inputs, element by element; they may broadcast.
public final class Multiply: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0], *)
  }
}
