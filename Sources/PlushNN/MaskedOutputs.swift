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

extension Tensor {
  /// The mean of the values that a mask lets count; of all if there is none or it has more axes.
  func mean(mask: Tensor?) -> Tensor {
    guard let mask, mask.rank <= rank else { return mean() }
    let counts = mask.alignedMask(for: self).cast(to: dtype).broadcast(to: shape)
    return (self * counts).sum() / counts.sum().maximum(1)
  }

  /// The mask [batch, steps] in a shape that broadcasts with values [batch, steps, …].
  func alignedMask(for values: Tensor) -> Tensor {
    reshape(shape + Array(repeating: 1, count: Swift.max(0, values.rank - rank)))
  }
}
