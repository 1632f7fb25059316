import PlushTensor

/// Turns strings into numbers by a vocabulary.
///
/// ```swift
/// let lookup = try StringLookup()
/// try lookup.adapt(["red", "green", "red"])
/// let indices = try lookup(["green", "red", "pink"])  // [2, 1, 0]: 0 stands for unknown strings
/// ```
///
/// Strings have no place in tensors, so the layer comes before the model, not into it; the indices
/// go into an `Embedding`, or with `output: .oneHot` into a `Dense` layer. The vocabulary is part of
/// the configuration.
///
/// Shapes: `.int` gives [count] for a list and [rows, columns] for a table (int32), see
/// `CategoryOutput` for others.
public final class StringLookup: Layer {
  private var table: Vocabulary<String>
  private let padsToMaximum: Bool

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - vocabulary: the strings; without it, call `adapt`.
  ///   - maximum: how many indices there may be, special ones among them.
  ///   - unknownCount: how many indices unknown strings share, by their hash; with 0 they are
  ///     refused.
  ///   - maskToken: a string of index 0 that does not count, such as "".
  ///   - unknownToken: what unknown indices become on the way back.
  ///   - weights: for `.tfIDF`, the weight of each string of the vocabulary.
  ///   - output: the form of the indices.
  ///   - padsToMaximum: whether forms other than `.int` have `maximum` places.
  /// - Throws: `ModelError` if strings repeat or do not fit the other arguments.
  public init(
    vocabulary: [String]? = nil, maximum: Int? = nil, unknownCount: Int = 1,
    maskToken: String? = nil, unknownToken: String = "[UNK]", weights: [Double]? = nil,
    output: CategoryOutput = .int, padsToMaximum: Bool = false, name: String? = nil
  ) throws {
    table = Vocabulary(
      maximum: maximum, unknownCount: unknownCount, maskToken: maskToken,
      unknownToken: unknownToken, output: output)
    self.padsToMaximum = padsToMaximum
    super.init(name: name)
    try naming {
      try table.check()
      if let vocabulary { try table.set(vocabulary, weights: weights) }
    }
  }

  public required init(config: JSON) throws {
    try Layer.checkLookup(config)
    table = Vocabulary(
      maximum: config["max_tokens"]?.int, unknownCount: config["num_oov_indices"]?.int ?? 1,
      maskToken: config["mask_token"]?.string, unknownToken: config["oov_token"]?.string ?? "[UNK]",
      output: try CategoryOutput(config: config["output_mode"], default: .int))
    padsToMaximum = config["pad_to_max_tokens"]?.bool ?? false
    try super.init(config: config)
    try table.check()
    if let strings = config["vocabulary"]?.array?.compactMap(\.string) {
      try table.set(strings, weights: config["idf_weights"]?.array?.compactMap(\.double))
    }
  }

  public override var config: JSON {
    var config = super.config
    for (key, value) in table.config(JSON.string) { config[key] = value }
    config["pad_to_max_tokens"] = .bool(padsToMaximum)
    config["encoding"] = "utf-8"
    return config
  }

  /// The strings by index, special ones first.
  public var vocabulary: [String] { table.all }

  /// Makes the vocabulary of strings, the most frequent first.
  ///
  /// - Throws: `ModelError` if there is something wrong with the layer's arguments.
  public func adapt(_ strings: [String]) throws { try adapt([strings]) }

  /// Makes the vocabulary of the strings of documents, the most frequent first; with `.tfIDF` the
  /// weight of a string is log(1 + documents / (1 + documents with it)).
  ///
  /// - Throws: `ModelError` if there is something wrong with the layer's arguments.
  public func adapt(_ documents: [[String]]) throws {
    try naming { try table.adapt(documents) }
  }

  /// The indices of strings: [count] (int32) in the form `.int`.
  ///
  /// - Throws: `ModelError` with the first unknown string if there is no index for it.
  public func callAsFunction(_ strings: [String]) throws -> Tensor {
    try encoded(strings, shape: [strings.count])
  }

  /// The indices of strings in rows: [rows, columns] (int32) in the form `.int`.
  ///
  /// - Throws: `ModelError` if rows differ in length, or with the first unknown string if there is
  ///   no index for it.
  public func callAsFunction(_ rows: [[String]]) throws -> Tensor {
    try encoded(rows.flatMap { $0 }, shape: try tableShape(rows))
  }

  /// The strings of indices, in order.
  public func strings(_ indices: Tensor) -> [String] {
    let all = table.all
    return indices.dataSync(as: Int32.self).map {
      all.indices.contains(Int($0)) ? all[Int($0)] : table.unknownToken
    }
  }

  private func encoded(_ strings: [String], shape: [Int]) throws -> Tensor {
    guard !table.tokens.isEmpty else {
      throw shapeError(
        expected: "a vocabulary", found: "none", hint: "give one, or call adapt(_:) first")
    }
    let depth = padsToMaximum ? table.maximum ?? table.size : table.size
    _ = try outputShape(of: table.output, for: shape, depth: depth)
    let indices = try strings.map { Int32(try index(of: $0)) }
    return table.encode(Tensor(indices, shape: shape), depth: depth)
  }

  private func index(of string: String) throws -> Int {
    if let index = table.index(of: string) { return index }
    switch table.unknownCount {
    case 0:
      throw shapeError(
        expected: "strings of the vocabulary", found: "'\(string)'",
        hint: "unknownCount: 1 gives unknown strings an index")
    case 1: return table.unknownStart
    case let count: return table.unknownStart + Int(Hash64.farm(string) % UInt64(count))
    }
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    throw beforeModel
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    throw beforeModel
  }

  private var beforeModel: ModelError {
    shapeError(
      expected: "an array of strings", found: "a tensor",
      hint: "look strings up before the model, as in lookup([\"red\", \"green\"])")
  }
}
