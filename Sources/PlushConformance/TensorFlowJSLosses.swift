import PlushTensor

extension TensorFlowJSOperators {
  static let losses: [String: Operator] = [
    "absoluteDifference": one {
      try $0.tensor(1).absoluteDifference(
        $0.tensor(0), weights: $0.optionalTensor(2), reduction: $0.reduction(3))
    },
    "computeWeightedLoss": one {
      try $0.tensor(0).weighed(by: $0.optionalTensor(1), $0.reduction(2))
    },
    "cosineDistance": one {
      try $0.tensor(1).cosineDistance(
        $0.tensor(0), axis: $0.requiredInt(2), weights: $0.optionalTensor(3),
        reduction: $0.reduction(4))
    },
    "hingeLoss": one {
      try $0.tensor(1).hingeLoss(
        $0.tensor(0), weights: $0.optionalTensor(2), reduction: $0.reduction(3))
    },
    "huberLoss": one {
      try $0.tensor(1).huberLoss(
        $0.tensor(0), weights: $0.optionalTensor(2), delta: $0.double(3) ?? 1,
        reduction: $0.reduction(4))
    },
    "logLoss": one {
      try $0.tensor(1).logLoss(
        $0.tensor(0), weights: $0.optionalTensor(2), epsilon: $0.double(3) ?? 1e-7,
        reduction: $0.reduction(4))
    },
    "meanSquaredError": one {
      try $0.tensor(1).meanSquaredError(
        $0.tensor(0), weights: $0.optionalTensor(2), reduction: $0.reduction(3))
    },
    "sigmoidCrossEntropy": one {
      try $0.tensor(1).sigmoidCrossEntropy(
        $0.tensor(0), weights: $0.optionalTensor(2), labelSmoothing: $0.double(3) ?? 0,
        reduction: $0.reduction(4))
    },
    "softmaxCrossEntropy": one {
      try $0.tensor(1).softmaxCrossEntropy(
        $0.tensor(0), weights: $0.optionalTensor(2), labelSmoothing: $0.double(3) ?? 0,
        reduction: $0.reduction(4))
    },
  ]
}

extension TensorFlowJSArguments {
  /// The reduction of a loss, which TensorFlow.js numbers.
  fileprivate func reduction(_ index: Int) throws -> LossReduction {
    let reductions: [LossReduction] = [.none, .mean, .sum, .sumByNonzeroWeights]
    guard let number = int(index) else { return .sumByNonzeroWeights }
    guard reductions.indices.contains(number) else {
      throw TensorFlowJSError("\(operation) has the reduction \(number)")
    }
    return reductions[number]
  }
}
