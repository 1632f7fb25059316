import Plush
import PlushMedia

/// A network that tells what a picture shows: all of it but its layers and where pictures are from.
protocol PictureClassifier: PictureNetwork {
  /// What the model is made for where no data are known.
  var usualRecord: PictureRecord { get }
  /// The shape in which the layers take pictures of given sizes.
  func inputShape(of shape: PictureShape) -> [Int]
}

extension PictureClassifier {
  /// Rows, columns and channels.
  func inputShape(of shape: PictureShape) -> [Int] { shape.shape }

  /// Shows pictures judged rightly and wrongly, what is most often mistaken, and writes pictures of
  /// it.
  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let record = try PictureRecord(data.record, otherwise: usualRecord)
    let judged = try await PictureJudgement(model, data.test, record)
    reporter.report(.pictures(try await judged.pictures(right: 4, wrong: 4)))
    let pairs = judged.worstPairs.prefix(3).map { "\($0.truth) as \($0.answer) (\($0.count)×)" }
    if !pairs.isEmpty {
      reporter.report(.note("most often mistaken: " + pairs.joined(separator: ", ")))
    }
    let (confusion, mistakes) = ("\(folder.path)/confusion.png", "\(folder.path)/mistakes.png")
    try judged.confusionMatrix().drawing(title: name).write(to: confusion)
    reporter.report(.file(path: confusion, shows: "what was taken for what"))
    try await judged.mistakes().write(to: mistakes)
    reporter.report(.file(path: mistakes, shows: "the mistakes it was surest of"))
  }

  /// The class of each picture in a file.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let record = try PictureRecord(record, otherwise: usualRecord)
    let pictures = try record.shape.pictures(inFile: path)
    let inputs = pictures.reshape([pictures.shape[0]] + inputShape(of: record.shape))
    let outputs = try model.predict(inputs, batchSize: 256).dataSync()
    let count = record.classes.count
    return (0..<inputs.shape[0]).map { row in
      answer(Array(outputs[row * count..<(row + 1) * count]), record.classes)
    }
  }

  private func answer(_ shares: [Float], _ names: [String]) -> Answer {
    let ranked = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
    let best = ranked[0]
    let others = ranked.dropFirst().prefix(3).filter { shares[$0] >= 0.0005 }
      .map { "\(names[$0]) \(shares[$0].short)" }
    let rest = others.isEmpty ? "" : "  (\(others.joined(separator: ", ")))"
    return Answer(
      "\(names[best])  probability \(shares[best].short)\(rest)",
      [
        "class": .int(best), "name": .string(names[best]),
        "probability": .double(Double(shares[best])),
        "probabilities": .array(shares.map { .double(Double($0)) }),
        "names": .array(names.map(JSON.string)),
      ])
  }
}
