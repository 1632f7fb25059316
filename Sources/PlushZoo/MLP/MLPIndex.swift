import Plush

/// Handwritten digits with three dense layers: 784-512-256-10.
public struct MLP: Network {
  /// Pixels of a picture.
  static let pixels = 28 * 28
  /// Units of the hidden layers.
  static let hidden = [512, 256]
  /// Digits.
  static let classes = 10

  /// Creates the network.
  public init() {}

  public var name: String { "mlp" }
  public var summary: String { "handwritten digits with dense layers, 784-512-256-10" }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 10, batchSize: 128, learningRate: 0.001)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    // Ever smaller steps settle what large ones keep stirring up.
    [
      LambdaCallback(onEpochBegin: { progress in
        let done = Double(progress.epoch) / Double(max(1, progress.epochs))
        progress.model.learningRate = parameters.learningRate * (1 - 0.95 * done)
      })
    ]
  }

  public func present(_ model: Model, _ data: NetworkData, reporter: any Reporter) throws {
    let judged = try judge(model, data.test)
    reporter.report(.pictures(try judged.pictures(right: 4, wrong: 4)))
    let pairs = judged.worstPairs.prefix(3).map { "\($0.truth) as \($0.answer) (\($0.count)×)" }
    if !pairs.isEmpty {
      reporter.report(.note("most often mistaken: " + pairs.joined(separator: ", ")))
    }
  }

  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let inputs = try pictures(inFile: path)
    let outputs = try model.predict(inputs, batchSize: 256).dataSync()
    return (0..<inputs.shape[0]).map { row in
      let shares = Array(outputs[row * Self.classes..<(row + 1) * Self.classes])
      let digit = shares.indices.max { shares[$0] < shares[$1] } ?? 0
      return Answer(
        "\(digit)  probability \(shares[digit].short)",
        [
          "class": .int(digit), "probability": .double(Double(shares[digit])),
          "probabilities": .array(shares.map { .double(Double($0)) }),
        ])
    }
  }
}
