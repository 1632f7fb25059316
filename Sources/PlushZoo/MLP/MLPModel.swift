import Plush

extension MLP {
  public func model(for record: JSON) throws -> Model {
    let record = try PictureRecord(record, otherwise: usualRecord)
    return Sequential(name: "mlp") {
      Dense(Self.hidden[0], activation: .relu, inputShape: inputShape(of: record.shape))
      Dense(Self.hidden[1], activation: .relu)
      Dense(record.classes.count, activation: .softmax)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .categoricalCrossentropy,
      metrics: [.accuracy])
  }
}
