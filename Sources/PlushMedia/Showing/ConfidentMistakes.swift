import PlushNN
import PlushTensor

/// A sample that a classifier took for something else.
public struct Mistake: Sendable, Hashable {
  /// The number of the sample, from 0.
  public let sample: Int
  /// Its class.
  public let truth: Int
  /// The class it was taken for.
  public let answer: Int
  /// How sure the classifier was, from 0 to 1.
  public let probability: Double

  /// The mistakes of which a classifier was most sure, the worst first.
  ///
  /// What it is surest of and wrong about is often labelled wrongly, or shows what it looks at.
  ///
  /// - Parameters:
  ///   - truths: class numbers of shape [samples], or one-hot rows.
  ///   - predictions: a row of probabilities for each sample.
  ///   - limit: how many at most.
  /// - Throws: `DataError` if the shapes do not fit.
  public static func mostConfident(
    truths: Tensor, predictions: Tensor, limit: Int = 16
  ) throws -> [Mistake] {
    guard predictions.rank == 2, predictions.shape[1] > 1 else {
      throw DataError(
        .shape, expected: "predictions of shape [samples, classes]", found: "\(predictions.shape)")
    }
    let numbers = truths.rank == 2 && truths.shape[1] > 1 ? truths.argMax(axis: -1) : truths
    let classes = numbers.dataSync(as: Int32.self).map { Int($0) }
    let count = predictions.shape[1]
    guard classes.count == predictions.shape[0] else {
      throw DataError(
        .count, expected: "as many truths as predictions",
        found: "\(classes.count) and \(predictions.shape[0])")
    }
    let values = predictions.dataSync()
    let mistakes = classes.enumerated().compactMap { sample, truth -> Mistake? in
      let row = values[sample * count..<(sample + 1) * count]
      guard let best = row.indices.max(by: { row[$0] < row[$1] }) else { return nil }
      let answer = best - row.startIndex
      return answer == truth
        ? nil
        : Mistake(sample: sample, truth: truth, answer: answer, probability: Double(row[best]))
    }
    return Array(mistakes.sorted { $0.probability > $1.probability }.prefix(limit))
  }
}

extension Picture {
  /// A grid of pictures that a classifier took for something else: the answer, and below the truth.
  ///
  /// - Parameters:
  ///   - mistakes: the mistakes.
  ///   - x: all samples, of shape [samples, height, width, channels] or [samples, height, width].
  ///   - names: the names of the classes; by default their numbers.
  /// - Precondition: `x` has such a shape and the samples are there.
  public static func grid(
    of mistakes: [Mistake], in x: Tensor, names: [String]? = nil, columns: Int? = nil
  ) -> Picture {
    let picks = Tensor(mistakes.map { Int32($0.sample) }, shape: [mistakes.count])
    let pictures = mistakes.isEmpty ? [] : Picture.all(in: x.gather(picks, axis: 0))
    return grid(of: mistakes, pictures: pictures, names: names, columns: columns)
  }

  /// The same with a picture given for each mistake.
  public static func grid(
    of mistakes: [Mistake], pictures: [Picture], names: [String]? = nil, columns: Int? = nil
  ) -> Picture {
    func name(_ number: Int) -> String {
      names.flatMap { $0.indices.contains(number) ? $0[number] : nil } ?? "\(number)"
    }
    let captions = mistakes.map {
      "says \(name($0.answer)), \(Int(($0.probability * 100).rounded())) %\nis \(name($0.truth))"
    }
    return grid(
      pictures, captions: captions, columns: columns,
      title: mistakes.isEmpty ? "No mistakes" : nil)
  }
}
