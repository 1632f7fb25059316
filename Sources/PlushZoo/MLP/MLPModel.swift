import Plush

extension MLP {
  public func model(for record: JSON) -> Model {
    Sequential(name: "mlp") {
      Dense(Self.hidden[0], activation: .relu, inputShape: Self.pictureShape)
      Dense(Self.hidden[1], activation: .relu)
      Dense(Self.classes, activation: .softmax)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .categoricalCrossentropy,
      metrics: [.accuracy])
  }
}
