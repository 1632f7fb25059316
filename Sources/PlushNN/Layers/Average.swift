import PlushTensor

/// The mean of two or more inputs, element by element; they may broadcast: [batch, …] each gives
/// [batch, …].
public final class Average: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0], +) / Double(inputs.count)
  }
}
