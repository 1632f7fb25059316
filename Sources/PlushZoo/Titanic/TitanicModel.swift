import Plush

extension Titanic {
  public func model(for record: JSON) -> Model {
    Sequential(name: "titanic") {
      Dense(
        16, activation: .relu, kernelRegularizer: .l2(0.003),
        inputShape: [PassengerFeatures.names.count])
      Dropout(0.3)
      Dense(8, activation: .relu, kernelRegularizer: .l2(0.003))
      Dense(1, activation: .sigmoid)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .binaryCrossentropy,
      metrics: [.accuracy])
  }
}
