import PlushTensor

/// The largest of two or more inputs, element by element; they may broadcast: [batch, …] each gives
/// [batch, …].
public final class Maximum: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0]) { $0.maximum($1) }
  }
}
