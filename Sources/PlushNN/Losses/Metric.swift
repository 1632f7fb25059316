import PlushTensor

/// What is counted while a model is trained or evaluated, beside the loss.
///
/// Usable as `.accuracy`, as `"accuracy"`, and with functions of your own. A metric sums over
/// batches what it needs and tells its value at the end:
///
/// ```swift
/// Metric("within_ten") { truth, prediction in ((truth - prediction).abs() .< 10) }
/// ```
public struct Metric: Sendable {
  /// The name, which is the key in the history.
  public let name: String
  let form: Form

  enum Form: Sendable {
    /// Depends on the loss and the shape of the outputs.
    case accuracy
    case state(State)
    case unknown
  }

  struct State: Sendable {
    /// Whether the truth is the number of the class; else it has the shape of the predictions.
    var labels = Loss.Labels.numbers
    /// The shapes of the sums, which begin at zero.
    let shapes: [[Int]]
    /// What to add to the sums for a batch.
    let terms: @Sendable (_ truth: Tensor, _ prediction: Tensor) -> [Tensor]
    /// The value for given sums.
    let result: @Sendable (_ sums: [Tensor]) -> Tensor
  }

  /// The mean of a value that every sample has.
  public init(
    _ name: String, values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.init(name, .numbers, values: values)
  }

  /// A metric that is computed from sums over all batches.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - shapes: the shapes of the sums.
  ///   - terms: what a batch adds to them.
  ///   - result: the value for given sums, a scalar.
  public init(
    _ name: String, shapes: [[Int]],
    terms: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> [Tensor],
    result: @escaping @Sendable (_ sums: [Tensor]) -> Tensor
  ) {
    self.name = name
    form = .state(State(shapes: shapes, terms: terms, result: result))
  }

  init(
    _ name: String, _ labels: Loss.Labels,
    values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.name = name
    form = .state(
      State(labels: labels, shapes: [[], []]) { truth, prediction in
        let values = values(truth, prediction).cast(to: .float32)
        return [values.sum(), Tensor(Float(values.count))]
      } result: {
        $0[0] / $0[1].maximum(1)
      })
  }

  /// Whether the metric came from a text that names none.
  var isUnknown: Bool {
    if case .unknown = form { true } else { false }
  }

  private init(_ name: String, _ form: Form) {
    self.name = name
    self.form = form
  }
}

extension Metric: ExpressibleByStringLiteral {
  /// The metric with this name, in either spelling; `compile` throws if there is none.
  public init(stringLiteral name: String) { self = Metric(name: name) ?? Metric(name, .unknown) }

  /// The metric with this name, in either spelling; nil if there is none.
  public init?(name: String) {
    let aliases = [
      "acc": "accuracy", "mean_squared_error": "mse", "mean_absolute_error": "mae",
    ]
    let key = name.snakeCase
    let wanted = aliases[key] ?? key
    if let found = Metric.named.first(where: { $0.name == wanted }) {
      self = Metric(key == "acc" ? "accuracy" : key, found.form)
    } else {
      return nil
    }
  }

  /// The metrics that have names.
  static let named: [Metric] = [
    .accuracy, .binaryAccuracy(), .categoricalAccuracy, .sparseCategoricalAccuracy,
    .topKCategoricalAccuracy(), .sparseTopKCategoricalAccuracy(), .mse, .mae,
    .rootMeanSquaredError, .precision(), .recall(),
  ]
}

// MARK: - Accuracy

extension Metric {
  /// The part of right answers: binary, categorical or sparse, as the loss and the outputs ask for.
  public static let accuracy = Metric("accuracy", .accuracy)

  /// The part of predictions on the right side of one half.
  public static let binaryAccuracy = binaryAccuracy()

  /// The part of predictions on the right side of a threshold.
  public static func binaryAccuracy(threshold: Double = 0.5) -> Metric {
    Metric("binary_accuracy", .probabilities) { truth, prediction in
      truth .== (prediction .> threshold).cast(to: truth.dtype)
    }
  }

  /// The part of samples whose largest prediction is in the place of the class.
  public static let categoricalAccuracy = Metric("categorical_accuracy", .oneHot) {
    $0.argMax(axis: -1) .== $1.argMax(axis: -1)
  }

  /// The part of samples whose largest prediction has the number of the class.
  public static let sparseCategoricalAccuracy = Metric(
    "sparse_categorical_accuracy", .classNumber
  ) {
    $0 .== $1.argMax(axis: -1)
  }

  /// The part of samples whose class is among the k largest predictions.
  public static func topKCategoricalAccuracy(k: Int = 5) -> Metric {
    Metric("top_k_categorical_accuracy", .oneHot) { isInTop(k, $0.argMax(axis: -1), $1) }
  }

  /// The part of samples whose class, given as a number, is among the k largest predictions.
  public static func sparseTopKCategoricalAccuracy(k: Int = 5) -> Metric {
    Metric("sparse_top_k_categorical_accuracy", .classNumber) { isInTop(k, $0, $1) }
  }

  /// Whether fewer than k predictions are larger than that of the class.
  private static func isInTop(_ k: Int, _ classes: Tensor, _ prediction: Tensor) -> Tensor {
    let own = prediction.gatherElements(classes.expandDims(axis: -1), axis: -1)
    return (prediction .> own).cast(to: .float32).sum(axis: -1) .< Double(k)
  }

  /// The form that `accuracy` takes for a loss and outputs of a shape, or the metric itself.
  func state(loss: Loss, outputShape: Shape) -> State? {
    switch form {
    case .state(let state): return state
    case .unknown: return nil
    case .accuracy:
      if case .classNumber = loss.labels {
        return Metric.sparseCategoricalAccuracy.state(loss: loss, outputShape: outputShape)
      }
      let isBinary = outputShape.last == 1 || loss.name == "binary_crossentropy"
      let metric: Metric =
        isBinary
        ? .binaryAccuracy(threshold: loss.fromLogits ? 0 : 0.5) : .categoricalAccuracy
      return metric.state(loss: loss, outputShape: outputShape)
    }
  }
}

// MARK: - Others

extension Metric {
  /// The mean of squared differences.
  public static let mse = Metric("mse", .numbers) { ($0 - $1).square() }

  /// The mean of absolute differences.
  public static let mae = Metric("mae", .numbers) { ($0 - $1).abs() }

  /// The root of the mean of squared differences.
  public static let rootMeanSquaredError = Metric(
    "root_mean_squared_error", shapes: [[], []]
  ) { truth, prediction in
    [(truth - prediction).square().sum(), Tensor(Float(prediction.count))]
  } result: {
    ($0[0] / $0[1].maximum(1)).sqrt()
  }

  /// The part of predicted ones that are ones.
  public static func precision(threshold: Double = 0.5) -> Metric {
    Metric("precision", shapes: [[], []]) { truth, prediction in
      let chosen = (prediction .> threshold).cast(to: .float32)
      return [(chosen * truth).sum(), chosen.sum()]
    } result: {
      $0[0] / $0[1].maximum(Loss.epsilon)
    }
  }

  /// The part of ones that are predicted.
  public static func recall(threshold: Double = 0.5) -> Metric {
    Metric("recall", shapes: [[], []]) { truth, prediction in
      let chosen = (prediction .> threshold).cast(to: .float32)
      return [(chosen * truth).sum(), truth.sum()]
    } result: {
      $0[0] / $0[1].maximum(Loss.epsilon)
    }
  }
}
