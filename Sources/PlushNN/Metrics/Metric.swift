import PlushTensor

/// What is counted while a model is trained or evaluated, beside the loss.
///
/// Usable as `.accuracy`, as `"accuracy"`, and with functions of your own. A metric sums over
/// batches what it needs and tells its value at the end, so that batches of any size, and weighted
/// samples, count as they should:
///
/// ```swift
/// Metric("within_ten") { truth, prediction in ((truth - prediction).abs() .< 10) }
/// ```
public struct Metric: Sendable {
  /// The name, which is the key in the history.
  public private(set) var name: String
  /// What the metric is, whatever its name.
  let kind: String
  /// The sums for a loss and outputs of a shape; nil if the metric came from a text that names none.
  let makeState: (@Sendable (Loss, Shape) -> State)?
  /// Whether the weights of samples count in training and evaluation.
  public private(set) var isWeighted = false
  /// What the metric was made with, by the names of Keras.
  let arguments: JSON

  struct State: Sendable {
    /// Whether the truth is the number of the class; else it has the shape of the predictions.
    var labels = Loss.Labels.numbers
    /// Whether steps that a mask leaves out do not count; as in Keras, for means alone.
    var heedsMask = false
    /// The shapes of the sums, which begin at zero.
    let shapes: [[Int]]
    /// What to add to the sums for a batch.
    let terms: @Sendable (_ truth: Tensor, _ prediction: Tensor, _ weight: Tensor?) -> [Tensor]
    /// The value for given sums.
    let result: @Sendable (_ sums: [Tensor]) -> Tensor
  }

  /// The mean of a value that every sample has.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - values: the value of each sample, or of each place of it.
  public init(
    _ name: String, values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.init(name, .numbers, values: values)
  }

  /// A metric that is computed from sums over all batches.
  ///
  /// - Parameters:
  ///   - name: the name.
  ///   - shapes: the shapes of the sums.
  ///   - terms: what a batch adds to them; the weights of samples, if there are any, come last.
  ///   - result: the value for given sums, a scalar.
  public init(
    _ name: String, shapes: [[Int]],
    terms:
      @escaping @Sendable (
        _ truth: Tensor, _ prediction: Tensor, _ weight: Tensor?
      ) -> [Tensor],
    result: @escaping @Sendable (_ sums: [Tensor]) -> Tensor
  ) {
    self.init(name, State(shapes: shapes, terms: terms, result: result))
  }

  /// The mean of the values of a loss, under its name.
  public init(_ loss: Loss) {
    let mask = loss.mask
    self.init(loss.name, loss.labels, arguments: loss.arguments) { truth, prediction, weight in
      let values = loss.values(truth, prediction)
      guard let kept = mask?(truth, values).cast(to: values.dtype) else { return (values, weight) }
      return (values, weight.map { $0.alignedWeight(for: kept) * kept } ?? kept)
    }
  }

  /// The sum of a value that every sample has.
  public static func sum(
    _ name: String = "sum",
    values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) -> Metric {
    Metric(name, shapes: [[]]) { truth, prediction, weight in
      let values = values(truth, prediction).cast(to: .float32)
      return [(weight.map { values * $0.alignedWeight(for: values) } ?? values).sum()]
    } result: {
      $0[0]
    }
  }

  init(
    _ name: String, _ labels: Loss.Labels, arguments: JSON = [:],
    values: @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor) -> Tensor
  ) {
    self.init(name, labels, arguments: arguments) { (values($0, $1), $2) }
  }

  private init(
    _ name: String, _ labels: Loss.Labels, arguments: JSON,
    weighed:
      @escaping @Sendable (_ truth: Tensor, _ prediction: Tensor, _ weight: Tensor?) -> (
        values: Tensor, weight: Tensor?
      )
  ) {
    let state = State(labels: labels, heedsMask: true, shapes: [[], []]) {
      truth, prediction, weight in
      let (values, weight) = weighed(truth, prediction, weight)
      return values.cast(to: .float32).sumAndCount(weight)
    } result: {
      $0[0].dividedOrZero(by: $0[1])
    }
    self.init(name, state, arguments: arguments)
  }

  init(_ name: String, _ state: State, arguments: JSON = [:]) {
    self.init(name, arguments) { _, _ in state }
  }

  init(
    _ name: String, _ arguments: JSON = [:], makeState: (@Sendable (Loss, Shape) -> State)?
  ) {
    self.name = name
    kind = name
    self.arguments = arguments
    self.makeState = makeState
  }

  /// The same metric under another name.
  public func named(_ name: String) -> Metric {
    var metric = self
    metric.name = name
    return metric
  }

  /// The same metric with samples counting as their weights say, under the name `weighted_…`.
  public func weighted() -> Metric {
    var metric = named("weighted_\(name)")
    metric.isWeighted = true
    return metric
  }

  /// Whether the metric came from a text that names none.
  var isUnknown: Bool { makeState == nil }

  /// The sums for a loss and outputs of a shape; nil if the metric is unknown.
  func state(loss: Loss, outputShape: Shape) -> State? { makeState?(loss, outputShape) }
}

extension Tensor {
  /// The sum of values and how many there are, or how much they weigh.
  func sumAndCount(_ weight: Tensor?) -> [Tensor] {
    guard var weight else { return [sum(), Tensor(Float(count))] }
    // Of places with several weights their mean counts; of several with one weight as well.
    if weight.rank > rank { weight = weight.mean(axes: Array(rank..<weight.rank)) }
    let inner = Array(weight.rank..<rank)
    let values = inner.isEmpty ? self : mean(axes: inner)
    let share = weight.alignedWeight(for: values).broadcast(to: values.shape)
    return [(values * share).sum(), share.sum()]
  }

  /// The quotient, zero where the divisor is.
  func dividedOrZero(by divisor: Tensor) -> Tensor {
    let isZero = divisor .== 0
    let quotient = self / isZero.select(Tensor.ones(like: divisor), divisor)
    return isZero.select(Tensor.zeros(like: quotient), quotient)
  }
}
