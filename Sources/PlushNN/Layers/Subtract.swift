import PlushTensor

/// The first of two inputs less the second; they may broadcast: [batch, …] each gives [batch, …].
public final class Subtract: Merge {
  override var inputCount: ClosedRange<Int> { 2...2 }

  override func merge(_ inputs: [Tensor]) -> Tensor {
    inputs[0] - inputs[1]
  }
}
