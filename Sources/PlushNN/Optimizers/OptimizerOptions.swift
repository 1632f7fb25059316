/// What is the same for all optimizers beside their own rule.
///
/// ```swift
/// .adam(options: .init(schedule: .cosineDecay(0.001, steps: 10_000), globalClipNorm: 1))
/// ```
///
/// A step sums gradients, clips them, lets weights decay, changes them by the rule of the optimizer
/// and averages them, in this order.
public struct OptimizerOptions: Sendable {
  /// Takes the place of the learning rate: a step size for each step.
  public var schedule: (any LearningRateSchedule)?
  /// Which part of a weight, times the learning rate, each step takes away.
  public var weightDecay: Double?
  /// Weights that do not decay: those whose name contains one of these, such as `bias`.
  public var undecayed: [String]
  /// The length that the gradient of each weight is cut to.
  public var clipNorm: Double?
  /// The length that all gradients together are cut to.
  public var globalClipNorm: Double?
  /// The size that each element of gradients is cut to.
  public var clipValue: Double?
  /// Whether a running mean of each weight is kept, which `fit` puts into its place at the end.
  public var useEMA: Bool
  /// How much of that mean stays with a step.
  public var emaMomentum: Double
  /// After how many steps the mean takes the place of the weight; nil for only at the end.
  public var emaOverwriteFrequency: Int?
  /// How many batches make one step, by the mean of their gradients.
  public var gradientAccumulationSteps: Int?
  /// What the loss is multiplied by while gradients are computed, for types of little range.
  public var lossScaleFactor: Double?

  /// Options that change nothing but what is given.
  public init(
    schedule: (any LearningRateSchedule)? = nil, weightDecay: Double? = nil,
    undecayed: [String] = [], clipNorm: Double? = nil, globalClipNorm: Double? = nil,
    clipValue: Double? = nil, useEMA: Bool = false, emaMomentum: Double = 0.99,
    emaOverwriteFrequency: Int? = nil, gradientAccumulationSteps: Int? = nil,
    lossScaleFactor: Double? = nil
  ) {
    self.schedule = schedule
    self.weightDecay = weightDecay
    self.undecayed = undecayed
    self.clipNorm = clipNorm
    self.globalClipNorm = globalClipNorm
    self.clipValue = clipValue
    self.useEMA = useEMA
    self.emaMomentum = emaMomentum
    self.emaOverwriteFrequency = emaOverwriteFrequency
    self.gradientAccumulationSteps = gradientAccumulationSteps
    self.lossScaleFactor = lossScaleFactor
  }

  /// Reads the arguments that a file gives by the names of Keras.
  ///
  /// - Throws: `ModelError` if the schedule is unknown or a number makes no sense.
  public init(config: JSON) throws {
    self.init(
      schedule: try schedules(config["learning_rate"]), weightDecay: config["weight_decay"]?.double,
      undecayed: (config["exclude_from_weight_decay"]?.array ?? []).compactMap(\.string),
      clipNorm: config["clipnorm"]?.double, globalClipNorm: config["global_clipnorm"]?.double,
      clipValue: config["clipvalue"]?.double, useEMA: config["use_ema"]?.bool ?? false,
      emaMomentum: config.number("ema_momentum", default: 0.99),
      emaOverwriteFrequency: config["ema_overwrite_frequency"]?.int,
      gradientAccumulationSteps: config["gradient_accumulation_steps"]?.int,
      lossScaleFactor: config["loss_scale_factor"]?.double)
    try check()
  }

  /// The arguments by the names of Keras.
  var config: [String: JSON] {
    var config: [String: JSON] = [
      "weight_decay": weightDecay.map(JSON.double) ?? .null,
      "clipnorm": clipNorm.map(JSON.double) ?? .null,
      "global_clipnorm": globalClipNorm.map(JSON.double) ?? .null,
      "clipvalue": clipValue.map(JSON.double) ?? .null, "use_ema": .bool(useEMA),
      "ema_momentum": .double(emaMomentum),
      "ema_overwrite_frequency": emaOverwriteFrequency.map(JSON.int) ?? .null,
      "gradient_accumulation_steps": gradientAccumulationSteps.map(JSON.int) ?? .null,
      "loss_scale_factor": lossScaleFactor.map(JSON.double) ?? .null,
    ]
    // Keras does not save which weights are excluded; its files must not have the key.
    if !undecayed.isEmpty {
      config["exclude_from_weight_decay"] = .array(undecayed.map(JSON.string))
    }
    return config
  }

  /// - Throws: `ModelError` if numbers make no sense.
  func check() throws {
    let clips = [clipNorm, globalClipNorm, clipValue].compactMap { $0 }
    if clips.count > 1 || clips.contains(where: { $0 <= 0 }) {
      throw ModelError(
        expected: "at most one of clipNorm, globalClipNorm and clipValue, above 0",
        found: clips.map { "\($0)" }.joined(separator: ", "))
    }
    if let steps = gradientAccumulationSteps, steps < 1 {
      throw ModelError(expected: "gradientAccumulationSteps of 1 or more", found: "\(steps)")
    }
    if let frequency = emaOverwriteFrequency, frequency < 1 {
      throw ModelError(expected: "an emaOverwriteFrequency of 1 or more", found: "\(frequency)")
    }
    if useEMA && !(0...1).contains(emaMomentum) {
      throw ModelError(expected: "an emaMomentum from 0 to 1", found: "\(emaMomentum)")
    }
  }
}

private func schedules(_ config: JSON?) throws -> (any LearningRateSchedule)? {
  guard let config, config.object != nil else { return nil }
  return try makeSchedule(config)
}
