import PlushTensor

/// How far predictions are from the truth: what training makes small.
///
/// Usable as `.meanSquaredError`, as `"meanSquaredError"`, and with a function of your own:
///
/// ```swift
/// Loss("cubic") { truth, prediction in (truth - prediction).abs().pow(3).mean(axis: -1) }
/// ```
public struct Loss: Sendable {
  /// The name, as Keras writes it: `mean_squared_error`.
  public let name: String
  /// What the truth must look like.
  let labels: Labels
  /// A value for each sample, or for each place of it.
  let values: @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  /// The same from what comes before an activation that would lose precision.
  let logitForm: LogitForm?
  /// Whether predictions are taken before a softmax or sigmoid.
  public let fromLogits: Bool
  /// What the loss was made with beside its name, for files.
  let arguments: JSON

  /// What the truth must look like.
  enum Labels: Sendable {
    /// Numbers in the shape of the predictions.
    case numbers
    /// Probabilities in the shape of the predictions.
    case probabilities
    /// A one in the place of the class.
    case oneHot
    /// The number of the class.
    case classNumber
    /// Whatever the function takes.
    case any
    /// Nothing: the loss came from a text that names none.
    case unknown
  }

  struct LogitForm: Sendable {
    let activation: Activation
    let values: @Sendable (_ truth: Tensor, _ logits: Tensor) -> Tensor
  }

  /// A loss of your own.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - values: the loss of each sample; its mean over the batch is made small.
  public init(
    _ name: String, values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.init(name, .any, values: values)
  }

  init(
    _ name: String, _ labels: Labels, fromLogits: Bool = false, logitForm: LogitForm? = nil,
    arguments: JSON = [:],
    values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.name = name
    self.labels = labels
    self.values = values
    self.logitForm = logitForm
    self.fromLogits = fromLogits
    self.arguments = arguments
  }

  /// The mean loss of a batch, a scalar.
  public func callAsFunction(_ truth: Tensor, _ prediction: Tensor) -> Tensor {
    values(aligned(truth, with: prediction), prediction).mean()
  }

  /// The truth as floating numbers of the shape that `values` expects.
  func aligned(_ truth: Tensor, with prediction: Tensor) -> Tensor {
    switch labels {
    case .any, .unknown: return truth
    case .classNumber:
      let isColumn = truth.rank == prediction.rank && truth.shape.last == 1
      return (isColumn ? truth.squeeze(axes: [-1]) : truth).cast(to: .int32)
    case .numbers, .probabilities, .oneHot:
      let misses = truth.rank == prediction.rank - 1 && prediction.shape.last == 1
      return (misses ? truth.expandDims(axis: -1) : truth).cast(to: prediction.dtype)
    }
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

  /// The loss with this name, in either spelling; nil if there is none.
  public init?(name: String) {
    let aliases = ["mse": "mean_squared_error", "mae": "mean_absolute_error"]
    let key = name.snakeCase
    let wanted = aliases[key] ?? key
    guard let loss = Loss.named.first(where: { $0.name == wanted }) else { return nil }
    self = loss
  }

  /// The losses that have names.
  static let named: [Loss] = [
    .meanSquaredError, .meanAbsoluteError, .binaryCrossentropy(), .categoricalCrossentropy(),
    .sparseCategoricalCrossentropy(), .huber(), .hinge, .kullbackLeiblerDivergence,
    .poisson, .logCosh, .cosineSimilarity,
  ]
}
