import PlushTensor

extension Model {
  /// Samples with how much each counts.
  ///
  /// - Parameters:
  ///   - x: the inputs.
  ///   - y: the truths.
  ///   - sampleWeights: how much each sample counts, for each output; nil where all count the same.
  ///   - classWeight: how much samples of a class count, for models with one output; classes that
  ///     are missing count 1.
  /// - Throws: `DataError` if there are not as many weights as outputs, or class weights for
  ///   several outputs.
  func samples(
    _ x: [Tensor], _ y: [Tensor], sampleWeights: [Tensor?]?, classWeight: [Int: Double]?
  ) throws -> Samples {
    var weights = sampleWeights ?? []
    guard weights.isEmpty || weights.count == y.count else {
      throw DataError(
        .count, expected: "sample weights for \(y.count) outputs", found: "\(weights.count)")
    }
    if let classWeight, let truth = y.first {
      guard y.count == 1, let loss = try compiledTraining().losses.first else {
        throw DataError(
          .argument, expected: "class weights for one output", found: "\(y.count) outputs",
          hint: "give sampleWeights")
      }
      let own = try loss.weights(of: truth, classWeight)
      weights = [(weights.first ?? nil).map { $0.alignedWeight(for: own) * own } ?? own]
    }
    guard weights.contains(where: { $0 != nil }) else { return Samples(inputs: x, truths: y) }
    let all = zip(weights, y).map { $0 ?? Tensor.ones([$1.shape.first ?? 0]) }
    realize(all)
    return Samples(inputs: x, truths: y, weights: all)
  }
}

extension Loss {
  /// The weight of each sample by its class.
  fileprivate func weights(of truth: Tensor, _ classWeight: [Int: Double]) throws -> Tensor {
    let numbers: Tensor
    if case .oneHot = labels {
      numbers = truth.argMax(axis: -1)
    } else {
      let isColumn = truth.rank > 1 && truth.shape.last == 1
      numbers = (isColumn ? truth.squeeze(axes: [-1]) : truth).cast(to: .int32)
    }
    guard classWeight.keys.allSatisfy({ $0 >= 0 }) else {
      throw DataError(
        .argument, expected: "weights of classes from 0",
        found: classWeight.keys.sorted().map(String.init).joined(separator: ", "))
    }
    var weights = Tensor.ones(numbers.shape)
    for (number, weight) in classWeight {
      weights = (numbers .== number).select(Tensor(Float(weight)), weights)
    }
    return weights
  }
}
