import PlushTensor

/// The sums of a metric outside of training, batch after batch.
///
/// ```swift
/// var auc = RunningMetric(.auc())
/// auc.update(truth, prediction)
/// print(auc.result)
/// ```
public struct RunningMetric {
  private let metric: Metric
  private var state: Metric.State?
  private var sums: [Tensor] = []

  /// The metric of no samples.
  public init(_ metric: Metric) { self.metric = metric }

  /// Adds a batch.
  ///
  /// - Parameters:
  ///   - truth: what should have come, in the shape of the predictions, or numbers of classes.
  ///   - prediction: what came.
  ///   - sampleWeight: how much each sample counts, of shape [batch].
  public mutating func update(
    _ truth: Tensor, _ prediction: Tensor, sampleWeight: Tensor? = nil
  ) {
    let isSparse = truth.rank < prediction.rank && prediction.shape.last != 1
    let labels: Loss.Labels = isSparse ? .classNumber : .numbers
    let loss = Loss("", labels) { $1 }
    let state = self.state ?? metric.state(loss: loss, outputShape: prediction.shape.map { $0 })
    guard let state else { return }
    self.state = state
    let aligned = Loss("", state.labels) { $1 }.aligned(truth, with: prediction)
    let terms = state.terms(aligned, prediction, sampleWeight).map { $0.cast(to: .float32) }
    sums = sums.isEmpty ? terms : zip(sums, terms).map { $0 + $1 }
    realize(sums)
  }

  /// The value for the batches since the start; NaN if there were none.
  public var result: Float {
    guard let state, !sums.isEmpty else { return .nan }
    return state.result(sums).item()
  }

  /// Starts again.
  public mutating func reset() { sums = [] }
}

extension Metric {
  /// The value for one batch.
  ///
  /// - Parameters:
  ///   - truth: what should have come, in the shape of the predictions, or numbers of classes.
  ///   - prediction: what came.
  ///   - sampleWeight: how much each sample counts, of shape [batch].
  public func callAsFunction(
    _ truth: Tensor, _ prediction: Tensor, sampleWeight: Tensor? = nil
  ) -> Float {
    var running = RunningMetric(self)
    running.update(truth, prediction, sampleWeight: sampleWeight)
    return running.result
  }
}
