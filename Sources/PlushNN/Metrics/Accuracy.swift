import PlushTensor

extension Metric {
  /// The part of right answers, under the name `accuracy`: binary, categorical or sparse, as the
  /// loss and the outputs ask for.
  public static let accuracy = Metric("accuracy") { loss, outputShape in
    let metric = chosenAccuracy(loss, outputShape)
    return metric.makeState?(loss, outputShape)
      ?? State(shapes: []) { _, _, _ in
        []
      } result: {
        _ in
        Tensor(Float.nan)
      }
  }

  /// The part of predictions that equal the truth, both being numbers of classes.
  public static let equality = Metric("equality", .numbers) { $0 .== $1 }.named("accuracy")

  /// The part of predictions on the right side of one half, truth and prediction having one shape.
  public static let binaryAccuracy = binaryAccuracy()

  /// The part of predictions on the right side of a threshold.
  public static func binaryAccuracy(threshold: Double = 0.5) -> Metric {
    Metric("binary_accuracy", .probabilities, arguments: ["threshold": .double(threshold)]) {
      truth, prediction in
      truth .== (prediction .> threshold).cast(to: truth.dtype)
    }
  }

  /// The part of samples whose largest prediction is in the place of the class; the truth is a one
  /// in that place, [batch, …, classes].
  public static let categoricalAccuracy = Metric("categorical_accuracy", .oneHot) {
    $0.argMax(axis: -1) .== $1.argMax(axis: -1)
  }

  /// The part of samples whose largest prediction has the number of the class; the truth is that
  /// number, [batch, …].
  public static let sparseCategoricalAccuracy = Metric(
    "sparse_categorical_accuracy", .classNumber
  ) {
    $0 .== $1.argMax(axis: -1)
  }

  /// The part of samples whose class, given as a one in its place, is among the k largest
  /// predictions.
  public static func topKCategoricalAccuracy(k: Int = 5) -> Metric {
    Metric("top_k_categorical_accuracy", .oneHot, arguments: ["k": .int(k)]) {
      isInTop(k, $0.argMax(axis: -1), $1)
    }
  }

  /// The part of samples whose class, given as a number, is among the k largest predictions.
  public static func sparseTopKCategoricalAccuracy(k: Int = 5) -> Metric {
    Metric("sparse_top_k_categorical_accuracy", .classNumber, arguments: ["k": .int(k)]) {
      isInTop(k, $0, $1)
    }
  }

  /// Whether fewer than k predictions are larger than that of the class.
  private static func isInTop(_ k: Int, _ classes: Tensor, _ prediction: Tensor) -> Tensor {
    let own = prediction.gatherElements(classes.expandDims(axis: -1), axis: -1)
    return (prediction .> own).cast(to: .float32).sum(axis: -1) .< Double(k)
  }

  private static func chosenAccuracy(_ loss: Loss, _ outputShape: Shape) -> Metric {
    if case .classNumber = loss.labels { return sparseCategoricalAccuracy }
    let isBinary = outputShape.last == 1 || loss.name.hasPrefix("binary_")
    return isBinary ? binaryAccuracy(threshold: loss.fromLogits ? 0 : 0.5) : categoricalAccuracy
  }
}
