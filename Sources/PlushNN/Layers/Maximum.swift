import PlushTensor

/// The largest of its inputs, element by element; they may broadcast.
public final class Maximum: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0]) { $0.maximum($1) }
  }
}
