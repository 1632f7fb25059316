import Plush
import PlushZoo

extension Model {
  /// What samples of each class are taken for, if the model tells classes.
  func confusionMatrix(of samples: LabelledSamples) throws -> ConfusionMatrix? {
    let isClassifier = training?.metrics.first?.contains { $0.name == "accuracy" } ?? false
    guard isClassifier else { return nil }
    return try ConfusionMatrix(
      truths: samples.y, predictions: predict(samples.x, batchSize: 256))
  }
}
