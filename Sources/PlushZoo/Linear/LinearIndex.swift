import Plush

/// Linear regression: finds the line `y = ax + b` in noisy points, by gradient descent.
public struct Linear: Network {
  /// The slope of the line that the points are drawn around.
  static let slope: Float = 2
  /// Its height at x = 0.
  static let intercept: Float = 1

  /// Creates the network.
  public init() {}

  public var name: String { "linear" }
  public var summary: String { "the line through noisy points, found by gradient descent" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 60, batchSize: 16, learningRate: 0.1)
  }

  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let weights = model.weights.map { $0.value.item() }
    reporter.report(.note("learned    \(line(weights[0], weights[1]))"))
    let samples = try await data.training.first()
    let (x, y) = (samples.inputs[0], samples.truths[0])
    let best = leastSquares(x, y)
    reporter.report(.note("best fit   \(line(best.slope, best.intercept)) (least squares)"))
    if data.record["is_made"]?.bool == true {
      reporter.report(.note("drawn from \(line(Self.slope, Self.intercept)) and noise"))
    }
    compareGradients(x, y, reporter)
  }

  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let inputs = try numericRows(path, columns: ["x"])
    let outputs = try model.predict(inputs).dataSync()
    return zip(inputs.dataSync(), outputs).map { x, y in
      Answer("x = \(x.short)  y = \(y.short)", ["x": .double(Double(x)), "y": .double(Double(y))])
    }
  }

  private func line(_ slope: Float, _ intercept: Float) -> String {
    "y = \(slope.short)x \(intercept < 0 ? "-" : "+") \(intercept.magnitude.short)"
  }

  /// The same line in closed form, to compare with.
  private func leastSquares(_ x: Tensor, _ y: Tensor) -> (slope: Float, intercept: Float) {
    let (dx, dy) = (x - x.mean(), y - y.mean())
    let slope = (dx * dy).sum() / dx.square().sum()
    return (slope.item(), (y.mean() - slope * x.mean()).item())
  }

  /// Shows that the gradient by the chain rule is the slope that small steps measure.
  private func compareGradients(_ x: Tensor, _ y: Tensor, _ reporter: any Reporter) {
    func loss(_ weights: Tensor) -> Tensor {
      (x * weights[0] + weights[1] - y).square().mean()
    }
    let weights: [Float] = [0.5, -0.5]
    let analytic = gradient(at: Tensor(weights), loss).dataSync()
    let numeric = weights.indices.map { place -> Float in
      var (above, below) = (weights, weights)
      above[place] += 0.01
      below[place] -= 0.01
      return (loss(Tensor(above)) - loss(Tensor(below))).item() / 0.02
    }
    let difference = zip(analytic, numeric).map { ($0 - $1).magnitude }.max() ?? 0
    reporter.report(
      .note(
        "gradient at a = 0.5, b = -0.5: analytic (\(analytic[0].short), \(analytic[1].short)), "
          + "numeric (\(numeric[0].short), \(numeric[1].short)), "
          + "difference \(difference.short)"))
  }
}
