import PlushTensor

// Faults that would otherwise show as a strange loss are found before training starts.

extension Model {
  /// Checks the samples for training or evaluation.
  ///
  /// - Throws: `DataError`, or `ModelError` if the inputs do not fit the input layers.
  func check(_ samples: Samples, _ training: Training) throws {
    try checkInputs(samples.inputs)
    try checkTruthShapes(samples.truths, training)
    try checkCounts(samples.arrays)
    for weight in samples.weights { try weight.checkNumbers("sample weights") }
    for (input, name) in zip(samples.inputs, inputNames) {
      try input.checkNumbers("input '\(name)'")
    }
    for ((truth, loss), shape) in zip(zip(samples.truths, training.losses), outputShapes) {
      try truth.checkNumbers("truth")
      try truth.checkLabels(loss, classes: (shape.last ?? nil) ?? 1)
    }
  }

  /// Checks the shapes of inputs.
  func checkInputs(_ inputs: [Tensor]) throws {
    if let scalar = inputs.first(where: { $0.rank == 0 }) {
      throw DataError(
        .shape, expected: "arrays whose first axis counts samples", found: "the scalar \(scalar)")
    }
    try buildFor(inputs)
    do {
      try check(inputs.map { $0.shape })
    } catch let error as ModelError {
      throw DataError(.shape, expected: error.expected, found: error.found, hint: error.hint)
    }
    try checkCounts(inputs)
  }

  private func checkCounts(_ arrays: [Tensor]) throws {
    let counts = arrays.map { $0.shape.first ?? 0 }
    guard let first = counts.first, first > 0 else {
      throw DataError(.count, expected: "at least one sample", found: "none")
    }
    guard counts.allSatisfy({ $0 == first }) else {
      throw DataError(
        .count, expected: "as many truths as inputs",
        found: counts.map(String.init).joined(separator: " and ") + " samples",
        hint: "the first axis counts samples")
    }
  }

  private func checkTruthShapes(_ truths: [Tensor], _ training: Training) throws {
    guard truths.count == outputShapes.count else {
      throw DataError(
        .count, expected: "the truth for \(outputShapes.count) outputs", found: "\(truths.count)")
    }
    for ((truth, shape), loss) in zip(zip(truths, outputShapes), training.losses) {
      try loss.checkShape(truth.shape, outputShape: shape)
    }
  }
}

extension Loss {
  /// Checks the shape of the truth for outputs of a shape.
  fileprivate func checkShape(_ shape: Shape, outputShape: Shape) throws {
    let column = Array(outputShape.dropLast())
    switch labels {
    case .any, .unknown: return
    case .classNumber:
      if shape.fits(column) || shape.fits(column + [1]) { return }
      throw DataError(
        .shape, expected: "the number of a class for each sample, of shape \(column.text)",
        found: shape.text,
        hint: shape.fits(outputShape)
          ? "labels of ones and zeros go with the loss categoricalCrossentropy" : nil)
    case .numbers, .probabilities, .oneHot:
      if shape.fits(outputShape) || (outputShape.last == 1 && shape.fits(column)) { return }
      throw DataError(
        .shape, expected: "the truth in the shape of the output, \(outputShape.text)",
        found: shape.text, hint: hint(shape, outputShape))
    }
  }

  private func hint(_ shape: Shape, _ outputShape: Shape) -> String? {
    let column = Array(outputShape.dropLast())
    guard let classes = outputShape.last ?? nil, shape.fits(column) || shape.fits(column + [1])
    else { return nil }
    if case .oneHot = labels {
      return "class numbers go with the loss sparseCategoricalCrossentropy; "
        + "or make them one-hot with oneHot(depth: \(classes))"
    }
    return "the last layer gives \(classes) numbers a sample"
  }
}

// Made once for each shape: every batch of a data set is checked.
private let hasNaN = Compiled { [$0[0].isNaN().any()] }

/// The least and the largest value, and whether any is not whole.
private let labelFacts = Compiled { arguments in
  let values = arguments[0].cast(to: .float64)
  let isBroken = (values .!= values.floor()).any().cast(to: .float64)
  return [stack([values.min(), values.max(), isBroken], axis: 0)]
}

extension Tensor {
  /// - Throws: `DataError` with the place of the first value that is not a number.
  fileprivate func checkNumbers(_ what: String) throws {
    guard dtype.isFloating, try hasNaN([self])[0].item() != 0 else { return }
    let place = dataSync().firstIndex { $0.isNaN } ?? 0
    throw at(
      place, .notANumber, "numbers in the \(what)", "NaN",
      "fill or drop missing values before training")
  }

  /// - Throws: `DataError` with the first label that is out of range.
  fileprivate func checkLabels(_ loss: Loss, classes: Int) throws {
    switch loss.labels {
    case .any, .unknown, .numbers: return
    case .probabilities, .oneHot:
      let facts = try labelFacts([self])[0].dataSync()
      guard facts[0] < 0 || facts[1] > 1 else { return }
      let values = dataSync()
      let place = values.firstIndex { $0 < 0 || $0 > 1 } ?? 0
      throw at(
        place, .label, "labels from 0 to 1 for the loss \(loss.name.camelCase)",
        "\(values[place])", nil)
    case .classNumber:
      if let number = loss.ignoreClass {
        let kept = (self .== number).select(Tensor.zeros(like: self), self)
        return try kept.checkLabels(.sparseCategoricalCrossentropy, classes: classes)
      }
      let facts = try labelFacts([self])[0].dataSync()
      guard facts[0] < 0 || facts[1] >= Float(classes) || facts[2] != 0 else { return }
      try throwLabel(classes)
    }
  }

  private func throwLabel(_ classes: Int) throws {
    let values = dataSync()
    let place = values.firstIndex { $0 < 0 || $0 >= Float(classes) || $0 != $0.rounded() } ?? 0
    let value = Int(exactly: values[place]).map(String.init) ?? "\(values[place])"
    throw at(
      place, .label, "labels from 0 to \(classes - 1), since the last layer has \(classes) units",
      value,
      values[place] == Float(classes) ? "classes are counted from 0" : nil)
  }

  private func at(
    _ place: Int, _ kind: DataError.Kind, _ expected: String, _ found: String, _ hint: String?
  ) -> DataError {
    let width = Swift.max(1, shape.dropFirst().reduce(1, *))
    let (row, column) = (place / width, width > 1 ? place % width : nil)
    let position = "row \(row)" + (column.map { ", column \($0)" } ?? "")
    return DataError(
      kind, expected: expected, found: "\(found) in \(position)", hint: hint, row: row,
      column: column)
  }
}
