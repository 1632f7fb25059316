import PlushTensor

extension Loss {
  /// How unlikely a sequence of labels is, whatever their places in time.
  ///
  /// Graves et al., "Connectionist temporal classification", 2006. The truth holds class numbers of
  /// shape [batch, labels], filled up with zeros; the prediction logits of shape
  /// [batch, time, classes], class 0 being the blank. A sequence too long for the time has a value
  /// beyond 1e29.
  public static let ctc = Loss("ctc", .any, fromLogits: true) { truth, prediction in
    let labels = truth.cast(to: .int32)
    let path = CTCPath(labels)
    return path.loss(prediction.logSoftmax())
  }
}

/// All ways through labels with blanks before, between and after them.
private struct CTCPath {
  /// The classes on the way, of shape [batch, 2 · labels + 1].
  private let classes: Tensor
  /// Whether a place may be reached from the label before, over the blank.
  private let maySkip: Tensor
  /// How many labels each sample has.
  private let lengths: Tensor
  private let impossible: Double = -1e30

  init(_ labels: Tensor) {
    let (batch, count) = (labels.shape[0], labels.shape[1])
    let pairs = stack([Tensor.zeros(like: labels), labels], axis: 2)
    let blank = Tensor.zeros([batch, 1], dtype: .int32)
    classes = concatenate([pairs.reshape([batch, 2 * count]), blank], axis: 1)
    let before = Self.shifted(classes, by: 2, filledWith: 0)
    maySkip = (classes .!= 0).logicalAnd(classes .!= before)
    lengths = (labels .!= 0).cast(to: .int32).sum(axis: 1, keepDims: true)
  }

  private static func shifted(_ x: Tensor, by places: Int, filledWith value: Double) -> Tensor {
    let width = x.shape[1]
    let padded = x.pad([(0, 0), (places, 0)], value: value)
    return padded.slice(starts: [0, 0], sizes: [x.shape[0], width])
  }

  /// The forward variables of section 4.1, as logarithms, time by time.
  func loss(_ logarithms: Tensor) -> Tensor {
    let (batch, time, width) = (classes.shape[0], logarithms.shape[1], classes.shape[1])
    let indices = classes.expandDims(axis: 1).broadcast(to: [batch, time, width])
    let steps = logarithms.gatherElements(indices, axis: 2).unstack(axis: 1)
    let isStart = Tensor.range(0, Double(width)).reshape([1, width]) .< 2
    let nothing = Tensor.full([batch, width], Float(impossible))
    var ways = isStart.select(steps[0], nothing)
    for step in steps.dropFirst() {
      let next = Self.shifted(ways, by: 1, filledWith: impossible)
      let skipped = maySkip.select(Self.shifted(ways, by: 2, filledWith: impossible), nothing)
      ways = stack([ways, next, skipped], axis: 0).logSumExp(axis: 0) + step
    }
    return -ends(ways)
  }

  /// The ways that end with the last label or the blank after it.
  private func ends(_ ways: Tensor) -> Tensor {
    let blank = ways.gatherElements(lengths * 2, axis: 1)
    let place = (lengths * 2 - 1).maximum(0)
    let label = (lengths .> 0).select(
      ways.gatherElements(place, axis: 1), Tensor.full(blank.shape, Float(impossible)))
    return concatenate([blank, label], axis: 1).logSumExp(axis: 1)
  }
}
