import PlushTensor

extension Metric {
  /// Which curve an area is measured under.
  public enum Curve: String, Sendable {
    /// Recall over the rate of wrong yeses.
    case roc = "ROC"
    /// Precision over recall.
    case pr = "PR"
    /// Gain of precision over gain of recall: Flach and Kull, 2015.
    case prGain = "PRGAIN"
  }

  /// How the area between two points of a curve is measured.
  public enum Summation: String, Sendable {
    /// By their mean height; for `pr` as Davis and Goadrich, 2006, say.
    case interpolation
    /// By the lower height.
    case minoring
    /// By the greater height.
    case majoring
  }

  /// The area under a curve of measures at all thresholds.
  ///
  /// - Parameters:
  ///   - thresholds: how many thresholds from 0 to 1 are looked at, at least 2.
  ///   - curve: the curve.
  ///   - summation: how the area between two points is measured.
  ///   - multiLabel: whether the area of each output is measured, and their mean taken.
  ///   - labelWeights: how much each output counts.
  ///   - fromLogits: whether the model's last layer has no sigmoid.
  public static func auc(
    thresholds: Int = 200, curve: Curve = .roc, summation: Summation = .interpolation,
    multiLabel: Bool = false, labelWeights: [Double]? = nil, fromLogits: Bool = false
  ) -> Metric {
    precondition(thresholds > 1, "an area takes at least 2 thresholds, not \(thresholds)")
    return auc(
      .even(thresholds, open: true), ["num_thresholds": .int(thresholds)], curve, summation,
      multiLabel, labelWeights, fromLogits)
  }

  /// The area under a curve of measures at given thresholds, to which 0 and 1 are added.
  public static func auc(
    thresholds: [Double], curve: Curve = .roc, summation: Summation = .interpolation,
    multiLabel: Bool = false, labelWeights: [Double]? = nil, fromLogits: Bool = false
  ) -> Metric {
    let all = [-Loss.epsilon] + thresholds.sorted() + [1 + Loss.epsilon]
    return auc(
      .listed(all), ["thresholds": .array(thresholds.map(JSON.double))], curve, summation,
      multiLabel, labelWeights, fromLogits)
  }

  private static func auc(
    _ thresholds: Thresholds, _ own: JSON, _ curve: Curve, _ summation: Summation,
    _ multiLabel: Bool, _ labelWeights: [Double]?, _ fromLogits: Bool
  ) -> Metric {
    var arguments = own
    arguments["curve"] = .string(curve.rawValue)
    arguments["summation_method"] = .string(summation.rawValue)
    arguments["multi_label"] = .bool(multiLabel)
    arguments["label_weights"] = labelWeights.map { .array($0.map(JSON.double)) } ?? .null
    arguments["from_logits"] = .bool(fromLogits)
    let selection = ConfusionSelection(
      fromLogits: fromLogits, byClass: multiLabel, classWeights: multiLabel ? nil : labelWeights)
    return confusion("auc", thresholds, selection, arguments) { counts in
      let areas = area(counts, curve, summation)
      guard multiLabel, let labelWeights else { return areas.mean() }
      let weights = Tensor(labelWeights.map { Float($0) })
      return (areas * weights).sum() / weights.sum()
    }
  }

  /// The area of each column.
  private static func area(
    _ counts: ConfusionCounts, _ curve: Curve, _ summation: Summation
  ) -> Tensor {
    if curve == .pr && summation == .interpolation { return interpolatedPR(counts) }
    let (x, y) = points(counts, curve)
    let (left, right) = (y.before, y.after)
    let height =
      switch summation {
      case .interpolation: (left + right) / 2
      case .minoring: left.minimum(right)
      case .majoring: left.maximum(right)
      }
    return ((x.before - x.after) * height).sum(axis: 0)
  }

  private static func points(_ counts: ConfusionCounts, _ curve: Curve) -> (x: Tensor, y: Tensor) {
    switch curve {
    case .roc: return (counts.falsePositiveRate, counts.recall)
    case .pr: return (counts.recall, counts.precision)
    case .prGain:
      let positives = counts.truePositives + counts.falseNegatives
      let scale = positives.dividedOrZero(by: counts.trueNegatives + counts.falsePositives)
      func gain(_ errors: Tensor, _ none: Double) -> Tensor {
        let gain = 1 - scale * errors.dividedOrZero(by: counts.truePositives)
        return (counts.truePositives .== 0).select(Tensor(Float(none)), gain)
      }
      return (gain(counts.falseNegatives, 0).maximum(0), gain(counts.falsePositives, 1))
    }
  }

  /// The area of the curve that true positives, not precision, follow along a line between points.
  private static func interpolatedPR(_ counts: ConfusionCounts) -> Tensor {
    let hits = counts.truePositives
    let all = hits + counts.falsePositives
    let rise = hits.before - hits.after
    let slope = rise.dividedOrZero(by: (all.before - all.after).maximum(0))
    let intercept = hits.after - slope * all.after
    let isUsable = (all.before .> 0).logicalAnd(all.after .> 0)
    let quotient = all.before.dividedOrZero(by: all.after.maximum(0))
    let ratio = isUsable.select(quotient, Tensor.ones(like: quotient))
    let positives = (hits.after + counts.falseNegatives.after).maximum(0)
    return (slope * (rise + intercept * ratio.log())).dividedOrZero(by: positives).sum(axis: 0)
  }
}

extension Tensor {
  /// All rows but the last.
  fileprivate var before: Tensor { rows(0..<shape[0] - 1) }
  /// All rows but the first.
  fileprivate var after: Tensor { rows(1..<shape[0]) }
}
