import Plush
import PlushMedia

/// What a classifier says about pictures whose class is known.
package struct PictureJudgement {
  /// A mistake and how often it was made.
  struct Pair: Hashable {
    let truth: String
    let answer: String
    let count: Int
  }

  private let samples: LabelledSamples
  private let record: PictureRecord
  private let truths: Tensor
  private let predictions: Tensor
  private let labels: [Int]
  private let answers: [Int]

  /// Lets a classifier judge samples with one-hot truths.
  nonisolated(nonsending) init(
    _ model: Model, _ samples: LabelledSamples, _ record: PictureRecord
  ) async throws {
    (self.samples, self.record) = (samples, record)
    (truths, predictions) = try await model.judge(samples, batchSize: 256)
    let (truths, answers) = (truths.argMax(axis: -1), predictions.argMax(axis: -1))
    realize([truths, answers, predictions])
    labels = truths.dataSync(as: Int32.self).map(Int.init)
    self.answers = answers.dataSync(as: Int32.self).map(Int.init)
  }

  /// What pictures of each class are taken for.
  func confusionMatrix() throws -> ConfusionMatrix {
    try ConfusionMatrix(truths: labels, predictions: answers, names: record.classes)
  }

  /// Mistakes, the most frequent first.
  var worstPairs: [Pair] {
    let count = record.classes.count
    var counts = [Int](repeating: 0, count: count * count)
    for (truth, answer) in zip(labels, answers) where truth != answer {
      counts[truth * count + answer] += 1
    }
    return counts.enumerated().filter { $0.element > 0 }
      .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .map {
        Pair(
          truth: record.classes[$0.offset / count], answer: record.classes[$0.offset % count],
          count: $0.element)
      }
  }

  /// A grid of the mistakes that the classifier was surest of.
  package nonisolated(nonsending) func mistakes(limit: Int = 16) async throws -> Picture {
    let mistakes = try Mistake.mostConfident(
      truths: truths, predictions: predictions, limit: limit)
    let places = mistakes.map(\.sample).sorted()
    let pictures = try await pictures(at: places)
    let byPlace = Dictionary(uniqueKeysWithValues: zip(places, pictures))
    return Picture.grid(
      of: mistakes, pictures: mistakes.compactMap { byPlace[$0.sample] }, names: record.classes)
  }

  /// Pictures that were judged rightly and wrongly, as many as there are up to these counts.
  nonisolated(nonsending) func pictures(
    right: Int, wrong: Int
  ) async throws -> [JudgedPicture] {
    let isRight = zip(labels, answers).map { $0 == $1 }
    let places = [(true, right), (false, wrong)].flatMap { isWanted, limit in
      isRight.indices.filter { isRight[$0] == isWanted }.prefix(limit)
    }
    let sorted = places.sorted()
    let byPlace = Dictionary(uniqueKeysWithValues: zip(sorted, try await pictures(at: sorted)))
    return places.compactMap { place in byPlace[place].map { judged($0, place) } }
  }

  private func judged(_ picture: Picture, _ place: Int) -> JudgedPicture {
    let count = record.classes.count
    let shares = predictions[place].dataSync()
    let ranked = (0..<count).sorted { (shares[$1], $0) < (shares[$0], $1) }
    return JudgedPicture(
      picture, truth: record.classes[labels[place]],
      answers: ranked.map { (record.classes[$0], shares[$0]) })
  }

  /// The pictures of some samples, whose numbers ascend.
  private nonisolated(nonsending) func pictures(at places: [Int]) async throws -> [Picture] {
    if places.isEmpty { return [] }
    let inputs = try await samples.picked(places).inputs[0]
    return Picture.all(in: inputs.reshape([places.count] + record.shape.shape))
  }
}

extension JudgedPicture {
  /// A picture as a terminal shows it: in grey, and no larger than there is room for.
  init(_ picture: Picture, truth: String, answers: [(name: String, probability: Float)]) {
    let grey = picture.converted(channels: 1)
    let scale = min(1, 32 / Double(max(grey.width, grey.height)))
    let small = grey.resized(
      width: max(2, Int(Double(grey.width) * scale)),
      height: max(2, Int(Double(grey.height) * scale)))
    self.init(
      pixels: small.pixels.map { Float($0) / 255 }, width: small.width, truth: truth,
      answers: answers)
  }
}
