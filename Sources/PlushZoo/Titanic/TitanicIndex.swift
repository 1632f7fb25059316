import Plush

/// Who survived the Titanic, from the table of passengers.
public struct Titanic: Network {
  /// Parts of the passengers; each is held out once in the cross-validation.
  static let folds = 5

  /// Creates the network.
  public init() {}

  public var name: String { "titanic" }
  public var summary: String { "who survived the Titanic, from the table of passengers" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 100, batchSize: 32, learningRate: 0.005)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [EarlyStopping(monitor: "val_loss", patience: 20, restoreBestWeights: true)]
  }

  /// Trains with one fifth held out, then once more for each other fifth, to see how far the
  /// result depends on which fifth it was.
  public nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult {
    let trainer = try Trainer(self, options, reporter)
    let passengers = try Passengers(file: options.data, seed: options.seed)
    let data = trainer.begin(try passengers.data(heldOut: 0))
    let model = model(for: data.record)
    let history = try await trainer.fit(model, data)
    var figures = Logs()
    if !trainer.wasInterrupted {
      var accuracies = [try await trainer.evaluate(model, data.test)["accuracy"] ?? 0]
      for fold in 1..<Self.folds where !reporter.isStopRequested {
        accuracies.append(try await accuracy(passengers.data(heldOut: fold), options))
      }
      let mean = accuracies.reduce(0, +) / Double(accuracies.count)
      let list = accuracies.map { $0.percent }.joined(separator: ", ")
      reporter.report(
        .note("\(accuracies.count)-fold cross-validation: \(list); mean \(mean.percent)"))
      figures["cross_validation_accuracy"] = mean
    }
    return try await trainer.finish(model, data, history, figures: figures)
  }

  /// Trains on the samples of a fold, silently.
  private nonisolated(nonsending) func accuracy(
    _ data: NetworkData, _ options: TrainingOptions
  ) async throws -> Double {
    let model = model(for: data.record)
    try compile(model, options.parameters)
    _ = try await model.fit(data, options, callbacks: callbacks(options.parameters))
    let batchSize = options.parameters.batchSize
    return try await model.evaluate(data.test, batchSize: batchSize)["accuracy"] ?? 0
  }

  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let table = try Table(file: path)
    let features = try PassengerFeatures(json: record)
    let names = try table.texts("Name")
    let probabilities = try model.predict(try features.inputs(of: table)).dataSync()
    return zip(names, probabilities).map { name, probability in
      let answer = probability > 0.5
      return Answer(
        "\(answer ? "survived" : "died    ")  probability \(probability.short)  \(name)",
        [
          "name": .string(name), "survived": .bool(answer),
          "probability": .double(Double(probability)),
        ])
    }
  }
}
