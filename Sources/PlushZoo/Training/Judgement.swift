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
  func pictures(right: Int, wrong: Int) throws -> [JudgedPicture] {
    let isRight = zip(truths, answers).map { $0 == $1 }
    let places =
      isRight.indices.filter { isRight[$0] }.prefix(right)
      + isRight.indices.filter { !isRight[$0] }.prefix(wrong)
    return places.map(picture)
  }

  private func picture(_ place: Int) -> JudgedPicture {
    let pixels = samples.x[place].dataSync()
    let shares = probabilities[place * classes..<(place + 1) * classes]
    let ranked = shares.enumerated().sorted { $0.element > $1.element }
    return JudgedPicture(
      pixels: pixels, width: Int(Double(pixels.count).squareRoot()), truth: "\(truths[place])",
      answers: ranked.map { ("\($0.offset)", $0.element) })
  }
}

extension Network {
  /// Lets a classifier judge samples with one-hot truths.
  func judge(_ model: Model, _ samples: LabelledSamples) throws -> Judgement {
    let output = try model.predict(samples.x, batchSize: 256)
    let (truths, answers) = (samples.y.argMax(axis: -1), output.argMax(axis: -1))
    realize([output, truths, answers])
    return Judgement(
      samples: samples, classes: output.shape[1], probabilities: output.dataSync(),
      truths: truths.dataSync(as: Int32.self).map(Int.init),
      answers: answers.dataSync(as: Int32.self).map(Int.init))
  }
}
