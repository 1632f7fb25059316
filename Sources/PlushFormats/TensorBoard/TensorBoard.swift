import PlushData
import PlushNN

/// Writes training for TensorBoard: `tensorboard --logdir folder`.
///
/// Values of training stand in the folder `train`, those of validation in `validation`, under the
/// tags of Keras: `epoch_loss`, `batch_loss`, `dense/kernel/histogram`.
public final class TensorBoard: Callback {
  /// How often values of running epochs are written.
  public enum UpdateFrequency: Sendable {
    /// Only after epochs.
    case epoch
    /// After so many batches too.
    case batches(Int)
  }

  private let folder: String
  private let histogramFrequency: Int
  private let writesGraph: Bool
  private let updateFrequency: UpdateFrequency
  private var train: EventFile?
  private var validation: EventFile?

  /// Creates the callback; files are made when training begins.
  ///
  /// - Parameters:
  ///   - folder: where the folders `train` and `validation` are made.
  ///   - histogramFrequency: after how many epochs distributions of weights are written; 0 for
  ///     never.
  ///   - writesGraph: whether the layers and their connections are written.
  ///   - updateFrequency: how often values of running epochs are written.
  public init(
    _ folder: String = "logs", histogramFrequency: Int = 0, writesGraph: Bool = true,
    updateFrequency: UpdateFrequency = .epoch
  ) {
    self.folder = folder
    self.histogramFrequency = histogramFrequency
    self.writesGraph = writesGraph
    self.updateFrequency = updateFrequency
  }

  /// Makes the file of training, and writes the graph into it.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onTrainBegin(_ progress: TrainingProgress) throws {
    let file = try EventFile(in: "\(folder)/train", number: 0)
    if writesGraph { try file.write(graph: progress.model.connections) }
    train = file
    validation = nil
  }

  /// Writes the values of a running epoch as `batch_loss` and so on.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onBatchEnd(_ progress: TrainingProgress) throws {
    guard case .batches(let count) = updateFrequency, progress.step % max(1, count) == 0
    else { return }
    let scalars = try progress.logs.entries.map { (tag: "batch_\($0.name)", value: $0.value) }
    try train?.write(scalars, step: progress.step)
  }

  /// Writes the values of an epoch as `epoch_loss` and so on, and how weights are distributed.
  ///
  /// - Throws: `FileError` if writing fails.
  public func onEpochEnd(_ progress: TrainingProgress) throws {
    let entries = try progress.logs.entries
    var own = entries.filter { !$0.name.hasPrefix("val_") && $0.name != "learning_rate" }
      .map { (tag: "epoch_\($0.name)", value: $0.value) }
    own.append((tag: "epoch_learning_rate", value: progress.model.learningRate))
    try train?.write(own, step: progress.epoch)
    let others = entries.filter { $0.name.hasPrefix("val_") }
      .map { (tag: "epoch_\($0.name.dropFirst(4))", value: $0.value) }
    if !others.isEmpty { try writeValidation(others, step: progress.epoch) }
    if histogramFrequency > 0, progress.epoch % histogramFrequency == 0 {
      try writeWeights(of: progress.model, step: progress.epoch)
    }
  }

  private func writeValidation(_ scalars: [(tag: String, value: Double)], step: Int) throws {
    let file = try validation ?? EventFile(in: "\(folder)/validation", number: 1)
    try file.write(scalars, step: step)
    validation = file
  }

  private func writeWeights(of model: Model, step: Int) throws {
    for weight in model.namedWeights {
      let histogram = Histogram(weight.variable.value.dataSync())
      try train?.write(histogram, tag: "\(weight.name)/histogram", step: step)
    }
  }
}
