import Plush

extension Perceptron {
  public func model(for record: JSON) -> Model {
    Sequential(name: "perceptron") { Dense(1, activation: .sigmoid, inputShape: [2]) }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    // Binary cross-entropy is the log loss.
    try model.compile(
      optimizer: .sgd(learningRate: parameters.learningRate), loss: .binaryCrossentropy,
      metrics: [.accuracy])
  }
}
