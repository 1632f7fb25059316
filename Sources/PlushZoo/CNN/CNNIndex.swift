/// Handwritten digits with three convolutions, two poolings and two dense layers.
public struct CNN: Network {
  /// Filters of the convolutions, each 3×3.
  static let filters = [32, 32, 64]
  /// Units of the hidden dense layer.
  static let hidden = 512

  /// The sides to which pictures in folders are brought.
  public var size = 28
  /// Whether pictures in folders are taken in `grey` or `colour`.
  public var channels = "grey"

  /// Creates the network with its usual settings.
  public init() {}

  public var name: String { "cnn" }
  public var summary: String { "handwritten digits with convolutions, 32-32-64-512-10" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 12, batchSize: 128, learningRate: 0.001)
  }
}
