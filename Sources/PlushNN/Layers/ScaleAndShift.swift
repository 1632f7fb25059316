import PlushTensor

/// The learned weights `gamma` that multiply and `beta` that are added after normalization.
struct ScaleAndShift {
  /// Whether there is a `beta`.
  let center: Bool
  /// Whether there is a `gamma`.
  let scale: Bool
  let betaInitializer: Initializer
  let gammaInitializer: Initializer
  let betaRegularizer: Regularizer?
  let gammaRegularizer: Regularizer?
  let betaConstraint: Constraint?
  let gammaConstraint: Constraint?
  private(set) var gamma: Variable?
  private(set) var beta: Variable?
}

extension ScaleAndShift {
  init(config: JSON) throws {
    center = config["center"]?.bool ?? true
    scale = config["scale"]?.bool ?? true
    betaInitializer = try Initializer(config: config["beta_initializer"], default: .zeros)
    gammaInitializer = try Initializer(config: config["gamma_initializer"], default: .ones)
    betaRegularizer = try Regularizer.read(config: config["beta_regularizer"])
    gammaRegularizer = try Regularizer.read(config: config["gamma_regularizer"])
    betaConstraint = try Constraint.read(config: config["beta_constraint"])
    gammaConstraint = try Constraint.read(config: config["gamma_constraint"])
  }

  func write(to config: inout JSON) {
    config["center"] = .bool(center)
    config["scale"] = .bool(scale)
    config["beta_initializer"] = betaInitializer.config
    config["gamma_initializer"] = gammaInitializer.config
    config["beta_regularizer"] = betaRegularizer?.config ?? .null
    config["gamma_regularizer"] = gammaRegularizer?.config ?? .null
    config["beta_constraint"] = betaConstraint?.config ?? .null
    config["gamma_constraint"] = gammaConstraint?.config ?? .null
  }

  /// Makes the weights of a layer.
  mutating func build(for layer: Layer, shape: [Int]) {
    if scale {
      gamma = layer.addWeight(
        "gamma", shape: shape, initializer: gammaInitializer, regularizer: gammaRegularizer,
        constraint: gammaConstraint)
    }
    if center {
      beta = layer.addWeight(
        "beta", shape: shape, initializer: betaInitializer, regularizer: betaRegularizer,
        constraint: betaConstraint)
    }
  }
}
