/// A metric that files and strings may name.
private struct MetricEntry: Sendable {
  /// The class of Keras.
  let className: String
  /// Other names that Keras takes.
  let aliases: [String]
  let make: @Sendable (JSON) -> Metric

  init(
    _ className: String, _ aliases: [String] = [], _ make: @escaping @Sendable (JSON) -> Metric
  ) {
    self.className = className
    self.aliases = aliases
    self.make = make
  }

  /// Whether the metric has this name, written with underscores.
  func isNamed(_ name: String) -> Bool { className.snakeCase == name || aliases.contains(name) }

  /// A metric that is the mean of a loss.
  init(loss className: String, _ aliases: [String] = []) {
    self.init(className, aliases) { arguments in
      // Every one of these classes names a loss.
      Loss(name: className, arguments: arguments).map { Metric($0) } ?? .accuracy
    }
  }
}

private let entries: [MetricEntry] = [
  // What `metrics: ["accuracy"]` means depends on the loss; the class means equality.
  MetricEntry("", ["accuracy", "acc"]) { _ in .accuracy },
  // Keras has none.
  MetricEntry("", ["balanced_accuracy"]) { _ in .balancedAccuracy },
  MetricEntry("Accuracy", ["equality"]) { _ in .equality },
  MetricEntry("BinaryAccuracy") {
    .binaryAccuracy(threshold: $0.number("threshold", default: 0.5))
  },
  MetricEntry("CategoricalAccuracy") { _ in .categoricalAccuracy },
  MetricEntry("SparseCategoricalAccuracy") { _ in .sparseCategoricalAccuracy },
  MetricEntry("TopKCategoricalAccuracy") { .topKCategoricalAccuracy(k: $0["k"]?.int ?? 5) },
  MetricEntry("SparseTopKCategoricalAccuracy") {
    .sparseTopKCategoricalAccuracy(k: $0["k"]?.int ?? 5)
  },
  MetricEntry(loss: "MeanSquaredError", ["mse"]),
  MetricEntry(loss: "MeanAbsoluteError", ["mae"]),
  MetricEntry(loss: "MeanAbsolutePercentageError", ["mape"]),
  MetricEntry(loss: "MeanSquaredLogarithmicError", ["msle"]),
  MetricEntry("RootMeanSquaredError", ["rmse"]) { _ in .rootMeanSquaredError },
  MetricEntry("CosineSimilarity") { .cosineSimilarity(axis: $0["axis"]?.int ?? -1) },
  MetricEntry("LogCoshError", ["logcosh", "log_cosh"]) { _ in Metric(.logCosh).named("logcosh") },
  MetricEntry("R2Score") {
    .r2Score(
      aggregation: $0["class_aggregation"]?.string.flatMap { .init(rawValue: $0) }
        ?? .uniformAverage, regressors: $0["num_regressors"]?.int ?? 0)
  },
  MetricEntry("PearsonCorrelation") { .pearsonCorrelation(axis: $0["axis"]?.int ?? -1) },
  MetricEntry("ConcordanceCorrelation") { .concordanceCorrelation(axis: $0["axis"]?.int ?? -1) },
  MetricEntry(loss: "Hinge"), MetricEntry(loss: "SquaredHinge"),
  MetricEntry(loss: "CategoricalHinge"),
  MetricEntry(loss: "KLDivergence", ["kld", "kullback_leibler_divergence"]),
  MetricEntry(loss: "Poisson"), MetricEntry(loss: "Huber"),
  MetricEntry(loss: "BinaryCrossentropy", ["bce"]), MetricEntry(loss: "BinaryFocalCrossentropy"),
  MetricEntry(loss: "CategoricalCrossentropy"),
  MetricEntry(loss: "CategoricalFocalCrossentropy"),
  MetricEntry(loss: "SparseCategoricalCrossentropy"),
  MetricEntry("Precision") {
    .precision(
      threshold: $0["thresholds"]?.double, topK: $0["top_k"]?.int, classID: $0["class_id"]?.int)
  },
  MetricEntry("Recall") {
    .recall(
      threshold: $0["thresholds"]?.double, topK: $0["top_k"]?.int, classID: $0["class_id"]?.int)
  },
  MetricEntry("TruePositives") { .truePositives(threshold: $0["thresholds"]?.double) },
  MetricEntry("FalsePositives") { .falsePositives(threshold: $0["thresholds"]?.double) },
  MetricEntry("TrueNegatives") { .trueNegatives(threshold: $0["thresholds"]?.double) },
  MetricEntry("FalseNegatives") { .falseNegatives(threshold: $0["thresholds"]?.double) },
  MetricEntry("PrecisionAtRecall") {
    .precisionAtRecall(
      $0.number("recall", default: 0.5), thresholds: $0.thresholds, classID: $0["class_id"]?.int)
  },
  MetricEntry("RecallAtPrecision") {
    .recallAtPrecision(
      $0.number("precision", default: 0.5), thresholds: $0.thresholds,
      classID: $0["class_id"]?.int)
  },
  MetricEntry("SensitivityAtSpecificity") {
    .sensitivityAtSpecificity(
      $0.number("specificity", default: 0.5), thresholds: $0.thresholds,
      classID: $0["class_id"]?.int)
  },
  MetricEntry("SpecificityAtSensitivity") {
    .specificityAtSensitivity(
      $0.number("sensitivity", default: 0.5), thresholds: $0.thresholds,
      classID: $0["class_id"]?.int)
  },
  MetricEntry("AUC") { $0.auc },
  MetricEntry("F1Score") {
    .f1Score(average: $0.classAverage, threshold: $0["threshold"]?.double)
  },
  MetricEntry("FBetaScore", ["fbeta_score"]) {
    .fBetaScore(
      average: $0.classAverage, beta: $0.number("beta", default: 1),
      threshold: $0["threshold"]?.double)
  },
  MetricEntry("IoU") {
    .iou(
      classes: $0.classes, targets: $0.targets, ignoreClass: $0["ignore_class"]?.int,
      sparseTruth: $0["sparse_y_true"]?.bool ?? true,
      sparsePrediction: $0["sparse_y_pred"]?.bool ?? true, axis: $0["axis"]?.int ?? -1)
  },
  MetricEntry("MeanIoU") {
    .meanIoU(
      classes: $0.classes, ignoreClass: $0["ignore_class"]?.int,
      sparseTruth: $0["sparse_y_true"]?.bool ?? true,
      sparsePrediction: $0["sparse_y_pred"]?.bool ?? true, axis: $0["axis"]?.int ?? -1)
  },
  MetricEntry("OneHotIoU") {
    .oneHotIoU(
      classes: $0.classes, targets: $0.targets, ignoreClass: $0["ignore_class"]?.int,
      sparsePrediction: $0["sparse_y_pred"]?.bool ?? false, axis: $0["axis"]?.int ?? -1)
  },
  MetricEntry("OneHotMeanIoU") {
    .oneHotMeanIoU(
      classes: $0.classes, ignoreClass: $0["ignore_class"]?.int,
      sparsePrediction: $0["sparse_y_pred"]?.bool ?? false, axis: $0["axis"]?.int ?? -1)
  },
  MetricEntry("BinaryIoU") {
    .binaryIoU(
      targets: $0["target_class_ids"] == nil ? [0, 1] : $0.targets,
      threshold: $0.number("threshold", default: 0.5))
  },
]

extension JSON {
  fileprivate var thresholds: Int { self["num_thresholds"]?.int ?? 200 }
  fileprivate var classes: Int { self["num_classes"]?.int ?? 2 }
  fileprivate var targets: [Int] { (self["target_class_ids"]?.array ?? []).compactMap(\.int) }

  fileprivate var classAverage: Metric.ClassAverage {
    self["average"]?.string.flatMap { .init(rawValue: $0) } ?? .macro
  }

  fileprivate var auc: Metric {
    let curve = self["curve"]?.string.flatMap { Metric.Curve(rawValue: $0.uppercased()) } ?? .roc
    let summation = self["summation_method"]?.string.flatMap { Metric.Summation(rawValue: $0) }
    let multiLabel = self["multi_label"]?.bool ?? false
    let weights = self["label_weights"]?.array?.compactMap(\.double)
    let fromLogits = self["from_logits"]?.bool ?? false
    if let list = self["thresholds"]?.array?.compactMap(\.double) {
      return .auc(
        thresholds: list, curve: curve, summation: summation ?? .interpolation,
        multiLabel: multiLabel, labelWeights: weights, fromLogits: fromLogits)
    }
    return .auc(
      thresholds: Swift.max(2, thresholds), curve: curve, summation: summation ?? .interpolation,
      multiLabel: multiLabel, labelWeights: weights, fromLogits: fromLogits)
  }
}

extension Metric: ExpressibleByStringLiteral {
  /// The metric with this name, in either spelling; `compile` throws if there is none.
  public init(stringLiteral name: String) {
    self = Metric(name: name) ?? Metric(name, makeState: nil)
  }

  /// The metric with this name; nil if there is none.
  ///
  /// - Parameters:
  ///   - name: the name, such as `meanSquaredError`, `mean_squared_error`, `MeanSquaredError` or
  ///     `mse`, which is also the key in the history.
  ///   - arguments: what Keras calls the configuration: `threshold`, `num_classes`.
  public init?(name: String, arguments: JSON = [:]) {
    let key = name.snakeCase
    guard let entry = entries.first(where: { $0.isNamed(key) }) else { return nil }
    self = entry.make(arguments).named(key == "acc" ? "accuracy" : key)
  }

  /// Class and arguments, as Keras writes a metric into files; nil for one that has no name there.
  public var config: JSON? {
    guard let entry = entries.first(where: { $0.isNamed(kind) }), !entry.className.isEmpty
    else { return nil }
    var config = arguments
    config["name"] = .string(name)
    return [
      "module": "keras.metrics", "class_name": .string(entry.className), "config": config,
      "registered_name": .null,
    ]
  }

  /// The metric that a configuration describes; nil if it is not known.
  public init?(config: JSON) {
    guard let entry = entries.first(where: { $0.className == config["class_name"]?.string })
    else { return nil }
    let arguments = config["config"] ?? [:]
    let metric = entry.make(arguments)
    self = arguments["name"]?.string.map(metric.named) ?? metric
  }

  /// The metrics that have names.
  static let named: [Metric] = entries.filter { !$0.className.isEmpty }.map { $0.make([:]) }
}
