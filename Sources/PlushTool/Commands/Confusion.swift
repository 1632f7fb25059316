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
    return try ConfusionMatrix(
      truths: truths.places, predictions: predictions.places, names: classNames)
  }
}

extension Tensor {
  /// One row for each place that is judged, such as each pixel of pictures.
  fileprivate var places: Tensor { rank > 2 ? reshape([-1, shape[rank - 1]]) : self }
}
