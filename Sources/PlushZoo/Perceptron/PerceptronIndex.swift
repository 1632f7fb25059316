import Plush

/// One neuron with a sigmoid: divides the points of a plane into two classes by a line.
public struct Perceptron: Network {
  /// Creates the network.
  public init() {}

  public var name: String { "perceptron" }
  public var summary: String { "one neuron that divides two clouds of points by a line" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 40, batchSize: 16, learningRate: 0.5)
  }

  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let kernel = model.weights[0].value.dataSync()
    let bias = model.weights[1].value.item()
    reporter.report(
      .note(
        "the line between the classes: \(kernel[0].short)·x1 + \(kernel[1].short)·x2 "
          + "+ \(bias.short) = 0"))
  }

  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    try binaryAnswers(model, try numericRows(path, columns: ["x1", "x2"]))
  }
}
