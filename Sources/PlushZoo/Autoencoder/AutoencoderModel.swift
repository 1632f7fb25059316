import Plush

extension Autoencoder {
  public func model(for record: JSON) throws -> Model {
    let shape = try PictureShape(record: record) ?? PictureRecord.digits.shape
    return Sequential(name: "autoencoder") {
      InputLayer(shape: shape.shape)
      if noise > 0 {
        GaussianNoise(noise)
        // Pixels stay between black and white, as in a noisy file.
        ReLU(maxValue: 1)
      }
      kind == "dense" ? dense(shape) : convolutional(shape)
    }
  }

  private func dense(_ shape: PictureShape) -> [Layer] {
    [
      Flatten(), Dense(Self.hidden, activation: .relu),
      Dense(code, activation: .relu, name: "code"), Dense(Self.hidden, activation: .relu),
      Dense(shape.count, activation: .sigmoid), Reshape(shape.shape),
    ]
  }

  /// Maps of half, a quarter and an eighth, and back; what that makes too large is cut off.
  private func convolutional(_ shape: PictureShape) -> [Layer] {
    let (rows, columns) = (excess(shape.height), excess(shape.width))
    var layers: [Layer] = Self.filters.map {
      Conv2D($0, kernelSize: 3, strides: 2, padding: .same, activation: .relu)
    }
    layers.append(
      Conv2D(code, kernelSize: 3, strides: 2, padding: .same, activation: .relu, name: "code"))
    for filters in Self.filters.reversed() + [Self.filters[0] / 2] {
      layers.append(
        Conv2DTranspose(filters, kernelSize: 3, strides: 2, padding: .same, activation: .relu))
    }
    layers.append(
      Cropping2D((rows / 2, rows - rows / 2), (columns / 2, columns - columns / 2)))
    layers.append(
      Conv2D(shape.channels, kernelSize: 3, padding: .same, activation: .sigmoid))
    return layers
  }

  /// By how much a side grows when it is halved and doubled three times.
  private func excess(_ side: Int) -> Int { (side + 7) / 8 * 8 - side }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .binaryCrossentropy,
      metrics: [Metric(.meanSquaredError)])
  }
}
