import Plush

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes text with a trained generator, one character after another.
public struct TextWriter {
  private let model: Model
  private let tokenizer: CharacterTokenizer

  /// Makes a writer of a trained network.
  ///
  /// - Parameter record: what `NetworkData.record` said when it was trained.
  /// - Throws: `JSONError` if the record is of another network.
  public init(_ model: Model, record: JSON) throws {
    tokenizer = try CharacterTokenizer(json: record.get("tokenizer") { $0 })
    self.model = model
  }

  /// The characters of a text that the network has never seen; it takes them for unknown.
  public func unknownCharacters(in text: String) -> String {
    let unknown = text.unicodeScalars.filter {
      tokenizer.encode(String($0)) == [TokenVocabulary.unknown]
    }
    return String(String.UnicodeScalarView(unknown))
  }

  /// Writes on from a prompt; see the form that gives the text piece by piece.
  public func write(
    prompt: String = "", length: Int, temperature: Double = 0.8, topK: Int? = nil, seed: Int = 1
  ) throws -> String {
    var text = ""
    try write(
      prompt: prompt, length: length, temperature: temperature, topK: topK, seed: seed
    ) { text += $0 }
    return text
  }

  /// Writes on from a prompt.
  ///
  /// - Parameters:
  ///   - prompt: the beginning, which is not given again; without one, a line begins.
  ///   - length: how many characters, counted as scalars, are written.
  ///   - temperature: how bold the choice is: 0 always takes the likeliest character, 1 takes each
  ///     as often as the network thinks right.
  ///   - topK: among how many of the likeliest characters is chosen; by default among all.
  ///   - seed: decides the choices.
  ///   - give: takes the text as it comes, in whole characters.
  /// - Throws: what `give` throws.
  public func write(
    prompt: String = "", length: Int, temperature: Double = 0.8, topK: Int? = nil, seed: Int = 1,
    _ give: (String) throws -> Void
  ) throws {
    var chance = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    var stream = GraphemeStream()
    // A stepper of its own remembers nothing of other texts.
    let step = try Stepper(model)
    var likely: [Float] = []
    for token in tokenizer.encode(prompt.isEmpty ? "\n" : prompt) { likely = try next(token, step) }
    for _ in 0..<max(0, length) {
      let token = Self.choose(likely, temperature, topK, &chance)
      let piece = stream.append(tokenizer.decode([token]))
      if !piece.isEmpty { try give(piece) }
      likely = try next(token, step)
    }
    let rest = stream.finish()
    if !rest.isEmpty { try give(rest) }
  }

  /// How likely each character is after another.
  private func next(_ token: Int, _ step: Stepper) throws -> [Float] {
    try step(Tensor([Int32(token)], shape: [1, 1])).dataSync()
  }

  /// Draws a character, never a special token.
  static func choose(
    _ probabilities: [Float], _ temperature: Double, _ topK: Int?,
    _ chance: inout SeededGenerator
  ) -> Int {
    let ranked = probabilities.enumerated().dropFirst(TokenVocabulary.specialCount)
      .sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
      .prefix(max(1, topK ?? probabilities.count))
    guard let best = ranked.first else { return TokenVocabulary.unknown }
    if temperature <= 0 || best.element <= 0 { return best.offset }
    // Relative to the likeliest, so that no weight is lost to rounding.
    let weights = ranked.map { pow(Double($0.element / best.element), 1 / temperature) }
    var left = chance.uniform() * weights.reduce(0, +)
    for (choice, weight) in zip(ranked, weights) {
      left -= weight
      if left < 0 { return choice.offset }
    }
    return best.offset
  }
}
