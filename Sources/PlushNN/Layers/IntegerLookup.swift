import PlushTensor

/// Turns whole numbers of any size into indices by a vocabulary. Shapes: [batch, …] stays for
/// `.int`, see `CategoryOutput` for others.
///
/// ```swift
/// let lookup = try IntegerLookup(vocabulary: [12, 36, 1138])
/// let indices = try lookup(Tensor([36, 7]))  // [2, 0]: 0 stands for unknown numbers
/// ```
public final class IntegerLookup: Layer {
  private var table: Vocabulary<Int>
  private let padsToMaximum: Bool

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - vocabulary: the numbers; without it, call `adapt`.
  ///   - maximum: how many indices there may be, special ones among them.
  ///   - unknownCount: how many indices unknown numbers share, by their remainder; with 0 their
  ///     index is -1.
  ///   - maskToken: a number of index 0 that does not count.
  ///   - unknownToken: what unknown indices become on the way back.
  ///   - weights: for `.tfIDF`, the weight of each number of the vocabulary.
  ///   - output: the form of the indices.
  ///   - padsToMaximum: whether forms other than `.int` have `maximum` places.
  /// - Throws: `ModelError` if numbers repeat or do not fit the other arguments.
  public init(
    vocabulary: [Int]? = nil, maximum: Int? = nil, unknownCount: Int = 1, maskToken: Int? = nil,
    unknownToken: Int = -1, weights: [Double]? = nil, output: CategoryOutput = .int,
    padsToMaximum: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) throws {
    table = Vocabulary(
      maximum: maximum, unknownCount: unknownCount, maskToken: maskToken,
      unknownToken: unknownToken, output: output)
    self.padsToMaximum = padsToMaximum
    super.init(name: name, inputShape: inputShape)
    try naming {
      try table.check()
      if let vocabulary { try table.set(vocabulary, weights: weights) }
    }
  }

  public required init(config: JSON) throws {
    try Layer.checkLookup(config)
    table = Vocabulary(
      maximum: config["max_tokens"]?.int, unknownCount: config["num_oov_indices"]?.int ?? 1,
      maskToken: config["mask_token"]?.int, unknownToken: config["oov_token"]?.int ?? -1,
      output: try CategoryOutput(config: config["output_mode"], default: .int))
    padsToMaximum = config["pad_to_max_tokens"]?.bool ?? false
    try super.init(config: config)
    try table.check()
    if let numbers = config["vocabulary"]?.array?.compactMap(\.int) {
      try table.set(numbers, weights: config["idf_weights"]?.array?.compactMap(\.double))
    }
  }

  public override var config: JSON {
    var config = super.config
    for (key, value) in table.config(JSON.int) { config[key] = value }
    config["pad_to_max_tokens"] = .bool(padsToMaximum)
    config["vocabulary_dtype"] = "int64"
    return config
  }

  /// The numbers by index, special ones first.
  public var vocabulary: [Int] { table.all }

  /// Makes the vocabulary of numbers, the most frequent first; with `.tfIDF` each row is a document.
  ///
  /// To be called before the layer becomes part of a program, that is before `fit` or `predict`.
  ///
  /// - Throws: `ModelError` if there is something wrong with the layer's arguments.
  public func adapt(_ data: Tensor) throws {
    let numbers = data.dataSync(as: Int64.self).map(Int.init)
    let width = max(1, data.shape.dropFirst().reduce(1, *))
    let documents = stride(from: 0, to: numbers.count, by: width).map {
      Array(numbers[$0..<min($0 + width, numbers.count)])
    }
    try naming { try table.adapt(documents) }
  }

  private var depth: Int { padsToMaximum ? table.maximum ?? table.size : table.size }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard !table.tokens.isEmpty else {
      throw shapeError(
        expected: "a vocabulary", found: "none", hint: "give one, or call adapt(_:) first")
    }
    return try outputShape(of: table.output, for: inputShape, depth: depth)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let numbers = input.cast(to: .int64)
    let tokens = Tensor(table.tokens.map(Int64.init), shape: [table.tokens.count])
    let matches = numbers.expandDims(axis: -1) .== tokens
    let places = matches.cast(to: .int32).argMax(axis: -1).cast(to: .int32) + table.start
    var indices = matches.any(axis: -1).select(places, unknown(numbers))
    if let mask = table.maskToken, let index = table.index(of: mask) {
      indices = (numbers .== mask).select(Tensor.full(indices.shape, Int32(index)), indices)
    }
    return table.encode(indices, depth: depth)
  }

  private func unknown(_ numbers: Tensor) -> Tensor {
    switch table.unknownCount {
    case 0: return .full(numbers.shape, Int32(-1))
    case 1: return .full(numbers.shape, Int32(table.unknownStart))
    case let count:
      return numbers.modulo(count).cast(to: .int32) + table.unknownStart
    }
  }
}
