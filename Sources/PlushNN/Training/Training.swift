import PlushTensor

/// How a model learns, and the state of learning beside the weights.
public final class Training {
  /// Changes the weights.
  public let optimizer: any Optimizer
  /// The loss of each output.
  public let losses: [Loss]
  /// The weight of each output's loss in the whole.
  public let lossWeights: [Double]
  /// The metrics of each output.
  public let metrics: [[Metric]]

  /// The step size.
  let learningRate: Variable
  /// How many steps were made, as the program of a step counts them.
  let stepVariable: Variable
  /// The same for those outside of it, such as the random numbers of a step.
  private(set) var step = 0
  /// With the step it decides the random numbers of a step.
  lazy var seed = drawSeed()
  /// What the loss is multiplied by, if it changes from step to step.
  let lossScale: LossScale?
  private var slots: [ObjectIdentifier: [Variable]] = [:]
  var programs: TrainingPrograms?

  init(
    optimizer: any Optimizer, losses: [Loss], lossWeights: [Double], metrics: [[Metric]]
  ) {
    self.optimizer = optimizer
    self.losses = losses
    self.lossWeights = lossWeights
    self.metrics = metrics
    lossScale = (optimizer as? LossScaleOptimizer).map(LossScale.init)
    learningRate = Variable(
      Tensor(Float(optimizer.learningRate)), name: "learning_rate", trainable: false)
    stepVariable = Variable(Tensor(Int32(0)), name: "iteration", trainable: false)
  }

  /// The step size of the next step.
  var currentRate: Tensor {
    optimizer.options.schedule?.rate(at: Tensor(Float(step))) ?? learningRate.value
  }

  /// Counts a step that the program made.
  func countStep() { step += 1 }

  /// Goes on from a number of steps.
  func setStep(_ step: Int) {
    self.step = step
    stepVariable.value = Tensor(Int32(step))
  }

  /// The values that the optimizer keeps for a weight.
  func slots(of weight: NamedWeight) -> [Variable] {
    let key = ObjectIdentifier(weight.variable)
    if let slots = slots[key] { return slots }
    let shape = weight.variable.shape
    let rule = optimizer.rule(for: weight.name, shape: shape)
    let values = rule.allInitialSlots(shape: shape, options: optimizer.options)
    let made = zip(rule.allSlotNames(options: optimizer.options), values).map {
      Variable($1, name: "\(weight.name)/\($0)", trainable: false)
    }
    slots[key] = made
    return made
  }
}

/// A seed from the global generator.
func drawSeed() -> Int {
  Int(Tensor.randomUniform([], low: 0, high: 16_777_216).item())
}

extension Model {
  /// Sets how the model learns.
  ///
  /// - Parameters:
  ///   - optimizer: changes the weights, such as `.adam()` or one of your own.
  ///   - loss: what is made small, such as `.categoricalCrossentropy` or one of your own; with
  ///     several outputs that of each.
  ///   - metrics: what is counted beside it, such as `.accuracy`.
  /// - Throws: `ModelError` if the model cannot be built or a name is unknown.
  public func compile(
    optimizer: some Optimizer, loss: Loss, metrics: [Metric] = []
  ) throws {
    try setTraining(optimizer, [loss], nil, [metrics])
  }

  /// Sets how the model learns, with an optimizer by name: `"sgd"`, `"adam"`, `"rmsprop"`.
  ///
  /// - Throws: `ModelError` if the model cannot be built or a name is unknown.
  public func compile(optimizer: String, loss: Loss, metrics: [Metric] = []) throws {
    try setTraining(try Optimizers.make(optimizer), [loss], nil, [metrics])
  }

  /// Sets how a model with several outputs learns.
  ///
  /// - Parameters:
  ///   - optimizer: changes the weights.
  ///   - losses: the loss of each output.
  ///   - lossWeights: the weight of each in the whole; by default 1.
  ///   - metrics: the metrics of each output.
  /// - Throws: `ModelError` if the model cannot be built, counts differ or a name is unknown.
  public func compile(
    optimizer: some Optimizer, losses: [Loss], lossWeights: [Double]? = nil,
    metrics: [[Metric]] = []
  ) throws {
    try setTraining(optimizer, losses, lossWeights, metrics)
  }

  func setTraining(
    _ optimizer: any Optimizer, _ losses: [Loss], _ weights: [Double]?, _ metrics: [[Metric]]
  ) throws {
    // A Sequential without inputShape is built when the first data comes.
    let isOpen = graph == nil && waitsForData
    if !isOpen { try build() }
    let count = isOpen ? 1 : outputShapes.count
    let all = losses.count == 1 ? Array(repeating: losses[0], count: count) : losses
    guard all.count == count, weights.map({ $0.count == count }) ?? true, metrics.count <= count
    else {
      throw ModelError(
        expected: "a loss, a weight and metrics for each of \(count) outputs",
        found: "\(losses.count) losses")
    }
    try optimizer.options.check()
    for loss in all where loss.reduction == .none {
      throw ModelError(
        expected: "a loss that is one number", found: "'\(loss.name)' with the reduction none")
    }
    for loss in all where loss.labels == .unknown {
      throw ModelError(
        expected: "one of the losses \(Loss.named.map(\.name.camelCase).joined(separator: ", "))",
        found: "'\(loss.name)'")
    }
    for metric in metrics.joined() where metric.isUnknown {
      throw ModelError(
        expected: "one of the metrics "
          + Metric.named.map(\.name.camelCase).joined(separator: ", "),
        found: "'\(metric.name)'")
    }
    training = Training(
      optimizer: optimizer, losses: all,
      lossWeights: weights ?? Array(repeating: 1, count: count),
      metrics: metrics + Array(repeating: [], count: count - metrics.count))
  }

  /// The compiled state.
  ///
  /// - Throws: `ModelError` if the model was not compiled.
  func compiledTraining() throws -> Training {
    guard let training else {
      throw ModelError(
        expected: "a compiled model", found: "one that was not",
        hint: "call compile(optimizer:loss:metrics:) first")
    }
    return training
  }

  /// The step size; changing it takes effect at the next step.
  public var learningRate: Double {
    get { Double(training?.currentRate.item() ?? 0) }
    set { training?.learningRate.value = Tensor(Float(newValue)) }
  }
}
