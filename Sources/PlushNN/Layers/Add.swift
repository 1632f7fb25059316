import PlushTensor

/// The sum of two or more inputs, which may broadcast: [batch, …] each gives [batch, …].
///
/// Inputs that do not broadcast are refused with a `ModelError` when the model is made; so do all
/// layers that merge.
public final class Add: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0], +)
  }
}
