/// Handwritten digits with three dense layers: 784-512-256-10.
public struct MLP: Network {
  /// Units of the hidden layers.
  static let hidden = [512, 256]

  /// The sides to which pictures in folders are brought.
  public var size = 28
  /// Whether pictures in folders are taken in `grey` or `colour`.
  public var channels = "grey"

  /// Creates the network with its usual settings.
  public init() {}

  public var name: String { "mlp" }
  public var summary: String { "handwritten digits with dense layers, 784-512-256-10" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 10, batchSize: 128, learningRate: 0.001)
  }
}
