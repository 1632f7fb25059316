import PlushTensor

/// Outputs of a layer, and for each which steps of it count.
struct MaskedOutputs {
  let outputs: [Tensor]
  /// As many as outputs, of type bool and shape [batch, steps]; nil where all steps count.
  let masks: [Tensor?]

  init(_ outputs: [Tensor], _ masks: [Tensor?]) {
    self.outputs = outputs
    self.masks = outputs.indices.map { $0 < masks.count ? masks[$0] : nil }
  }
}

extension Graph.Results {
  /// How much the places of an output count: weights of samples, and nothing where a mask leaves a
  /// step out. The mean over the rest is then that over all places.
  func sampleWeight(_ weight: Tensor?, of output: Int) -> Tensor? {
    // A loss has a value for each place but the last axis.
    guard let mask = masks[output], mask.rank < outputs[output].rank else { return weight }
    let counts = mask.cast(to: .float32)
    let share = counts * (Tensor(Float(mask.count)) / counts.sum().maximum(1))
    return weight.map { share * $0.alignedWeight(for: share) } ?? share
  }
}

extension Tensor {
  /// The mask [batch, steps] in a shape that broadcasts with values [batch, steps, …].
  func alignedMask(for values: Tensor) -> Tensor {
    reshape(shape + Array(repeating: 1, count: Swift.max(0, values.rank - rank)))
  }
}
