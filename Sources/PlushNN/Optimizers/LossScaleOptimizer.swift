import PlushTensor

/// An optimizer for half precision: multiplies the loss, so that small gradients do not vanish.
///
/// The factor doubles after so many steps with finite gradients. A step whose gradients are not
/// finite is left out and halves it. Micikevicius et al., "Mixed precision training", 2017.
public struct LossScaleOptimizer: Optimizer {
  /// What changes the weights.
  public let inner: any Optimizer
  /// The factor of the first step.
  public let initialScale: Double
  /// After how many finite steps in a row the factor doubles.
  public let dynamicGrowthSteps: Int

  /// Creates the optimizer; defaults are those of Keras.
  ///
  /// - Parameters:
  ///   - inner: what changes the weights.
  ///   - initialScale: the factor of the first step; a power of two loses no bits.
  ///   - dynamicGrowthSteps: after how many finite steps in a row the factor doubles.
  public init(
    _ inner: some Optimizer, initialScale: Double = 32768, dynamicGrowthSteps: Int = 2000
  ) {
    self.inner = inner
    self.initialScale = initialScale
    self.dynamicGrowthSteps = dynamicGrowthSteps
  }

  public init(config: JSON) throws {
    let inner = config["inner_optimizer"]
    guard let name = inner?["class_name"]?.string else {
      throw ModelError(expected: "an inner_optimizer", found: config.summary)
    }
    self.inner = try Optimizers.make(name, config: inner?["config"] ?? [:])
    initialScale = config.number("initial_scale", default: 32768)
    dynamicGrowthSteps = config["dynamic_growth_steps"]?.int ?? 2000
  }

  public var config: JSON {
    [
      "name": .string(Self.className.snakeCase), "learning_rate": .double(learningRate),
      "inner_optimizer": [
        "class_name": .string(type(of: inner).className), "config": inner.config,
      ],
      "initial_scale": .double(initialScale), "dynamic_growth_steps": .int(dynamicGrowthSteps),
    ]
  }

  public var learningRate: Double { inner.learningRate }
  public var options: OptimizerOptions { inner.options }
  public var slotNames: [String] { inner.slotNames }

  public func initialSlots(shape: [Int]) -> [Tensor] { inner.initialSlots(shape: shape) }

  public func rule(for weight: String, shape: [Int]) -> any Optimizer {
    inner.rule(for: weight, shape: shape)
  }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    inner.update(weight, gradient: gradient, slots: &slots, learningRate: learningRate, step: step)
  }
}

extension Optimizer where Self == LossScaleOptimizer {
  /// An optimizer for half precision: multiplies the loss, so that small gradients do not vanish.
  /// Micikevicius et al., 2017.
  ///
  /// - Parameters:
  ///   - inner: what changes the weights.
  ///   - initialScale: the factor of the first step; a power of two loses no bits.
  ///   - dynamicGrowthSteps: after how many finite steps in a row the factor doubles.
  public static func lossScale(
    _ inner: some Optimizer, initialScale: Double = 32768, dynamicGrowthSteps: Int = 2000
  ) -> LossScaleOptimizer {
    LossScaleOptimizer(
      inner, initialScale: initialScale, dynamicGrowthSteps: dynamicGrowthSteps)
  }
}

/// The factor of the loss, which changes from step to step.
struct LossScale {
  /// The factor of the next step.
  let scale: Variable
  /// How many steps in a row had finite gradients since it changed.
  private let count: Variable
  private let growthSteps: Int

  init(_ optimizer: LossScaleOptimizer) {
    scale = Variable(
      Tensor(Float(optimizer.initialScale)), name: "dynamic_scale", trainable: false)
    count = Variable(Tensor(Int32(0)), name: "step_counter", trainable: false)
    growthSteps = optimizer.dynamicGrowthSteps
  }

  var variables: [Variable] { [scale, count] }

  /// The gradients of the loss itself and whether all are finite, which decides the next factor: to
  /// be called once while a step is recorded.
  func unscale(_ gradients: [Tensor]) -> (gradients: [Tensor], areFinite: Tensor) {
    let (factor, steps) = (scale.value, count.value + 1)
    let finite = gradients.map { $0.isFinite().all() }
    let areFinite = finite.dropFirst().reduce(finite[0]) { $0.logicalAnd($1) }
    let grows = steps .>= growthSteps
    scale.value = areFinite.select(grows.select(factor * 2, factor), factor / 2)
    count.value = areFinite.logicalAnd(grows.logicalNot()).select(steps, 0)
    return (gradients.map { $0 / factor }, areFinite)
  }
}
