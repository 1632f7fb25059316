import PlushTensor

extension Metric {
  /// The accuracy that there would be if all classes had as many samples: the mean over classes of
  /// the part of their samples that is known. Classes without samples do not count.
  ///
  /// It is `balanced_accuracy_score` of scikit-learn. Truth and outputs are what the loss asks for:
  /// one-hot, numbers of classes, or one probability of the second class.
  public static let balancedAccuracy = Metric("balanced_accuracy") { loss, outputShape in
    let width = (outputShape.last ?? nil) ?? 1
    let isNumber = if case .classNumber = loss.labels { true } else { false }
    let isBinary = width == 1
    let classes = Swift.max(2, width)
    let threshold = loss.fromLogits ? 0 : 0.5
    let shapes = [[classes], [classes]]
    return State(
      labels: isNumber ? .classNumber : isBinary ? .probabilities : .oneHot, shapes: shapes
    ) { truth, prediction, weight in
      let truths = isNumber || isBinary ? truth : truth.argMax(axis: -1)
      let answers =
        isBinary ? (prediction .> threshold).cast(to: .int32) : prediction.argMax(axis: -1)
      let numbers = truths.flatten().cast(to: .int32)
      let isRight = (numbers .== answers.flatten().cast(to: .int32)).cast(to: .float32)
      let share = weight.map { $0.flatten() * Tensor.ones([numbers.count]) }
      let places = numbers.oneHot(classes) * (share ?? Tensor.ones([1])).expandDims(axis: 1)
      return [(places * isRight.expandDims(axis: 1)).sum(axis: 0), places.sum(axis: 0)]
    } result: { sums in
      let occurs = (sums[1] .> 0).cast(to: .float32).sum()
      return sums[0].dividedOrZero(by: sums[1]).sum().dividedOrZero(by: occurs)
    }
  }
}
