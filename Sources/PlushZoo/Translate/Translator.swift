import Plush

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Translates with a trained network, word after word.
///
/// Words that the network has never seen are read as unknown; it never writes them.
public struct Translator {
  private let model: Model
  private let words: PairVocabularies

  /// Makes a translator of a trained network.
  ///
  /// - Parameter record: what `NetworkData.record` said when it was trained.
  /// - Throws: `JSONError` if the record is of another network.
  public init(_ model: Model, record: JSON) throws {
    self.model = model
    words = try PairVocabularies(json: record)
  }

  /// The words of a text that the network has never seen.
  public func unknownWords(in text: String) -> [String] {
    let tokens = WordTokenizer.tokens(text, isLowercased: true)
    return zip(tokens, words.source.encode(text)).filter { $1 == TokenVocabulary.unknown }
      .map { $0.0.hasPrefix("##") ? String($0.0.dropFirst(2)) : $0.0 }
  }

  /// A translation that is being written, and the sum of the logarithms of its probabilities.
  private struct Draft {
    var tokens = [TokenVocabulary.start]
    var score = 0.0
    var isDone: Bool { tokens.last == TokenVocabulary.end }
    /// The score that does not favour short texts.
    var fairScore: Double { score / Double(tokens.count) }
  }

  /// Translates texts.
  ///
  /// - Parameters:
  ///   - texts: the texts; one without words becomes an empty one.
  ///   - beam: how many drafts of each are kept while it is written; 1 always takes the likeliest
  ///     word.
  ///   - longest: the most tokens of a translation.
  /// - Throws: what running the model throws.
  public func translate(_ texts: [String], beam: Int = 1, longest: Int = 120) throws -> [String] {
    // Texts of like length together, so that little is filled up.
    let encoded = texts.map(words.source.encode)
    let order = encoded.indices.filter { !encoded[$0].isEmpty }
      .sorted { (encoded[$0].count, $0) < (encoded[$1].count, $1) }
    var translations = Array(repeating: "", count: texts.count)
    let size = max(1, 128 / beam)
    for start in stride(from: 0, to: order.count, by: size) {
      let places = order[start..<min(order.count, start + size)]
      let drafts = try write(places.map { encoded[$0] }, beam, longest)
      for (place, draft) in zip(places, drafts) {
        translations[place] = words.target.decode(draft.tokens)
      }
    }
    return translations
  }

  private func write(_ sources: [[Int]], _ beam: Int, _ longest: Int) throws -> [Draft] {
    var drafts = sources.map { _ in [Draft()] }
    for _ in 0..<longest {
      let open = drafts.indices.flatMap { text in
        drafts[text].indices.filter { !drafts[text][$0].isDone }.map { (text, $0) }
      }
      if open.isEmpty { break }
      let likely = try next(open.map { (sources[$0.0], drafts[$0.0][$0.1].tokens) }, beam)
      var candidates = drafts.map { $0.filter(\.isDone) }
      for ((text, place), words) in zip(open, likely) {
        for (word, logarithm) in words {
          var draft = drafts[text][place]
          draft.tokens.append(word)
          draft.score += logarithm
          candidates[text].append(draft)
        }
      }
      drafts = candidates.map { Array($0.sorted { $0.fairScore > $1.fairScore }.prefix(beam)) }
    }
    return drafts.map { $0[0] }
  }

  /// The likeliest words after each draft, as many as there are drafts of a text, with the
  /// logarithms of their probabilities.
  private func next(
    _ drafts: [(source: [Int], tokens: [Int])], _ beam: Int
  ) throws -> [[(word: Int, logarithm: Double)]] {
    // Lengths go up in steps, so that few programs are made.
    let length = ((drafts.map(\.tokens.count).max() ?? 1) + 7) / 8 * 8
    let width = ((drafts.map(\.source.count).max() ?? 1) + 3) / 4 * 4
    let atOnce = max(1, Self.mostShares / (length * words.target.count))
    return try stride(from: 0, to: drafts.count, by: atOnce).flatMap { start in
      try next(
        Array(drafts[start..<min(drafts.count, start + atOnce)]), beam, length: length, width: width
      )
    }
  }

  /// Shares of words that are computed at once: 64 MB of them.
  private static let mostShares = 1 << 24

  /// The same of drafts that are filled up to these lengths, all at once.
  private func next(
    _ drafts: [(source: [Int], tokens: [Int])], _ beam: Int, length: Int, width: Int
  ) throws -> [[(word: Int, logarithm: Double)]] {
    // Few programs again: the last draft is repeated up to a power of two.
    let count = 1 << (Int.bitWidth - (drafts.count - 1).leadingZeroBitCount)
    let filled = drafts + Array(repeating: drafts[drafts.count - 1], count: count - drafts.count)
    let output = try model.predict(
      [
        PairVocabularies.padded(filled.map(\.source), length: width),
        PairVocabularies.padded(filled.map(\.tokens), length: length),
      ], batchSize: count)[0]
    let lasts = drafts.enumerated().map { Int32($0.offset * length + $0.element.tokens.count - 1) }
    let size = output.shape[2]
    let rows = output.reshape([count * length, size]).gather(Tensor(lasts), axis: 0)
    let shares = rows.dataSync()
    return drafts.indices.map { draft in
      let row = shares[draft * size..<(draft + 1) * size]
      return likeliest(Array(row), beam).map {
        ($0, log(max(1e-30, Double(row[row.startIndex + $0]))))
      }
    }
  }

  /// Words with the largest shares, the end of the text among them, but no other special token.
  private func likeliest(_ shares: [Float], _ count: Int) -> [Int] {
    let allowed = shares.indices.dropFirst(TokenVocabulary.end)
    if count == 1 { return allowed.max { shares[$0] < shares[$1] }.map { [$0] } ?? [] }
    return Array(allowed.sorted { (shares[$1], $0) < (shares[$0], $1) }.prefix(count))
  }
}
