import Plush

/// A text in characters that are numbered, cut by position into what is learned and the rest.
struct Corpus {
  let tokenizer: CharacterTokenizer
  let training: [Int]
  let validation: [Int]
  let test: [Int]
  let origin: String

  /// Reads a file, or the files in a folder and below it.
  ///
  /// - Throws: `FileError` if a file is missing or no UTF-8, `ZooError` if there is no text.
  init(_ path: String?) throws {
    guard let path else {
      throw ZooError(
        "the generator needs a text to learn from",
        hint: "name a file or folder, as with: plush train generator posts.txt")
    }
    let texts = try filePaths(in: path).map { try readText($0) }.filter { !$0.isEmpty }
    guard !texts.isEmpty else {
      throw ZooError("\(path): expected text, found none", hint: "is the file empty?")
    }
    // Files that do not end their last line are parted all the same.
    let text = texts.map { $0.hasSuffix("\n") || texts.count == 1 ? $0 : $0 + "\n" }.joined()
    try self.init(text: text, origin: path)
  }

  init(text: String, origin: String) throws {
    let (learned, test) = text.split(at: 1 - Generator.testPart)
    // From the beginning: what stands next to the test says most about it.
    let (validation, training) = learned.split(at: Generator.validationPart)
    tokenizer = try CharacterTokenizer(training: learned.isEmpty ? text : learned)
    self.training = tokenizer.encode(training)
    self.validation = tokenizer.encode(validation)
    self.test = tokenizer.encode(test)
    self.origin = "\(origin), \(text.unicodeScalars.count) characters"
  }

  /// Nats per character of the test by counts of sequences in what is learned from.
  func baseline() throws -> Double {
    try NGramModel(
      training: validation + training, count: tokenizer.count, order: Generator.baselineOrder
    ).natsPerToken(test)
  }
}

extension Generator {
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    try data(of: Corpus(path), seed: seed)
  }

  func data(of corpus: Corpus, seed: Int) throws -> NetworkData {
    let parts = try [corpus.training, corpus.validation, corpus.test].map { tokens in
      do {
        return try TextWindows(tokens, length: window, stride: window)
      } catch let error as TextError {
        throw ZooError(
          "\(corpus.origin): a part of the text is too short: \(error.message)",
          hint: "give more text, or a shorter --window")
      }
    }
    return NetworkData(
      training: LabelledSamples(parts[0].shuffledDataset(seed: seed)),
      validation: LabelledSamples(parts[1].dataset(everyPosition: true)),
      test: LabelledSamples(parts[2].dataset(everyPosition: true)), origin: corpus.origin,
      record: ["tokenizer": corpus.tokenizer.saved])
  }
}
