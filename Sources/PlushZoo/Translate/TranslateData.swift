import Plush

/// Texts with what they are to become.
struct TextPairs {
  /// A text, and all that the table has it become.
  struct Entry {
    let source: String
    let targets: [String]
  }

  let training: [Entry]
  let validation: [Entry]
  let test: [Entry]
  let vocabularies: PairVocabularies
  let origin: String

  /// Reads a table of two columns.
  ///
  /// - Throws: `FileError` if the file is missing, no UTF-8 or a line has no tab, `ZooError` if
  ///   there are too few pairs.
  init(_ path: String?, _ network: Translate, seed: Int) throws {
    guard let path else {
      throw ZooError(
        "translate needs pairs of texts to learn from",
        hint: "name a file with a tab in each line, as with: plush train translate eng-fra.tsv")
    }
    let pairs = try Self.pairs(path).filter {
      max(WordTokenizer.tokens($0.0).count, WordTokenizer.tokens($0.1).count) <= network.longest
    }
    // The shortest first; of those as long, in the order of the file.
    let shortest = pairs.enumerated().sorted {
      ($0.element.0.count + $0.element.1.count, $0.offset)
        < ($1.element.0.count + $1.element.1.count, $1.offset)
    }.prefix(network.pairs).map(\.element)
    try self.init(shortest, seed: seed, origin: path)
  }

  init(_ pairs: [(String, String)], seed: Int, origin: String) throws {
    // A text is kept apart with all its translations, or none of them would be a surprise.
    var places: [String: Int] = [:]
    var grouped: [(source: String, targets: [String])] = []
    for (source, target) in pairs {
      if let place = places[source] {
        grouped[place].targets.append(target)
      } else {
        places[source] = grouped.count
        grouped.append((source, [target]))
      }
    }
    guard grouped.count >= 10 else {
      throw ZooError(
        "\(origin): expected at least 10 different texts, found \(grouped.count)",
        hint: "pairs of more than --longest words are left out")
    }
    var chance = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    let mixed = chance.permutation(of: grouped.count).map {
      Entry(source: grouped[$0].source, targets: grouped[$0].targets)
    }
    let testCount = max(1, Int((Double(mixed.count) * Translate.testPart).rounded()))
    let rest = mixed.dropFirst(testCount)
    let validationCount = max(1, Int((Double(rest.count) * Translate.validationPart).rounded()))
    test = Array(mixed.prefix(testCount))
    validation = Array(rest.prefix(validationCount))
    training = Array(rest.dropFirst(validationCount))
    vocabularies = try PairVocabularies(training)
    self.origin = "\(origin), \(pairs.count) pairs"
  }

  private static func pairs(_ path: String) throws -> [(String, String)] {
    let text = try readText(path)
    var pairs: [(String, String)] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      let columns = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard columns.count >= 2, columns[..<2].allSatisfy({ $0.contains { !$0.isWhitespace } })
      else {
        throw FileError(
          .corrupt, path, at: .line(number + 1, column: nil),
          expected: "a text, a tab and another text", found: "'\(line.prefix(40))'")
      }
      pairs.append((String(columns[0]), String(columns[1].filter { $0 != "\r" })))
    }
    return pairs
  }
}

/// The words of both sides; sources are read in lower case, as few of them differ in it.
struct PairVocabularies {
  /// How often a word must come to be known.
  private static let minimumCount = 2

  let source: WordTokenizer
  let target: WordTokenizer

  init(_ entries: [TextPairs.Entry]) throws {
    source = try WordTokenizer(
      training: entries.map(\.source), minimumCount: Self.minimumCount, isLowercased: true)
    target = try WordTokenizer(
      training: entries.flatMap(\.targets), minimumCount: Self.minimumCount)
  }

  init(json: JSON) throws {
    source = try WordTokenizer(json: json.get("source") { $0 })
    target = try WordTokenizer(json: json.get("target") { $0 })
  }

  var json: JSON { ["source": source.saved, "target": target.saved] }

  /// Pairs as samples: the source, the target after the start, and the target before the end.
  func samples(_ entries: [TextPairs.Entry]) -> LabelledSamples {
    let pairs = entries.flatMap { entry in
      entry.targets.map { (source.encode(entry.source), target.encode($0)) }
    }
    let read = Self.padded(pairs.map(\.0))
    let written = Self.padded(pairs.map { [TokenVocabulary.start] + $0.1 })
    let truth = Self.padded(pairs.map { $0.1 + [TokenVocabulary.end] })
    return LabelledSamples(Samples(inputs: [read, written], truths: [truth]))
  }

  /// Rows of one length, the shorter ones filled up: [rows, length] (int32).
  static func padded(_ rows: [[Int]], length: Int? = nil) -> Tensor {
    let length = length ?? rows.map(\.count).max() ?? 0
    let numbers = rows.flatMap { row in
      row.map(Int32.init)
        + Array(repeating: Int32(TokenVocabulary.padding), count: length - row.count)
    }
    return Tensor(numbers, shape: [rows.count, length])
  }
}

extension Translate {
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    try data(of: TextPairs(path, self, seed: seed))
  }

  func data(of texts: TextPairs) throws -> NetworkData {
    NetworkData(
      training: texts.vocabularies.samples(texts.training),
      validation: texts.vocabularies.samples(texts.validation),
      test: texts.vocabularies.samples(texts.test), origin: texts.origin,
      record: texts.vocabularies.json)
  }
}
