import Plush

/// Lays source code out with a trained formatter.
public struct SourceFormatter {
  private let parts: FormatterParts
  private let vocabulary: LayoutVocabulary

  /// Makes a formatter of a trained network.
  ///
  /// - Parameter record: what `NetworkData.record` said when it was trained.
  /// - Throws: `ZooError` if the model or the record are of another network.
  public init(_ model: Model, record: JSON) throws {
    parts = try FormatterParts(model)
    vocabulary = try LayoutVocabulary(json: record)
  }

  /// The text of a file, laid out anew.
  ///
  /// - Throws: `FileError` if it cannot be read or is no UTF-8, `ZooError` if its language is not
  ///   known or laying it out would change a token.
  public func format(file path: String) throws -> String {
    guard let language = SourceLanguage(path: path) else {
      throw ZooError(
        "\(path): the ending tells no language that can be formatted",
        hint: "endings are such as .swift, .js, .c, .java")
    }
    return try format(readText(path), language: language, name: path)
  }

  /// A text, laid out anew: the same tokens with other white space.
  ///
  /// - Throws: `ZooError` if laying it out would change a token.
  public func format(
    _ text: String, language: SourceLanguage, name: String = "the source"
  ) throws -> String {
    let source = LexedSource(Array(text.utf8), language: language)
    let style = GapStyle(of: source)
    let formatted = try layout(
      source.tokens, language: language, style: style, before: source.gaps)
    let again = LexedSource(formatted.utf8, language: language)
    for (place, pair) in zip(source.tokens, again.tokens).enumerated() where pair.0 != pair.1 {
      throw changed(name, source, place, into: pair.1.text)
    }
    guard source.tokens.count == again.tokens.count else {
      throw changed(name, source, min(source.tokens.count, again.tokens.count), into: "another")
    }
    return String(decoding: formatted.utf8, as: UTF8.self)
  }

  private func changed(
    _ name: String, _ source: LexedSource, _ place: Int, into found: String
  ) -> ZooError {
    let before = zip(source.gaps, source.tokens).prefix(place)
    let line = before.reduce(1) { $0 + ($1.0 + $1.1.utf8).count { $0 == 0x0A } }
    let token = place < source.tokens.count ? source.tokens[place].text.prefix(40) : "the end"
    return ZooError(
      "\(name): formatting would turn '\(token)' after line \(line) into '\(found.prefix(40))'",
      hint: "the file was left as it is; train with more code of this kind")
  }

  /// Tokens with the gaps that the network would put between them.
  ///
  /// - Parameters:
  ///   - tokens: the tokens.
  ///   - language: their language.
  ///   - style: the bytes of which gaps are made.
  ///   - before: the gaps that the file had, of which those are kept on which its meaning depends:
  ///     ends of lines between statements, white space around the operators of Swift.
  /// - Throws: what running the model throws.
  public func layout(
    _ tokens: [SourceToken], language: SourceLanguage, style: GapStyle = GapStyle(),
    before: [[UInt8]]? = nil
  ) throws -> LexedSource {
    if tokens.isEmpty { return LexedSource(tokens: [], gaps: [[]]) }
    let widths = LayoutWidths(tokens)
    let numbers = tokens.map(vocabulary.number) + [Int32(TokenVocabulary.end)]
    let count = numbers.count
    let sizes = (0..<count).flatMap { vocabulary.sizes($0, tokens, widths) }
    let read = try parts.reader.predictOnBatch([
      Tensor(numbers, shape: [1, count]),
      Tensor(sizes, shape: [1, count, LayoutVocabulary.sizeCount]),
    ])[0]
    let (understood, width) = (read.dataSync(), read.shape[2])
    var cursor = LayoutCursor()
    let rules = LayoutRules(tokens: tokens, language: language, before: before)
    var (gaps, lastGap, last) = ([[UInt8]](), Gap.spaces(0), Int32(0))
    for place in 0..<count {
      let row = Array(understood[place * width..<(place + 1) * width])
      let measures = vocabulary.measures(cursor, place, widths)
      let shares = try parts.decider.predictOnBatch([
        Tensor(row, shape: [1, 1, width]),
        Tensor(vocabulary.lineWords(cursor, numbers), shape: [1, 1, 2]),
        Tensor([last], shape: [1, 1]),
        Tensor(measures, shape: [1, 1, measures.count]),
      ])[0].dataSync()
      let isInBlock = cursor.brackets.last.map { $0.sign == UInt8(ascii: "{") } ?? true
      let number = choose(shares) {
        rules.allows($0, at: place, isInBlock: isInBlock, after: lastGap)
      }
      let gap = vocabulary.gaps[number]
      gaps.append(cursor.bytes(of: gap, style))
      if place < tokens.count { cursor.advance(gap, tokens[place]) }
      (lastGap, last) = (gap, Int32(number) + 1)
    }
    return LexedSource(tokens: tokens, gaps: gaps)
  }

  /// The likeliest gap that may stand there.
  private func choose(_ shares: [Float], isAllowed: (Gap) -> Bool) -> Int {
    let ranked = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }
    return ranked.first { isAllowed(vocabulary.gaps[$0]) } ?? ranked[0]
  }
}
