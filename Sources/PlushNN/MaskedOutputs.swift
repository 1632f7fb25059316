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
  /// Which places of an output count; nil where all do, or where it has no axis beside them.
  func mask(of output: Int) -> Tensor? {
    // A loss has a value for each place but the last axis.
    masks[output].flatMap { $0.rank < outputs[output].rank ? $0 : nil }
  }

  /// How much the places of an output count in the loss: weights of samples, and nothing where a
  /// mask leaves a step out. The mean over the rest is then that over all places.
  func sampleWeight(_ weight: Tensor?, of output: Int) -> Tensor? {
    guard let mask = mask(of: output) else { return weight }
    let total = mask.cast(to: .float32).sum().maximum(1)
    return mask.masking(weight) * (Tensor(Float(mask.count)) / total)
  }
}

extension Tensor {
  /// How much places count: as weights of samples say, and nothing where this mask leaves them out.
  func masking(_ weight: Tensor?) -> Tensor {
    let counts = cast(to: .float32)
    return weight.map { counts * $0.alignedWeight(for: counts) } ?? counts
  }

  /// The mask [batch, steps] in a shape that broadcasts with values [batch, steps, …].
  func alignedMask(for values: Tensor) -> Tensor {
    reshape(shape + Array(repeating: 1, count: Swift.max(0, values.rank - rank)))
  }
}
