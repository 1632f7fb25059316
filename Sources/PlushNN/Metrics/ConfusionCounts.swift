import PlushTensor

/// Which predictions count as yes: those above each of some thresholds.
enum Thresholds {
  /// These, in rising order.
  case listed([Double])
  /// So many from 0 to 1 at equal distances; `open` ones begin just below 0 and end just above 1.
  case even(Int, open: Bool)

  var count: Int {
    switch self {
    case .listed(let list): list.count
    case .even(let count, _): count
    }
  }
}

/// How often predictions above thresholds were right and wrong, summed over batches.
///
/// The sums are those of right and of wrong yeses, of shape [thresholds, columns], then those of
/// all that are yes and all that are no, of shape [columns].
struct ConfusionCounts {
  let truePositives: Tensor
  let falsePositives: Tensor
  let falseNegatives: Tensor
  let trueNegatives: Tensor

  /// The counts that four sums hold.
  init(_ sums: [Tensor]) {
    truePositives = sums[0]
    falsePositives = sums[1]
    falseNegatives = sums[2] - sums[0]
    trueNegatives = sums[3] - sums[1]
  }

  static func shapes(_ thresholds: Thresholds, columns: Int = 1) -> [[Int]] {
    [[thresholds.count, columns], [thresholds.count, columns], [columns], [columns]]
  }

  /// What a batch adds to the sums.
  ///
  /// - Parameters:
  ///   - truth: zero for no, anything else for yes, of shape [samples, columns].
  ///   - weight: how much each of them counts, in the same shape.
  static func terms(
    _ truth: Tensor, _ prediction: Tensor, _ weight: Tensor, _ thresholds: Thresholds
  ) -> [Tensor] {
    let yes = (truth .!= 0).cast(to: .float32) * weight
    let no = (truth .== 0).cast(to: .float32) * weight
    let above = [yes, no].map { sum($0, above: thresholds, prediction) }
    return above + [yes.sum(axis: 0), no.sum(axis: 0)]
  }

  /// Sums of the values whose prediction lies above each threshold.
  private static func sum(
    _ values: Tensor, above thresholds: Thresholds, _ prediction: Tensor
  ) -> Tensor {
    switch thresholds {
    case .listed(let list):
      let limits = Tensor(list.map { Float($0) }).reshape([list.count, 1, 1])
      let isAbove = prediction.expandDims(axis: 0) .> limits
      return (isAbove.cast(to: .float32) * values).sum(axis: 1)
    case .even(let count, let open):
      // A prediction is above all thresholds up to that of its bucket.
      let bucket = (prediction.clip(min: 0, max: 1) * Double(count - 1)).ceil() - 1
      let counted = open ? values : values * (bucket .>= 0).cast(to: .float32)
      let indices = bucket.maximum(0).cast(to: .int32)
      return counted.scatterAddElements(indices, axis: 0, length: count)
        .cumulativeSum(axis: 0, reverse: true)
    }
  }

  /// Which part of what is true was found.
  var recall: Tensor { truePositives.dividedOrZero(by: truePositives + falseNegatives) }
  /// Which part of what was found is true.
  var precision: Tensor { truePositives.dividedOrZero(by: truePositives + falsePositives) }
  /// Which part of what is false was not found.
  var specificity: Tensor { trueNegatives.dividedOrZero(by: trueNegatives + falsePositives) }
  /// Which part of what is false was found.
  var falsePositiveRate: Tensor {
    falsePositives.dividedOrZero(by: trueNegatives + falsePositives)
  }
}

/// What of predictions is looked at, laid out in columns.
struct ConfusionSelection {
  /// Whether predictions are taken before a sigmoid.
  var fromLogits = false
  /// Only so many largest predictions of a sample can be yes.
  var topK: Int?
  /// Only this class counts.
  var classID: Int?
  /// Whether each class is a column of its own.
  var byClass = false
  /// How much each class counts.
  var classWeights: [Double]?

  /// Truth, predictions and weights of shape [samples, columns].
  func callAsFunction(
    _ truth: Tensor, _ prediction: Tensor, _ weight: Tensor?
  ) -> (Tensor, Tensor, Tensor) {
    let prediction = fromLogits ? prediction.sigmoid() : prediction
    let ones = Tensor.ones(prediction.shape)
    var share = weight.map { ones * $0.alignedWeight(for: ones) } ?? ones
    if let classWeights { share = share * Tensor(classWeights.map { Float($0) }) }
    let chosen = topK.map { Self.top($0, of: prediction) } ?? prediction
    let parts = [truth.cast(to: .float32), chosen, share].map { part in
      guard let classID, part.rank > 1 else { return columns(part) }
      return columns(part.gather(Tensor([Int32(classID)]), axis: -1))
    }
    return (parts[0], parts[1], parts[2])
  }

  private func columns(_ x: Tensor) -> Tensor {
    let width = byClass ? x.shape.last ?? 1 : 1
    return x.reshape([x.count / Swift.max(1, width), width])
  }

  /// Predictions; all but the largest lie below every threshold.
  private static func top(_ k: Int, of prediction: Tensor) -> Tensor {
    let places = prediction.topK(k).indices
    let isTop = places.oneHot(prediction.shape.last ?? 1).sum(axis: -2) .> 0
    return isTop.select(prediction, Tensor.full(prediction.shape, Float(belowAll)))
  }

  /// Below every prediction that counts.
  static let belowAll = -1e10
}
