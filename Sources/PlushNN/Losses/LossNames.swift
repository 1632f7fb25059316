/// A loss that files and strings may name.
private struct LossEntry: Sendable {
  /// The class of Keras.
  let className: String
  /// Other names that Keras takes.
  let aliases: [String]
  let make: @Sendable (JSON) -> Loss

  init(
    _ className: String, _ aliases: [String] = [], _ make: @escaping @Sendable (JSON) -> Loss
  ) {
    self.className = className
    self.aliases = aliases
    self.make = make
  }
}

private let entries: [LossEntry] = [
  LossEntry("MeanSquaredError", ["mse"]) { _ in .meanSquaredError },
  LossEntry("MeanAbsoluteError", ["mae"]) { _ in .meanAbsoluteError },
  LossEntry("MeanAbsolutePercentageError", ["mape"]) { _ in .meanAbsolutePercentageError },
  LossEntry("MeanSquaredLogarithmicError", ["msle"]) { _ in .meanSquaredLogarithmicError },
  LossEntry("BinaryCrossentropy", ["bce"]) {
    .binaryCrossentropy(fromLogits: $0.fromLogits, labelSmoothing: $0.labelSmoothing)
  },
  LossEntry("BinaryFocalCrossentropy") {
    .binaryFocalCrossentropy(
      applyClassBalancing: $0["apply_class_balancing"]?.bool ?? false,
      alpha: $0.number("alpha", default: 0.25), gamma: $0.number("gamma", default: 2),
      fromLogits: $0.fromLogits, labelSmoothing: $0.labelSmoothing)
  },
  LossEntry("CategoricalCrossentropy") {
    .categoricalCrossentropy(fromLogits: $0.fromLogits, labelSmoothing: $0.labelSmoothing)
  },
  LossEntry("CategoricalFocalCrossentropy") {
    .categoricalFocalCrossentropy(
      alpha: $0.number("alpha", default: 0.25), gamma: $0.number("gamma", default: 2),
      fromLogits: $0.fromLogits, labelSmoothing: $0.labelSmoothing)
  },
  LossEntry("SparseCategoricalCrossentropy") {
    .sparseCategoricalCrossentropy(
      fromLogits: $0.fromLogits, ignoreClass: $0["ignore_class"]?.int)
  },
  LossEntry("CategoricalGeneralizedCrossEntropy") {
    .categoricalGeneralizedCrossEntropy(q: $0.number("q", default: 0.5))
  },
  LossEntry("Hinge") { _ in .hinge },
  LossEntry("SquaredHinge") { _ in .squaredHinge },
  LossEntry("CategoricalHinge") { _ in .categoricalHinge },
  LossEntry("Huber", ["huber_loss"]) { .huber(delta: $0.number("delta", default: 1)) },
  LossEntry("LogCosh", ["logcosh"]) { _ in .logCosh },
  LossEntry("KLDivergence", ["kld", "kullback_leibler_divergence"]) { _ in
    .kullbackLeiblerDivergence
  },
  LossEntry("Poisson") { _ in .poisson },
  LossEntry("CosineSimilarity") { .cosineSimilarity(axis: $0["axis"]?.int ?? -1) },
  LossEntry("Dice") { .dice(axes: $0.axes) },
  LossEntry("Tversky") {
    .tversky(
      alpha: $0.number("alpha", default: 0.5), beta: $0.number("beta", default: 0.5),
      axes: $0.axes)
  },
  LossEntry("Circle") {
    .circle(
      gamma: $0.number("gamma", default: 80), margin: $0.number("margin", default: 0.4),
      removeDiagonal: $0["remove_diagonal"]?.bool ?? true)
  },
  LossEntry("CTC") { _ in .ctc },
]

extension JSON {
  fileprivate var fromLogits: Bool { self["from_logits"]?.bool ?? false }
  fileprivate var labelSmoothing: Double { number("label_smoothing", default: 0) }
  fileprivate var axes: [Int]? {
    self["axis"].flatMap { axis in axis.int.map { [$0] } ?? axis.array?.compactMap(\.int) }
  }
}

extension Loss: ExpressibleByStringLiteral {
  /// The loss with this name, in either spelling; `compile` throws if there is none.
  public init(stringLiteral name: String) {
    self = Loss(name: name) ?? Loss(unknown: name)
  }

  private init(unknown name: String) {
    self.init(name, .unknown) { _, prediction in prediction }
  }

  /// The loss with this name; nil if there is none.
  ///
  /// - Parameters:
  ///   - name: the name, such as `meanSquaredError`, `mean_squared_error`, `MeanSquaredError` or
  ///     `mse`.
  ///   - arguments: what Keras calls the configuration: `from_logits`, `reduction`.
  public init?(name: String, arguments: JSON = [:]) {
    let key = name.snakeCase
    guard
      let entry = entries.first(where: {
        $0.className.snakeCase == key || $0.className == name || $0.aliases.contains(key)
      })
    else { return nil }
    let loss = entry.make(arguments)
    guard let reduction = arguments["reduction"] else {
      self = loss
      return
    }
    guard let known = Reduction(rawValue: reduction.string ?? "none") else { return nil }
    self = loss.reducing(known)
  }

  /// Class and arguments, as Keras writes a loss into files; nil for one that has no name there.
  public var config: JSON? {
    guard let entry = entries.first(where: { $0.className.snakeCase == name }) else { return nil }
    var config = arguments
    config["name"] = .string(name)
    config["reduction"] = .string(reduction.rawValue)
    return [
      "module": "keras.losses", "class_name": .string(entry.className), "config": config,
      "registered_name": .null,
    ]
  }

  /// The loss that a configuration describes; nil if it is not known.
  public init?(config: JSON) {
    guard let name = config["class_name"]?.string else { return nil }
    self.init(name: name, arguments: config["config"] ?? [:])
  }

  /// The losses that have names.
  static let named: [Loss] = entries.map { $0.make([:]) }
}
