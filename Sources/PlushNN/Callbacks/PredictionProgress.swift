import PlushTensor

/// Where a prediction stands.
public struct PredictionProgress {
  /// The model that predicts.
  public let model: Model
  /// How many batches there are; nil if the data do not tell.
  public let batches: Int?
  /// How many batches are done.
  public internal(set) var batch = 0
  /// What the last batch gave, an array for each output.
  public internal(set) var outputs: [Tensor] = []
}
