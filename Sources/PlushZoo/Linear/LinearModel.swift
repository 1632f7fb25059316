import Plush

extension Linear {
  public func model(for record: JSON) -> Model {
    Sequential(name: "linear") { Dense(1, inputShape: [1]) }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .sgd(learningRate: parameters.learningRate), loss: .meanSquaredError,
      metrics: [.mae])
  }
}
