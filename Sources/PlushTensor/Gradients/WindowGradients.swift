import PlushEngine

// A convolution and its two gradients are derivatives of one sum of products of three arrays: each
// is linear in its operands, and the gradients of one are the others.

extension GradientRule {
  func convolve(_ convolution: Convolution) -> [Tensor] {
    let (input, filter) = (inputs[0], inputs[1])
    return [
      convolution.inputGradient(g, filter, of: input),
      convolution.filterGradient(input, g, of: filter),
    ]
  }

  func inputGradient(_ convolution: Convolution) -> [Tensor] {
    let (output, filter) = (inputs[0], inputs[1])
    return [
      .record(.convolution(convolution), [g, filter]),
      convolution.filterGradient(g, output, of: filter),
    ]
  }

  func filterGradient(_ convolution: Convolution) -> [Tensor] {
    let (input, output) = (inputs[0], inputs[1])
    return [
      convolution.inputGradient(output, g, of: input),
      .record(.convolution(convolution), [input, g]),
    ]
  }

  func pool(_ pooling: Pooling) -> Tensor {
    let operands = pooling.kind == .max ? [g, x] : [g]
    return .record(.poolGradient(pooling, sizes: x.spatialSizes), operands)
  }

  /// The gradient of the output is moved to places in the input; what comes back is taken from there.
  func poolGradient(_ pooling: Pooling) -> [Tensor?] {
    switch pooling.kind {
    case .average: [.record(.pool(pooling), [g])]
    case .max:
      [g.windows(pooling).gatherElements(inputs[1].firstOfLargest(pooling), axis: 0)[0], nil]
    }
  }
}

extension Convolution {
  fileprivate func inputGradient(
    _ output: Tensor, _ filter: Tensor, of input: Tensor
  ) -> Tensor {
    .record(.convolutionInputGradient(self, sizes: input.spatialSizes), [output, filter])
  }

  fileprivate func filterGradient(
    _ input: Tensor, _ output: Tensor, of filter: Tensor
  ) -> Tensor {
    .record(
      .convolutionFilterGradient(self, sizes: Array(filter.shape.dropLast(2))), [input, output])
  }
}
