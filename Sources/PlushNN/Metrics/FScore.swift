import PlushTensor

extension Metric {
  /// How the values of classes become one.
  public enum ClassAverage: String, Sendable {
    /// Their mean.
    case macro
    /// Their mean, weighted by how often each class occurs.
    case weighted
    /// The value of all classes counted together.
    case micro
  }

  /// The harmonic mean of precision and recall.
  ///
  /// - Parameters:
  ///   - average: how the values of classes become one.
  ///   - threshold: above which a prediction is one; by default the largest of a sample is.
  public static func f1Score(average: ClassAverage = .macro, threshold: Double? = nil) -> Metric {
    fScore("f1_score", average, 1, threshold)
  }

  /// The harmonic mean of precision and recall, recall counting `beta` times as much.
  ///
  /// - Parameters:
  ///   - average: how the values of classes become one.
  ///   - beta: above 0.
  ///   - threshold: above which a prediction is one; by default the largest of a sample is.
  public static func fBetaScore(
    average: ClassAverage = .macro, beta: Double = 1, threshold: Double? = nil
  ) -> Metric {
    fScore("fbeta_score", average, beta, threshold)
  }

  private static func fScore(
    _ name: String, _ average: ClassAverage, _ beta: Double, _ threshold: Double?
  ) -> Metric {
    let arguments: JSON = [
      "average": .string(average.rawValue), "beta": .double(beta),
      "threshold": threshold.map(JSON.double) ?? .null,
    ]
    return Metric(name, arguments) { _, outputShape in
      let width = [(outputShape.last ?? 1) ?? 1]
      return State(shapes: [width, width, width]) { truth, prediction, weight in
        let chosen = chosen(prediction, threshold).cast(to: .float32)
        let ones = Tensor.ones(like: chosen)
        let share = weight.map { ones * $0.alignedWeight(for: ones) } ?? ones
        let axes = Array(0..<chosen.rank - 1)
        let parts = [chosen * truth, chosen * (1 - truth), (1 - chosen) * truth]
        return parts.map { ($0 * share).sum(axes: axes) }
      } result: {
        fScore($0, average, beta)
      }
    }
  }

  private static func chosen(_ prediction: Tensor, _ threshold: Double?) -> Tensor {
    if let threshold { return prediction .> threshold }
    let largest = prediction.max(axis: -1, keepDims: true)
    return (prediction .>= largest).logicalAnd(prediction.abs() .> 1e-9)
  }

  private static func fScore(_ sums: [Tensor], _ average: ClassAverage, _ beta: Double) -> Tensor {
    let sums = average == .micro ? sums.map { $0.sum() } : sums
    let precision = sums[0] / (sums[0] + sums[1] + Loss.epsilon)
    let recall = sums[0] / (sums[0] + sums[2] + Loss.epsilon)
    let mean = precision * recall / (precision * (beta * beta) + recall + Loss.epsilon)
    let scores = mean * (1 + beta * beta)
    guard average == .weighted else { return scores.mean() }
    let counts = sums[0] + sums[2]
    return (scores * counts).sum() / (counts.sum() + Loss.epsilon)
  }
}
