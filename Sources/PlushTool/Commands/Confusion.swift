import Plush
import PlushZoo

extension TrainedNetwork {
  /// What samples of each class are taken for, if the network tells classes.
  nonisolated(nonsending) func confusionMatrix(
    of samples: LabelledSamples
  ) async throws -> ConfusionMatrix? {
    let isClassifier = model.training?.metrics.first?.contains { $0.name == "accuracy" } ?? false
    guard isClassifier else { return nil }
    let (truths, predictions) = try await model.judge(samples, batchSize: batchSize)
    return try ConfusionMatrix(truths: truths, predictions: predictions)
  }
}
