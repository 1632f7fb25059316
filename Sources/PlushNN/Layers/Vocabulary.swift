import PlushTensor

/// Tokens and their indices, as `StringLookup` and `IntegerLookup` share them.
///
/// Indices go: the mask, if there is one and indices are wanted; those for unknown tokens; tokens.
struct Vocabulary<Token: Hashable & Comparable & Sendable>: Sendable {
  let maximum: Int?
  let unknownCount: Int
  let maskToken: Token?
  let unknownToken: Token
  let output: CategoryOutput
  private(set) var tokens: [Token] = []
  /// Weights of rare tokens, with those for unknown tokens first, for `.tfIDF`.
  private(set) var weights: [Double]?
  private var indices: [Token: Int] = [:]

  init(
    maximum: Int?, unknownCount: Int, maskToken: Token?, unknownToken: Token,
    output: CategoryOutput
  ) {
    self.maximum = maximum
    self.unknownCount = unknownCount
    self.maskToken = maskToken
    self.unknownToken = unknownToken
    self.output = output
  }

  /// The first index for unknown tokens.
  var unknownStart: Int { maskToken != nil && output == .int ? 1 : 0 }
  /// The index of the first token.
  var start: Int { unknownStart + unknownCount }
  /// How many indices there are.
  var size: Int { start + tokens.count }

  private var special: [Token] {
    (maskToken.map { Array(repeating: $0, count: unknownStart) } ?? [])
      + Array(repeating: unknownToken, count: unknownCount)
  }

  /// All tokens by index, special ones first.
  var all: [Token] { special + tokens }

  /// Takes tokens, with the special ones first or without them.
  ///
  /// - Throws: `ModelError` if tokens repeat, are special or too many.
  mutating func set(_ given: [Token], weights: [Double]? = nil) throws {
    let hasSpecial = !special.isEmpty && given.starts(with: special)
    let tokens = hasSpecial ? Array(given.dropFirst(special.count)) : given
    if let twice = tokens.firstRepeated(by: { $0 }) {
      throw ModelError(expected: "every token of the vocabulary once", found: "'\(twice)' twice")
    }
    if let mixed = tokens.first(where: { $0 == maskToken || $0 == unknownToken }) {
      throw ModelError(
        expected: "special tokens only at the start of the vocabulary, as \(special)",
        found: "'\(mixed)' among the others")
    }
    if let maximum, start + tokens.count > maximum {
      throw ModelError(
        expected: "at most \(maximum) tokens, \(start) special ones among them",
        found: "\(start + tokens.count)")
    }
    guard (weights == nil) == (output != .tfIDF) else {
      throw ModelError(
        expected: "a weight for each token with the output mode tf_idf, and with no other",
        found: weights == nil ? "none" : "weights")
    }
    if let weights, weights.count != given.count {
      throw ModelError(expected: "\(given.count) weights", found: "\(weights.count)")
    }
    self.tokens = tokens
    self.weights = weights.map { hasSpecial ? $0 : unknownWeights($0) + $0 }
    indices = Dictionary(uniqueKeysWithValues: zip(tokens, start...))
  }

  /// Weights of unknown tokens: the mean of those of the others.
  private func unknownWeights(_ weights: [Double]) -> [Double] {
    let mean = weights.isEmpty ? 0 : weights.reduce(0, +) / Double(weights.count)
    return Array(repeating: mean, count: unknownCount)
  }

  /// Takes the tokens of documents, the most frequent first; of those as frequent, the last in
  /// order first.
  mutating func adapt(_ documents: [[Token]]) throws {
    var counts: [Token: Int] = [:]
    var documentCounts: [Token: Int] = [:]
    for document in documents {
      for token in document { counts[token, default: 0] += 1 }
      for token in Set(document) { documentCounts[token, default: 0] += 1 }
    }
    if let maskToken { counts[maskToken] = nil }
    counts[unknownToken] = nil
    let ordered = counts.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.map(\.key)
    let kept = Array(ordered.prefix(maximum.map { max(0, $0 - start) } ?? ordered.count))
    let ratios = kept.map { Double(documents.count) / Double(1 + (documentCounts[$0] ?? 0)) }
    let weights = Tensor(ratios.map(Float.init), shape: [ratios.count]).log1p().dataSync()
    try set(kept, weights: output == .tfIDF ? weights.map(Double.init) : nil)
  }

  /// The index of a token, -1 where it shall leave no trace; nil if it is unknown.
  func index(of token: Token) -> Int? {
    if token == maskToken { return output == .int ? 0 : -1 }
    return indices[token]
  }

  /// - Throws: `ModelError` if an argument cannot be.
  func check() throws {
    guard unknownCount >= 0 else {
      throw ModelError(
        expected: "a number of indices for unknown tokens that is not negative",
        found: "\(unknownCount)")
    }
    if let maximum, maximum <= 1 {
      throw ModelError(expected: "a maximum above 1", found: "\(maximum)")
    }
  }
}

extension Vocabulary {
  /// The arguments by the names of Keras.
  func config(_ json: (Token) -> JSON) -> [String: JSON] {
    [
      "max_tokens": maximum.map(JSON.int) ?? .null, "num_oov_indices": .int(unknownCount),
      "mask_token": maskToken.map(json) ?? .null, "oov_token": json(unknownToken),
      "output_mode": .string(output.rawValue),
      "vocabulary": tokens.isEmpty ? .null : .array(all.map(json)),
      "idf_weights": weights.map { .array($0.map(JSON.double)) } ?? .null,
      "invert": false, "sparse": false,
    ]
  }

  /// Indices in the form that is wanted.
  func encode(_ indices: Tensor, depth: Int) -> Tensor {
    let weights = weights.map { weights in
      let padded = weights + Array(repeating: 0, count: depth - weights.count)
      return Tensor(padded.map(Float.init), shape: [depth])
    }
    return output.encode(indices, depth: depth, weights: weights)
  }
}

extension Layer {
  /// - Throws: `ModelError` if the configuration of a lookup asks for what there is not.
  static func checkLookup(_ config: JSON) throws {
    if config["invert"]?.bool == true {
      throw ModelError(
        expected: "invert false", found: "true",
        hint: "a StringLookup goes back with strings(_:)")
    }
    if let method = config["oov_method"]?.string, method != "floormod" {
      throw ModelError(expected: "the oov_method floormod", found: method)
    }
    if let salt = config["salt"], !salt.isNull {
      throw ModelError(expected: "no salt", found: salt.summary)
    }
  }
}
