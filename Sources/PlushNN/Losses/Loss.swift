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
  /// How the values of a batch become its loss.
  public private(set) var reduction = Reduction.sumOverBatchSize
  /// What the truth must look like.
  let labels: Labels
  /// A value for each sample, or for each place of it.
  let values: @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  /// The same from what comes before an activation that would lose precision.
  let logitForm: LogitForm?
  /// Which of the values count, one or zero for each; nil if all do.
  let mask: (@Sendable (_ truth: Tensor, _ values: Tensor) -> Tensor)?
  /// The number of a class that labels may have beside those of the outputs.
  let ignoreClass: Int?
  /// Whether predictions are taken before a softmax or sigmoid.
  public let fromLogits: Bool
  /// What the loss was made with beside its name and reduction, by the names of Keras.
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
  ///   - values: the loss of each sample; by default its mean over the batch is made small.
  public init(
    _ name: String, values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.init(name, .any, values: values)
  }

  init(
    _ name: String, _ labels: Labels, fromLogits: Bool = false, logitForm: LogitForm? = nil,
    mask: (@Sendable (_ truth: Tensor, _ values: Tensor) -> Tensor)? = nil,
    ignoreClass: Int? = nil, arguments: JSON = [:],
    values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.name = name
    self.labels = labels
    self.values = values
    self.logitForm = logitForm
    self.mask = mask
    self.ignoreClass = ignoreClass
    self.fromLogits = fromLogits
    self.arguments = arguments
  }

  /// The same loss with another reduction.
  public func reducing(_ reduction: Reduction) -> Loss {
    var loss = self
    loss.reduction = reduction
    return loss
  }

  /// The loss of a batch: a scalar, unless the reduction is `none`.
  ///
  /// - Parameters:
  ///   - truth: what should have come.
  ///   - prediction: what came.
  ///   - sampleWeight: how much each sample counts, of shape [batch], or each place of it, of the
  ///     shape of the values.
  public func callAsFunction(
    _ truth: Tensor, _ prediction: Tensor, sampleWeight: Tensor? = nil
  ) -> Tensor {
    let truth = aligned(truth, with: prediction)
    return reduce(values(truth, prediction), truth: truth, weight: sampleWeight)
  }

  /// The loss of a batch, from what comes before the last activation if that serves.
  func loss(
    _ truth: Tensor, _ prediction: Tensor, preactivation: Tensor?, activation: Activation?,
    weight: Tensor? = nil
  ) -> Tensor {
    let truth = aligned(truth, with: prediction)
    guard let preactivation, let logitForm, logitForm.activation == activation else {
      return reduce(values(truth, prediction), truth: truth, weight: weight)
    }
    return reduce(logitForm.values(truth, preactivation), truth: truth, weight: weight)
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
