import PlushTensor

/// Momentum made orthogonal for matrices; AdamW for all other weights and for embeddings.
///
/// Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; the step is scaled
/// as by Liu et al., "Muon is scalable for LLM training", 2025.
public struct Muon: Optimizer {
  public var learningRate: Double
  /// How much of the last step is repeated.
  public var momentum: Double
  /// Whether the gradient counts as taken after the repetition.
  public var nesterov: Bool
  /// How many Newton-Schulz iterations make the step orthogonal.
  public var iterations: Int
  /// The factors of the iteration: of the matrix, its third and its fifth power.
  public var coefficients: [Double]
  /// The root of the mean square of a step at a step size of one; nil leaves steps unscaled.
  public var rmsRate: Double?
  /// Weights that AdamW changes: those whose name contains one of these.
  public var excludeLayers: [String]
  /// Whether AdamW changes embeddings.
  public var excludeEmbeddings: Bool
  /// The rule of the weights that are no matrices; its learning rate is a factor of this one.
  public var adam: AdamW
  public var options: OptimizerOptions
  private var usesAdam = false

  /// Creates the optimizer.
  public init(
    learningRate: Double = 0.001, momentum: Double = 0.95, nesterov: Bool = true,
    iterations: Int = 5, coefficients: [Double] = [3.4445, -4.7750, 2.0315],
    rmsRate: Double? = 0.2, excludeLayers: [String] = [], excludeEmbeddings: Bool = true,
    adam: AdamW = AdamW(learningRate: 1),
    options: OptimizerOptions = OptimizerOptions(weightDecay: 0.004)
  ) {
    precondition(coefficients.count == 3, "Muon takes three coefficients")
    self.learningRate = learningRate
    self.momentum = momentum
    self.nesterov = nesterov
    self.iterations = iterations
    self.coefficients = coefficients
    self.rmsRate = rmsRate
    self.excludeLayers = excludeLayers
    self.excludeEmbeddings = excludeEmbeddings
    self.adam = adam
    self.options = options
  }

  public init(config: JSON) throws {
    let options = try OptimizerOptions(config: config)
    self.init(
      learningRate: config.number("learning_rate", default: 0.001),
      momentum: config.number("momentum", default: 0.95),
      nesterov: config["nesterov"]?.bool ?? true, iterations: config["ns_steps"]?.int ?? 5,
      coefficients: [
        config.number("muon_a", default: 3.4445), config.number("muon_b", default: -4.7750),
        config.number("muon_c", default: 2.0315),
      ],
      rmsRate: config["rms_rate"] == nil ? 0.2 : config["rms_rate"]?.double,
      excludeLayers: (config["exclude_layers"]?.array ?? []).compactMap(\.string),
      excludeEmbeddings: config["exclude_embeddings"]?.bool ?? true,
      adam: AdamW(
        learningRate: config.number("adam_lr_ratio", default: 1),
        weightDecay: config.number("adam_weight_decay", default: 0.004),
        beta1: config.number("adam_beta_1", default: 0.9),
        beta2: config.number("adam_beta_2", default: 0.999),
        epsilon: config.number("epsilon", default: 1e-7)),
      options: options)
    if config["weight_decay"] == nil { self.options.weightDecay = 0.004 }
  }

  public var config: JSON {
    let other = adam.config
    return configuration([
      "momentum": .double(momentum), "nesterov": .bool(nesterov), "ns_steps": .int(iterations),
      "muon_a": .double(coefficients[0]), "muon_b": .double(coefficients[1]),
      "muon_c": .double(coefficients[2]), "rms_rate": rmsRate.map(JSON.double) ?? .null,
      "exclude_layers": .array(excludeLayers.map(JSON.string)),
      "exclude_embeddings": .bool(excludeEmbeddings), "adam_lr_ratio": .double(adam.learningRate),
      "adam_weight_decay": .double(adam.options.weightDecay ?? 0),
      "adam_beta_1": other["beta_1"] ?? .null, "adam_beta_2": other["beta_2"] ?? .null,
      "epsilon": other["epsilon"] ?? .null,
    ])
  }

  public func rule(for weight: String, shape: [Int]) -> any Optimizer {
    let isEmbedding = excludeEmbeddings && weight.lowercased().contains("embedding")
    guard shape.count != 2 || isEmbedding || excludeLayers.contains(where: weight.contains)
    else { return self }
    var rule = self
    rule.usesAdam = true
    rule.options.weightDecay = adam.options.weightDecay
    return rule
  }

  public var slotNames: [String] { usesAdam ? ["momentum", "velocity"] : ["momentum"] }

  public func update(
    _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor, step: Tensor
  ) -> Tensor {
    if usesAdam {
      return adam.update(
        weight, gradient: gradient, slots: &slots,
        learningRate: learningRate * adam.learningRate, step: step)
    }
    slots[0] = slots[0] * momentum + gradient
    let descent = orthogonal(nesterov ? gradient + slots[0] * momentum : slots[0])
    let length = Double(weight.shape.max() ?? 1).squareRoot()
    return weight - descent * learningRate * (rmsRate.map { $0 * length } ?? 1)
  }

  /// A matrix whose singular values are near one.
  private func orthogonal(_ matrix: Tensor) -> Tensor {
    let isTall = matrix.shape[0] > matrix.shape[1]
    var x = isTall ? matrix.transpose() : matrix
    x = x / (x.norm() + 1e-7)
    for _ in 0..<iterations {
      let square = x.matmul(x, transposeB: true)
      let polynomial = square * coefficients[1] + square.matmul(square) * coefficients[2]
      x = x * coefficients[0] + polynomial.matmul(x)
    }
    return isTall ? x.transpose() : x
  }
}

extension Optimizer where Self == Muon {
  /// Muon with the defaults of Keras.
  public static var muon: Muon { Muon() }
  /// Momentum made orthogonal for matrices; AdamW for all other weights and for embeddings. Jordan
  /// et al., 2024; see ``Muon`` for the parameters.
  public static func muon(
    learningRate: Double = 0.001, momentum: Double = 0.95, nesterov: Bool = true,
    iterations: Int = 5, coefficients: [Double] = [3.4445, -4.7750, 2.0315],
    rmsRate: Double? = 0.2, excludeLayers: [String] = [], excludeEmbeddings: Bool = true,
    adam: AdamW = AdamW(learningRate: 1),
    options: OptimizerOptions = OptimizerOptions(weightDecay: 0.004)
  ) -> Muon {
    Muon(
      learningRate: learningRate, momentum: momentum, nesterov: nesterov, iterations: iterations,
      coefficients: coefficients, rmsRate: rmsRate, excludeLayers: excludeLayers,
      excludeEmbeddings: excludeEmbeddings, adam: adam, options: options)
  }
}
