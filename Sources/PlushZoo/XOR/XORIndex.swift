import Plush

/// Exclusive or with two hidden neurons: the smallest problem that no line solves.
public struct XOR: Network {
  /// How often new weights are tried if training gets stuck.
  static let starts = 10

  /// Creates the network.
  public init() {}

  public var name: String { "xor" }
  public var summary: String { "exclusive or with two hidden neurons" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 200, batchSize: 4, learningRate: 0.1)
  }

  /// Trains until all four answers are right, each start with the next weights of the seed.
  ///
  /// So small a network may get stuck where no small step makes it better.
  public nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult {
    let trainer = try Trainer(self, options, reporter)
    let data = try trainer.loadData()
    var start = 0
    while true {
      let model = self.model(for: data.record)
      // A resumed training passes over the weights that had got stuck.
      if start >= trainer.resumedStart {
        let history = try await trainer.fit(model, data, start: start)
        let isSolved = try await trainer.evaluate(model, data.test)["accuracy"] == 1
        if isSolved || trainer.wasInterrupted || start + 1 == Self.starts {
          return try await trainer.finish(model, data, history)
        }
        reporter.report(.note("start \(start + 1) got stuck; trying other weights of this seed"))
      }
      start += 1
    }
  }

  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let cases = try await data.test.first().inputs[0]
    for answer in try binaryAnswers(model, cases) { reporter.report(.note(answer.text)) }
  }

  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    try binaryAnswers(model, try numericRows(path, columns: ["x1", "x2"]))
  }
}
