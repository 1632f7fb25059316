// The templates resemble the networks of the zoo, with as little as each needs.

extension ProjectTemplate {
  private static func parameters(epochs: Int, batchSize: Int, learningRate: Double) -> String {
    """
      /// How many times the samples are gone through.
      static let epochs = \(epochs)
      /// How many samples make one step.
      static let batchSize = \(batchSize)
      /// The size of the steps.
      static let learningRate = \(learningRate)
    """
  }

  /// The file of the data: `loadData`, and what it calls.
  private static func data(_ comment: String, _ body: String, calling more: String = "") -> String {
    """
    import Plush

    typealias Samples = (x: Tensor, y: Tensor)

    /// \(comment)
    func loadData() throws -> (training: Samples, test: Samples) {
    \(body)
    }
    \(more)
    """
  }

  static let linear = ProjectTemplate(
    network: "linear",
    parameters: parameters(epochs: 30, batchSize: 16, learningRate: 0.1),
    layers: "    Dense(1, inputShape: [1])",
    compile: """
        try model.compile(
          optimizer: .sgd(learningRate: Index.learningRate), loss: .meanSquaredError,
          metrics: [.mae])
      """,
    data: data(
      "Points around the line y = 2x + 1; put your own here.",
      """
        let x = Tensor.randomUniform([200, 1], low: -1, high: 1)
        let noise = Tensor.randomNormal([200, 1], mean: 0, standardDeviation: 0.2)
        let y = x * 2 + 1 + noise
        return ((x[0..<160], y[0..<160]), (x[160..<200], y[160..<200]))
      """))

  static let perceptron = ProjectTemplate(
    network: "perceptron",
    parameters: parameters(epochs: 20, batchSize: 16, learningRate: 0.5),
    layers: "    Dense(1, activation: .sigmoid, inputShape: [2])",
    compile: """
        try model.compile(
          optimizer: .sgd(learningRate: Index.learningRate), loss: .binaryCrossentropy,
          metrics: [.accuracy])
      """,
    data: data(
      "Two clouds of points; put your own here.",
      """
        let y = Tensor.bernoulli([400, 1], probability: 0.5)
        let x = Tensor.randomUniform([400, 2], low: -0.8, high: 0.8) + (y * 2 - 1)
        return ((x[0..<320], y[0..<320]), (x[320..<400], y[320..<400]))
      """))

  static let xor = ProjectTemplate(
    network: "xor",
    parameters: parameters(epochs: 200, batchSize: 4, learningRate: 0.1),
    layers: """
          Dense(4, activation: .tanh, inputShape: [2])
          Dense(1, activation: .sigmoid)
      """,
    compile: """
        try model.compile(
          optimizer: .adam(learningRate: Index.learningRate), loss: .binaryCrossentropy,
          metrics: [.accuracy])
      """,
    data: data(
      "Exclusive or; put your own samples here.",
      """
        let x: Tensor = [[0, 0], [0, 1], [1, 0], [1, 1]]
        let y: Tensor = [[0], [1], [1], [0]]
        return ((x, y), (x, y))
      """))

  static let mlp = ProjectTemplate(
    network: "mlp",
    parameters: parameters(epochs: 5, batchSize: 128, learningRate: 0.001),
    layers: """
          Dense(512, activation: .relu, inputShape: [784])
          Dense(256, activation: .relu)
          Dense(10, activation: .softmax)
      """,
    compile: """
        try model.compile(
          optimizer: .adam(learningRate: Index.learningRate), loss: .categoricalCrossentropy,
          metrics: [.accuracy])
      """,
    data: data(
      "The files of MNIST in the folder that the command line names, or digits made on the spot.",
      """
        guard CommandLine.arguments.count > 1 else {
          let (training, test) = (Digits(count: 10_000, seed: 1), Digits(count: 2_000, seed: 99_999))
          return (
            samples(training.images, training.labels), samples(test.images, test.labels)
          )
        }
        let folder = CommandLine.arguments[1]
        func part(_ name: String) throws -> Samples {
          samples(
            try IDXArray(file: "\\(folder)/\\(name)-images-idx3-ubyte.gz"),
            try IDXArray(file: "\\(folder)/\\(name)-labels-idx1-ubyte.gz"))
        }
        return (try part("train"), try part("t10k"))
      """,
      calling: """

        /// Pixels from 0 to 1, and a one in the place of the digit.
        private func samples(_ images: IDXArray, _ labels: IDXArray) -> Samples {
          let pixels = Tensor(images.bytes, shape: [labels.count, 784]).cast(to: .float32) / 255
          return (pixels, Tensor(labels.bytes, shape: [labels.count]).oneHot(10))
        }

        """))
}
