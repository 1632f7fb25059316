import Plush

/// Source files, some of them kept apart.
struct FormattedCode {
  /// A file and its language.
  struct File {
    let source: LexedSource
    let language: SourceLanguage

    var tokens: [SourceToken] { source.tokens }

    func agreement(with other: LexedSource) -> LayoutAgreement { source.agreement(with: other) }
  }

  let training: [File]
  let validation: [File]
  let test: [File]
  let vocabulary: LayoutVocabulary
  let origin: String

  /// Reads the files of known languages in a folder and below it.
  ///
  /// - Throws: `FileError` if a file is no UTF-8, `ZooError` if there are too few.
  init(_ path: String?, words: Int, seed: Int, _ reporter: any Reporter) throws {
    guard let path else {
      throw ZooError(
        "the formatter needs formatted source code to learn from",
        hint: "name a folder, as with: plush train formatter Sources")
    }
    let paths = try filePaths(in: path) { SourceLanguage(path: $0) != nil }
    var files: [File] = []
    for path in paths {
      guard let language = SourceLanguage(path: path) else { continue }
      let text = try readText(path)
      let source = LexedSource(Array(text.utf8), language: language)
      // A file of one token has nothing between tokens.
      if source.tokens.count > 1 { files.append(File(source: source, language: language)) }
    }
    guard files.count >= 5 else {
      throw ZooError(
        "\(path): expected at least 5 source files, found \(files.count)",
        hint: "languages are told by endings, such as .swift, .js, .c, .java")
    }
    try self.init(files, words: words, seed: seed, origin: path)
  }

  init(_ files: [File], words: Int, seed: Int, origin: String) throws {
    var chance = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    let mixed = chance.permutation(of: files.count).map { files[$0] }
    let testCount = max(1, Int((Double(files.count) * Formatter.testPart).rounded()))
    let rest = mixed.dropFirst(testCount)
    let validationCount = max(1, Int((Double(rest.count) * Formatter.validationPart).rounded()))
    test = Array(mixed.prefix(testCount))
    validation = Array(rest.prefix(validationCount))
    training = Array(rest.dropFirst(validationCount))
    vocabulary = LayoutVocabulary(training.map(\.source), words: words)
    self.origin = "\(origin), \(files.count) files"
  }
}

/// Files as the network sees them, one after another, each with a place after its last token.
struct LayoutSequence {
  private var tokens: [Int32] = []
  private var sizes: [Float] = []
  private var lines: [Int32] = []
  private var lastGaps: [Int32] = []
  private var measures: [Float] = []
  private var gaps: [Int32] = []

  /// How many gaps there are.
  var count: Int { gaps.count }

  init(_ sources: [LexedSource], _ vocabulary: LayoutVocabulary) {
    for source in sources { append(source, vocabulary) }
  }

  private mutating func append(_ source: LexedSource, _ vocabulary: LayoutVocabulary) {
    let numbers = source.tokens.map(vocabulary.number) + [Int32(TokenVocabulary.end)]
    let widths = LayoutWidths(source.tokens)
    tokens += numbers
    var last: Int32 = 0
    source.forEachGap { place, cursor, gap in
      sizes += vocabulary.sizes(place, source.tokens, widths)
      lines += vocabulary.lineWords(cursor, numbers)
      lastGaps.append(last)
      measures += vocabulary.measures(cursor, place, widths)
      let number = vocabulary.number(of: gap)
      gaps.append(number)
      last = number + 1
    }
  }

  /// Some of the places that follow each other.
  func samples(_ range: Range<Int>) -> Samples {
    let count = range.count
    return Samples(
      inputs: [
        Tensor(Array(tokens[range]), shape: [count]),
        Tensor(
          Array(sizes[range.scaled(LayoutVocabulary.sizeCount)]),
          shape: [count, LayoutVocabulary.sizeCount]),
        Tensor(Array(lines[range.scaled(2)]), shape: [count, 2]),
        Tensor(Array(lastGaps[range]), shape: [count]),
        Tensor(
          Array(measures[range.scaled(LayoutVocabulary.measureCount)]),
          shape: [count, LayoutVocabulary.measureCount]),
      ], truths: [Tensor(Array(gaps[range]), shape: [count])])
  }

  /// Windows end to end; with a seed they begin elsewhere in each epoch and come in any order.
  func dataset(window: Int, seed: Int?) -> Dataset {
    let length = min(window, max(1, count / 2))
    let windows = max(1, count / length - 1)
    let room = min(length - 1, count - windows * length)
    return Dataset(count: windows) { epoch in
      var chance = SeededGenerator(seed: UInt64(bitPattern: Int64(seed ?? 0)) ^ UInt64(epoch) << 32)
      let offset = seed == nil ? 0 : chance.index(below: room + 1)
      var order = (seed == nil ? Array(0..<windows) : chance.permutation(of: windows))[...]
      return {
        order.popFirst().map { samples(offset + $0 * length..<offset + ($0 + 1) * length) }
      }
    }
  }
}

extension Range<Int> {
  /// The range where each place has several values.
  fileprivate func scaled(_ factor: Int) -> Range<Int> {
    lowerBound * factor..<upperBound * factor
  }
}

extension Formatter {
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    try data(of: FormattedCode(path, words: words, seed: seed, reporter), seed: seed)
  }

  func data(of code: FormattedCode, seed: Int) throws -> NetworkData {
    let sequences = [code.training, code.validation, code.test].map {
      LayoutSequence($0.map(\.source), code.vocabulary)
    }
    return NetworkData(
      training: LabelledSamples(sequences[0].dataset(window: window, seed: seed)),
      validation: LabelledSamples(sequences[1].dataset(window: window, seed: nil)),
      test: LabelledSamples(sequences[2].dataset(window: window, seed: nil)),
      origin: code.origin, record: code.vocabulary.json)
  }
}
