import Plush

extension CNN {
  public func model(for record: JSON) throws -> Model {
    let record = try PictureRecord(record, otherwise: usualRecord)
    return Sequential(name: "cnn") {
      Conv2D(Self.filters[0], kernelSize: 3, activation: .relu, inputShape: record.shape.shape)
      Conv2D(Self.filters[1], kernelSize: 3, activation: .relu)
      MaxPooling2D(poolSize: 2)
      Conv2D(Self.filters[2], kernelSize: 3, activation: .relu)
      MaxPooling2D(poolSize: 2)
      Flatten()
      Dense(Self.hidden, activation: .relu)
      Dense(record.classes.count, activation: .softmax)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .categoricalCrossentropy,
      metrics: [.accuracy])
  }
}
