import PlushTensor

/// The mean of its inputs, element by element; they may broadcast.
public final class Average: Merge {
  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs.dropFirst().reduce(inputs[0], +) / Double(inputs.count)
  }
}
