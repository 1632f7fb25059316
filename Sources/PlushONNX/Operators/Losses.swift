import PlushTensor

// Losses of class numbers.

extension ONNXOperators {
  static let losses: [String: ONNXOperator] = [
    "NegativeLogLikelihoodLoss": { context in
      [try loss(context, try context.input(0, rank: 2...16))]
    },
    "SoftmaxCrossEntropyLoss": { context in
      let logarithms = try context.input(0, rank: 2...16).logSoftmax(axis: 1)
      return [try loss(context, logarithms), logarithms]
    },
  ]

  /// Of logarithms of probabilities [batch, classes, …] and class numbers [batch, …].
  private static func loss(_ context: NodeContext, _ logarithms: Tensor) throws -> Tensor {
    let labels = try context.input(1).cast(to: .int32)
    let classes = logarithms.shape[1]
    try context.require(
      labels.shape == [logarithms.shape[0]] + logarithms.shape[2...],
      "a class number for each of \(logarithms.shape)", "\(labels.shape)")
    let ignored = context.int("ignore_index").map { labels .== $0 }
    let known = ignored.map { $0.select(0, labels) } ?? labels
    let picked = logarithms.gatherElements(known.expandDims(axis: 1), axis: 1).squeeze(axis: 1)
    var weights = Tensor.ones(labels.shape, dtype: logarithms.dtype)
    if let given = context.optional(2) {
      try context.require(given.shape == [classes], "\(classes) weights", "\(given.shape)")
      weights = given.like(logarithms).gather(known)
    }
    if let ignored { weights = ignored.select(0, weights) }
    let losses = -picked * weights
    switch context.string("reduction") ?? "mean" {
    case "none": return losses
    case "sum": return losses.sum()
    default: return losses.sum() / weights.sum()
    }
  }
}
