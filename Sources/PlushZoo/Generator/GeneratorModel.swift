import Plush

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Generator {
  /// The size of the vectors that stand for characters.
  private static let embedding = 64

  public func model(for record: JSON) throws -> Model {
    let tokenizer = try record["tokenizer"].map { try CharacterTokenizer(json: $0) }
    return model(characters: tokenizer?.count ?? 100)
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate, options: .init(globalClipNorm: 1)),
      loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  }

  private func model(characters: Int) -> Model {
    Sequential(name: "generator") {
      // Characters that are far from each other from the start are told apart sooner.
      Embedding(
        characters, Self.embedding, embeddingsInitializer: .randomNormal(standardDeviation: 0.5),
        inputShape: [nil])
      for _ in 0..<layers {
        LSTM(
          units, returnSequences: true, options: RecurrentOptions(weightDropout: weightDropout))
        LayerNormalization()
        Dropout(dropout)
      }
      Dense(characters, activation: .softmax)
    }
  }

  /// The mean of −log p over the characters of a text but the first, each after at least some of
  /// those before it.
  func natsPerCharacter(_ model: Model, _ tokens: [Int]) throws -> Double {
    let (warmUp, length) = (128, 256)
    let windows = stride(from: 1, to: tokens.count, by: length).map { start in
      ScoredWindow(
        first: max(0, start - 1 - warmUp), start: start,
        end: min(tokens.count, start + length))
    }
    var sum = 0.0
    // Windows of one shape are computed together.
    for batch in windows.chunked(32, by: \.shape) {
      let inputs = batch.flatMap { tokens[$0.first..<$0.end - 1].map(Int32.init) }
      let shares = try model.predict(
        Tensor(inputs, shape: [batch.count, inputs.count / batch.count]), batchSize: batch.count)
      let (likely, steps, width) = (shares.dataSync(), shares.shape[1], shares.shape[2])
      for (row, window) in batch.enumerated() {
        for place in window.start..<window.end {
          let step = row * steps + place - 1 - window.first
          sum -= log(Double(max(likely[step * width + tokens[place]], .leastNormalMagnitude)))
        }
      }
    }
    return sum / Double(max(1, tokens.count - 1))
  }
}

/// Characters that are scored, from `start` to before `end`, after those from `first` on.
private struct ScoredWindow {
  let first: Int
  let start: Int
  let end: Int

  var shape: [Int] { [start - first, end - start] }
}

extension Array {
  /// Elements that follow each other and agree in something, at most so many together.
  fileprivate func chunked(_ limit: Int, by key: (Element) -> [Int]) -> [[Element]] {
    reduce(into: []) { chunks, element in
      if let last = chunks.last, last.count < limit, key(last[0]) == key(element) {
        chunks[chunks.count - 1].append(element)
      } else {
        chunks.append([element])
      }
    }
  }
}
