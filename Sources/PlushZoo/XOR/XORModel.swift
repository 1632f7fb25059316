import Plush

extension XOR {
  /// 2-2-1. Mish, which has a valley, gets stuck far less often than tanh or sigmoid here.
  public func model(for record: JSON) -> Model {
    let normal = Initializer.randomNormal(standardDeviation: 0.5)
    return Sequential(name: "xor") {
      Dense(2, activation: .mish, kernelInitializer: normal, inputShape: [2])
      Dense(1, activation: .sigmoid, kernelInitializer: normal)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .binaryCrossentropy,
      metrics: [.accuracy])
  }
}
