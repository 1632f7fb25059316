import Plush

/// What a classifier says about samples whose class is known.
struct Judgement {
  /// A mistake and how often it was made.
  struct Pair: Hashable {
    let truth: Int
    let answer: Int
    let count: Int
  }

  let samples: LabelledSamples
  let classes: Int
  let probabilities: [Float]
  let truths: [Int]
  let answers: [Int]

  /// Mistakes, the most frequent first.
  var worstPairs: [Pair] {
    var counts = [Int](repeating: 0, count: classes * classes)
    for (truth, answer) in zip(truths, answers) where truth != answer {
      counts[truth * classes + answer] += 1
    }
    return counts.enumerated().filter { $0.element > 0 }
      .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .map { Pair(truth: $0.offset / classes, answer: $0.offset % classes, count: $0.element) }
  }

  /// Pictures that were judged rightly and wrongly, as many as there are up to these counts.
  nonisolated(nonsending) func pictures(
    right: Int, wrong: Int
  ) async throws -> [JudgedPicture] {
    let isRight = zip(truths, answers).map { $0 == $1 }
    var pictures: [JudgedPicture] = []
    for (isWanted, limit) in [(true, right), (false, wrong)] {
      let places = Array(isRight.indices.filter { isRight[$0] == isWanted }.prefix(limit))
      if places.isEmpty { continue }
      let inputs = try await samples.picked(places).inputs[0]
      pictures += places.enumerated().map { picture($0.element, inputs[$0.offset]) }
    }
    return pictures
  }

  private func picture(_ place: Int, _ input: Tensor) -> JudgedPicture {
    let pixels = input.dataSync()
    let shares = probabilities[place * classes..<(place + 1) * classes]
    let ranked = shares.enumerated().sorted { $0.element > $1.element }
    return JudgedPicture(
      pixels: pixels, width: Int(Double(pixels.count).squareRoot()), truth: "\(truths[place])",
      answers: ranked.map { ("\($0.offset)", $0.element) })
  }
}

extension Network {
  /// Lets a classifier judge samples with one-hot truths.
  nonisolated(nonsending) func judge(
    _ model: Model, _ samples: LabelledSamples
  ) async throws -> Judgement {
    let (truth, output) = try await model.judge(samples, batchSize: 256)
    let (truths, answers) = (truth.argMax(axis: -1), output.argMax(axis: -1))
    realize([output, truths, answers])
    return Judgement(
      samples: samples, classes: output.shape[1], probabilities: output.dataSync(),
      truths: truths.dataSync(as: Int32.self).map(Int.init),
      answers: answers.dataSync(as: Int32.self).map(Int.init))
  }
}
