import PlushTensor

// How much the areas of classes overlap: what truth and prediction have in common over what either
// has, from one matrix of counts.

extension Metric {
  /// The mean overlap of some classes.
  ///
  /// - Parameters:
  ///   - classes: how many classes there are.
  ///   - targets: the classes that count.
  ///   - ignoreClass: a number that marks places that do not count.
  ///   - sparseTruth: whether the truth is the number of the class; else a one in its place.
  ///   - sparsePrediction: whether the prediction is; else the largest value tells it.
  ///   - axis: that of the classes where they are not numbers.
  public static func iou(
    classes: Int, targets: [Int], ignoreClass: Int? = nil, sparseTruth: Bool = true,
    sparsePrediction: Bool = true, axis: Int = -1
  ) -> Metric {
    iou("io_u", classes, targets, ignoreClass, sparseTruth, sparsePrediction, axis)
  }

  /// The mean overlap of all classes; see `iou` for the parameters.
  public static func meanIoU(
    classes: Int, ignoreClass: Int? = nil, sparseTruth: Bool = true,
    sparsePrediction: Bool = true, axis: Int = -1
  ) -> Metric {
    iou(
      "mean_io_u", classes, Array(0..<classes), ignoreClass, sparseTruth, sparsePrediction, axis)
  }

  /// The mean overlap of some classes, given by ones in their places.
  public static func oneHotIoU(
    classes: Int, targets: [Int], ignoreClass: Int? = nil, sparsePrediction: Bool = false,
    axis: Int = -1
  ) -> Metric {
    iou("one_hot_io_u", classes, targets, ignoreClass, false, sparsePrediction, axis)
  }

  /// The mean overlap of all classes, given by ones in their places.
  public static func oneHotMeanIoU(
    classes: Int, ignoreClass: Int? = nil, sparsePrediction: Bool = false, axis: Int = -1
  ) -> Metric {
    iou(
      "one_hot_mean_io_u", classes, Array(0..<classes), ignoreClass, false, sparsePrediction, axis)
  }

  /// The mean overlap of zeros and ones, or of one of them.
  ///
  /// - Parameters:
  ///   - targets: which of them count.
  ///   - threshold: from which a prediction is one.
  public static func binaryIoU(targets: [Int] = [0, 1], threshold: Double = 0.5) -> Metric {
    let arguments: JSON = [
      "target_class_ids": .array(targets.map(JSON.int)), "threshold": .double(threshold),
    ]
    return overlap("binary_io_u", 2, targets, nil, arguments) { truth, prediction in
      (truth, prediction .>= threshold)
    }
  }

  private static func iou(
    _ name: String, _ classes: Int, _ targets: [Int], _ ignoreClass: Int?, _ sparseTruth: Bool,
    _ sparsePrediction: Bool, _ axis: Int
  ) -> Metric {
    let arguments: JSON = [
      "num_classes": .int(classes), "target_class_ids": .array(targets.map(JSON.int)),
      "ignore_class": ignoreClass.map(JSON.int) ?? .null, "sparse_y_true": .bool(sparseTruth),
      "sparse_y_pred": .bool(sparsePrediction), "axis": .int(axis),
    ]
    return overlap(name, classes, targets, ignoreClass, arguments) { truth, prediction in
      (
        sparseTruth ? truth : truth.argMax(axis: axis),
        sparsePrediction ? prediction : prediction.argMax(axis: axis)
      )
    }
  }

  private static func overlap(
    _ name: String, _ classes: Int, _ targets: [Int], _ ignoreClass: Int?, _ arguments: JSON,
    numbers: @escaping @Sendable (Tensor, Tensor) -> (Tensor, Tensor)
  ) -> Metric {
    precondition(
      targets.allSatisfy { (0..<classes).contains($0) },
      "the classes \(targets) are not among \(classes)")
    let state = State(labels: .any, shapes: [[classes, classes]]) { truth, prediction, weight in
      let (truth, prediction) = numbers(truth, prediction)
      return [confusion(truth, prediction, weight, classes, ignoreClass)]
    } result: {
      meanOverlap($0[0], targets)
    }
    return Metric(name, state, arguments: arguments)
  }

  /// How often each class, a row, was taken for each, a column.
  private static func confusion(
    _ truth: Tensor, _ prediction: Tensor, _ weight: Tensor?, _ classes: Int, _ ignoreClass: Int?
  ) -> Tensor {
    func isKnown(_ x: Tensor) -> Tensor { (x .>= 0).logicalAnd(x .< classes) }
    let right = prediction.cast(to: .int32).flatten()
    let left = truth.cast(to: .int32).flatten()
    var counts = isKnown(left).logicalAnd(isKnown(right))
    if let ignoreClass { counts = counts.logicalAnd(left .!= ignoreClass) }
    let ones = Tensor.ones(truth.shape)
    let share = weight.map { ones * $0.alignedWeight(for: ones) } ?? ones
    let weights = share.flatten() * counts.cast(to: .float32)
    func places(_ x: Tensor) -> Tensor { counts.select(x, Tensor.zeros(like: x)).oneHot(classes) }
    return (places(left) * weights.expandDims(axis: 1)).matmul(places(right), transposeA: true)
  }

  private static func meanOverlap(_ matrix: Tensor, _ targets: [Int]) -> Tensor {
    let common = matrix.diagonal()
    let either = matrix.sum(axis: 0) + matrix.sum(axis: 1) - common
    let chosen = Tensor(targets.map { Int32($0) })
    let (hits, all) = (common.gather(chosen), either.gather(chosen))
    let occurs = (all .> 1e-9).cast(to: .float32)
    let overlaps = hits / (all + Loss.epsilon) * occurs
    return overlaps.sum() / (occurs.sum() + Loss.epsilon)
  }
}
