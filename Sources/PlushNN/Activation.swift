import PlushTensor

/// Functions applied to the outputs of layers, by the names that Keras and TensorFlow.js give them.
///
/// Usable as `.relu` and as `"relu"`. Definitions: https://keras.io/api/layers/activations.
public enum Activation: String, Sendable, Hashable, CaseIterable {
  /// `x`.
  case linear
  /// `max(x, 0)`.
  case relu
  /// `min(max(x, 0), 6)`.
  case relu6
  /// Slope 0.2 below zero.
  case leakyRelu = "leaky_relu"
  /// `x` where positive, `exp(x) - 1` elsewhere.
  case elu
  /// `elu`, scaled to keep mean 0 and variance 1.
  case selu
  /// `x` where positive, `exp(x) - 1` elsewhere: `elu` with the default of its parameter.
  case celu
  /// `x Φ(x)` with the normal distribution's Φ, by the error function.
  case gelu
  /// The approximation of `gelu` by tanh.
  case geluTanh = "gelu_new"
  /// `x · sigmoid(x)`, also called swish.
  case silu
  /// `x · tanh(softplus(x))`.
  case mish
  /// `log(1 + exp(x))`.
  case softplus
  /// `x / (1 + |x|)`.
  case softsign
  /// `exp(x)` divided by its sum along the last axis.
  case softmax
  /// The logarithm of `softmax`.
  case logSoftmax = "log_softmax"
  /// `1 / (1 + exp(-x))`.
  case sigmoid
  /// `log(sigmoid(x))`.
  case logSigmoid = "log_sigmoid"
  /// Keras 3: `relu6(x + 3) / 6`.
  case hardSigmoid = "hard_sigmoid"
  /// Keras 2 and TensorFlow.js: `0.2 x + 0.5`, clipped to 0 ... 1.
  case hardSigmoidLegacy = "hard_sigmoid_legacy"
  /// `x · relu6(x + 3) / 6`, also called hard swish.
  case hardSilu = "hard_silu"
  /// `x`, between -1 and 1.
  case hardTanh = "hard_tanh"
  /// The hyperbolic tangent.
  case tanh
  /// `x - tanh(x)`.
  case tanhShrink = "tanh_shrink"
  /// `x` moved toward 0 by 0.5, and 0 in between.
  case softShrink = "soft_shrink"
  /// `x` where farther from 0 than 0.5, else 0.
  case hardShrink = "hard_shrink"
  /// `exp(x)`.
  case exponential
  /// `(x + √(x² + 4)) / 2`.
  case squareplus
  /// 0 up to -1, `(x + 1)² / 4` up to 1, then `x`.
  case sparsePlus = "sparse_plus"
  /// `(x + 1) / 2`, between 0 and 1.
  case sparseSigmoid = "sparse_sigmoid"
  /// The nearest probabilities, many of them 0, along the last axis: Martins and Astudillo, 2016.
  case sparsemax
  /// The first half of the last axis times the sigmoid of the second: the axis comes out half as
  /// long.
  case glu

  /// The activation with this name, in either spelling; nil if there is none.
  public init?(name: String) {
    let aliases: [String: Activation] = [
      "swish": .silu, "hard_swish": .hardSilu, "exp": .exponential, "log_softmax": .logSoftmax,
    ]
    let key = name.snakeCase
    guard let found = Activation(rawValue: key) ?? aliases[key] else { return nil }
    self = found
  }

  /// Applies the function.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .linear: x
    case .relu: x.relu()
    case .relu6: x.relu6()
    case .leakyRelu: x.leakyRelu(alpha: 0.2)
    case .elu: x.elu()
    case .selu: x.selu()
    case .celu: x.celu()
    case .gelu: x.gelu(approximate: false)
    case .geluTanh: x.gelu(approximate: true)
    case .silu: x.silu()
    case .mish: x.mish()
    case .softplus: x.softplus()
    case .softsign: x.softsign()
    case .softmax: x.softmax()
    case .logSoftmax: x.logSoftmax()
    case .sigmoid: x.sigmoid()
    case .logSigmoid: x.logSigmoid()
    case .hardSigmoid: x.hardSigmoid()
    case .hardSigmoidLegacy: (x * 0.2 + 0.5).clip(min: 0, max: 1)
    case .hardSilu: x.hardSwish()
    case .hardTanh: x.hardTanh()
    case .tanh: x.tanh()
    case .tanhShrink: x.tanhShrink()
    case .softShrink: x.softShrink()
    case .hardShrink: x.hardShrink()
    case .exponential: x.exp()
    case .squareplus: x.squareplus()
    case .sparsePlus: Activation.sparsePlus(x)
    case .sparseSigmoid: (x * 0.5 + 0.5).clip(min: 0, max: 1)
    case .sparsemax: Activation.sparsemax(x)
    case .glu: x.glu()
    }
  }

  /// Whether each number depends on one alone, so that the order of the axes does not matter.
  var isElementwise: Bool {
    switch self {
    case .softmax, .logSoftmax, .sparsemax, .glu: false
    default: true
    }
  }

  /// The shape of what comes out, nil if it cannot be applied.
  func outputShape(for shape: Shape) -> Shape? {
    guard self == .glu else { return shape }
    guard let size = shape.last else { return nil }
    guard let size else { return shape }
    return size % 2 == 0 ? shape.dropLast() + [size / 2] : nil
  }

  private static func sparsePlus(_ x: Tensor) -> Tensor {
    let middle = (x + 1).square() * 0.25
    return (x .<= -1).select(Tensor.zeros(like: x), (x .< 1).select(middle, x))
  }

  /// Martins and Astudillo, "From softmax to sparsemax", 2016.
  private static func sparsemax(_ x: Tensor) -> Tensor {
    let sorted = x.sort(descending: true)
    let sums = sorted.cumulativeSum()
    let places = Tensor.range(1, x.shape[x.rank - 1] + 1).cast(to: x.dtype)
    let isSupport = (sorted * places + 1 .> sums).cast(to: x.dtype)
    let total = (sorted * isSupport).sum(axis: -1, keepDims: true) - 1
    return (x - total / isSupport.sum(axis: -1, keepDims: true)).maximum(0)
  }
}

extension Activation: ExpressibleByStringLiteral {
  /// The activation with this name; a name that does not exist stops the program.
  public init(stringLiteral name: String) {
    guard let activation = Activation(name: name) else {
      let names = Activation.allCases.map(\.rawValue).joined(separator: ", ")
      preconditionFailure("unknown activation '\(name)'; there are \(names)")
    }
    self = activation
  }
}

extension Activation {
  /// Reads an activation from a configuration; missing or null means linear.
  ///
  /// - Throws: `ModelError` if there is no activation of that name.
  public init(config: JSON?) throws {
    guard let config, !config.isNull else {
      self = .linear
      return
    }
    let name = config.string ?? config["config"]?.string ?? config["class_name"]?.string ?? ""
    guard let activation = Activation(name: name) else {
      throw ModelError(
        expected: "one of the activations "
          + Activation.allCases.map(\.rawValue).joined(separator: ", "),
        found: config.summary)
    }
    self = activation
  }

  /// The activation in a configuration.
  public var config: JSON { .string(rawValue) }
}
