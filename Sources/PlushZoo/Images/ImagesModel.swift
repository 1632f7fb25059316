import Plush

extension Images {
  /// Blocks of convolution, normalization and pooling; the means of the last maps tell the class.
  public func model(for record: JSON) throws -> Model {
    let record = try PictureRecord(record, otherwise: usualRecord)
    return Sequential(name: "images") {
      for block in 0..<Self.blocks {
        Conv2D(
          filters << block, kernelSize: 3, padding: .same, useBias: false,
          kernelInitializer: .heNormal, inputShape: block == 0 ? record.shape.shape : nil)
        // Trainings on few pictures have few steps.
        BatchNormalization(momentum: 0.9)
        ReLU()
        MaxPooling2D(poolSize: 2)
      }
      GlobalAveragePooling2D()
      Dropout(0.3)
      Dense(record.classes.count, activation: .softmax)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adamW(learningRate: parameters.learningRate, weightDecay: 0.01),
      loss: .categoricalCrossentropy(labelSmoothing: 0.1),
      metrics: [.accuracy, .balancedAccuracy])
  }
}
