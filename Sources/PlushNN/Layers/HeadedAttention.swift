import PlushTensor

/// Attention of several heads, each with projections of its own: what `MultiHeadAttention` and
/// `GroupQueryAttention` share.
///
/// Inputs are the query [batch, …, features], the value [batch, …, features], then, if they are
/// given, the key, which has the shape of the value but for the features, and a mask that tells
/// which keys a query may see. Without a key the value is the key too.
///
/// Vaswani et al., "Attention is all you need", 2017.
public class HeadedAttention: Layer {
  /// What both kinds of attention are told.
  struct Options {
    var heads: Int
    /// Heads of keys and values, each of which serves several of the queries'.
    var keyHeads: Int
    var keyDimension: Int
    var valueDimension: Int
    var dropout: Double
    var useBias: Bool
    var useGate: Bool
    var slidingWindow: Int?
    var useCausalMask: Bool
    var returnAttentionScores: Bool
    var kernel: WeightOptions
    var bias: WeightOptions
    var activityRegularizer: Regularizer?
    /// Axes of the output beside that of the samples and of the steps; nil for those of the query.
    var outputShape: [Int]?
    /// Axes of steps, counted with that of the samples; nil for all.
    var attentionAxes: [Int]?
  }

  let options: Options
  // Named as their weights are in files.
  private var query: EinsumDense?
  private var key: EinsumDense?
  private var gate: EinsumDense?
  private var value: EinsumDense?
  private var attentionOutput: EinsumDense?

  init(_ options: Options, name: String?, trainable: Bool) {
    self.options = options
    super.init(name: name, trainable: trainable)
  }

  init(_ options: Options, config: JSON) throws {
    self.options = options
    try super.init(config: config)
  }

  public required init(config: JSON) throws {
    throw ModelError(expected: "MultiHeadAttention or GroupQueryAttention", found: "neither")
  }

  public override var config: JSON {
    var config = super.config
    config["dropout"] = .double(options.dropout)
    config["use_bias"] = .bool(options.useBias)
    config["use_gate"] = .bool(options.useGate)
    config["sliding_window"] = options.slidingWindow.map(JSON.int) ?? .null
    config["use_causal_mask"] = .bool(options.useCausalMask)
    config["return_attention_scores"] = .bool(options.returnAttentionScores)
    options.kernel.write(to: &config, "kernel")
    options.bias.write(to: &config, "bias")
    config["activity_regularizer"] = options.activityRegularizer?.config ?? .null
    config["seed"] = .null
    return config
  }

  override class var inputNames: [String] { ["query", "value", "key", "attention_mask"] }

  override class var callOptions: [String] { ["use_causal_mask", "return_attention_scores"] }

  // MARK: Shapes

  /// The axes of steps, counted with that of the samples.
  private func axes(rank: Int) -> [Int] {
    options.attentionAxes?.map { $0 < 0 ? $0 + rank : $0 } ?? Array(1..<max(1, rank - 1))
  }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    try check(inputShapes)
    let (query, value) = (inputShapes[0], inputShapes[1])
    let output = query.dropLast() + outputAxes(of: query)
    guard options.returnAttentionScores else { return [output] }
    let axes = axes(rank: query.count)
    let free = query.indices.dropLast().filter { !axes.contains($0) }.map { query[$0] }
    return [output, free + [options.heads] + axes.map { query[$0] } + axes.map { value[$0] }]
  }

  /// The axes of a step of the output.
  private func outputAxes(of query: Shape) -> Shape {
    options.outputShape.map { $0 } ?? Shape(query.suffix(1))
  }

  private func check(_ shapes: [Shape]) throws {
    try checkRate(options.dropout)
    let sizes = [options.heads, options.keyHeads, options.keyDimension, options.valueDimension]
    guard sizes.allSatisfy({ $0 > 0 }), options.slidingWindow ?? 1 > 0,
      options.outputShape?.allSatisfy({ $0 > 0 }) ?? true
    else {
      throw shapeError(
        expected: "heads, dimensions, a window and an output of at least 1", found: "\(sizes)")
    }
    guard options.heads.isMultiple(of: options.keyHeads) else {
      throw shapeError(
        expected: "as many heads of queries for each head of keys",
        found: "\(options.heads) and \(options.keyHeads)")
    }
    guard (2...4).contains(shapes.count) else {
      throw shapeError(
        expected: "a query, a value and, if wanted, a key and a mask",
        found: "\(shapes.count) inputs", hint: "attention to itself is layer([x, x])")
    }
    let (query, value) = (shapes[0], shapes[1])
    let key = shapes.count > 2 ? shapes[2] : value
    guard query.count >= 3, value.count == query.count,
      key.dropLast().map({ $0 }).fits(value.dropLast().map { $0 })
    else {
      throw shapeError(
        expected: "inputs [batch, steps, features], with as many steps of the key as of the value",
        found: shapes.text)
    }
    let axes = axes(rank: query.count)
    guard !axes.isEmpty, Set(axes).count == axes.count,
      axes.allSatisfy({ (1..<(query.count - 1)).contains($0) })
    else {
      throw shapeError(
        expected: "attention axes from 1 to \(query.count - 2), each once", found: "\(axes)")
    }
    let free = query.indices.dropLast().filter { !axes.contains($0) }
    guard Shape(free.map { query[$0] }).fits(free.map { value[$0] }) else {
      throw shapeError(
        expected: "a query and a value of one size along axes that are not attended to",
        found: shapes.text)
    }
    let isBanded = options.useCausalMask || options.slidingWindow != nil
    guard !isBanded || axes.count == 1 else {
      throw shapeError(
        expected: "one attention axis for a causal mask or a window", found: "\(axes)")
    }
  }

  // MARK: Weights

  public override func build(inputShapes: [Shape]) throws {
    let (queryShape, valueShape) = (inputShapes[0], inputShapes[1])
    let keyShape = inputShapes.count > 2 ? inputShapes[2] : valueShape
    query = try projection("query", queryShape, options.heads, options.keyDimension)
    key = try projection("key", keyShape, options.keyHeads, options.keyDimension)
    if options.useGate {
      gate = try projection(
        "gate", queryShape, options.heads, options.valueDimension, activation: .sigmoid)
    }
    value = try projection("value", valueShape, options.keyHeads, options.valueDimension)
    let output = outputAxes(of: queryShape)
    let letters = String("cdefghijklmnopqrstuvw".prefix(output.count))
    attentionOutput = try dense(
      "attention_output", "...ab,ab\(letters)->...\(letters)", output, letters, .linear,
      queryShape.dropLast() + [options.heads, options.valueDimension])
  }

  private func projection(
    _ name: String, _ inputShape: Shape, _ heads: Int, _ size: Int,
    activation: Activation = .linear
  ) throws -> EinsumDense {
    try dense(name, "...a,abc->...bc", [heads, size], "bc", activation, inputShape)
  }

  private func dense(
    _ name: String, _ equation: String, _ shape: [Int?], _ biasAxes: String,
    _ activation: Activation, _ inputShape: Shape
  ) throws -> EinsumDense {
    let layer = EinsumDense(
      equation, outputShape: shape, activation: activation,
      biasAxes: options.useBias ? biasAxes : nil, kernelInitializer: options.kernel.initializer,
      biasInitializer: options.bias.initializer, kernelRegularizer: options.kernel.regularizer,
      biasRegularizer: options.bias.regularizer,
      activityRegularizer: options.activityRegularizer, kernelConstraint: options.kernel.constraint,
      biasConstraint: options.bias.constraint, name: name, trainable: trainable)
    layer.dtypePolicy = dtypePolicy
    _ = try layer.checkedOutputShapes(for: [inputShape])
    try layer.buildOnce([inputShape])
    return layer
  }

  // MARK: Computing

  public override var supportsMasking: Bool { true }

  override var usesMasks: Bool { true }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    guard let query, let key, let value, let attentionOutput else {
      throw shapeError(expected: "a built layer", found: "none")
    }
    let axes = axes(rank: inputs[0].rank)
    let queries = Steps(try query(inputs[0], training: training), axes)
    let keys = Steps(try key(inputs[inputs.count > 2 ? 2 : 1], training: training), axes)
    let values = Steps(try value(inputs[1], training: training), axes)
    let mask = try mask(inputs, masks, axes, queries, keys)
    let scores = attentionScores(
      query: queries.tensor, key: repeated(keys.tensor), mask: mask,
      isCausal: options.useCausalMask)
    let kept = training ? scores.dropout(rate: options.dropout) : scores
    var output = queries.restored(attentionMean(of: repeated(values.tensor), scores: kept))
    if let gate { output = output * (try gate(inputs[0], training: training)) }
    output = try attentionOutput(output, training: training)
    guard options.returnAttentionScores else { return [output] }
    let shape = queries.free + [options.heads] + queries.sizes + keys.sizes
    return [output, scores.reshape(shape)]
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    try call(inputs, masks: inputs.map { _ in nil }, training: training)
  }

  /// Keys or values, each head as often as queries share it.
  private func repeated(_ heads: Tensor) -> Tensor {
    let count = options.heads / options.keyHeads
    if count == 1 { return heads }
    let shape = heads.shape
    return heads.expandDims(axis: 3)
      .broadcast(to: [shape[0], shape[1], shape[2], count, shape[3]])
      .reshape([shape[0], shape[1], options.heads, shape[3]])
  }

  /// Which keys a query may see, to broadcast with [batch, heads, queries, keys].
  private func mask(
    _ inputs: [Tensor], _ masks: [Tensor?], _ axes: [Int], _ queries: Steps, _ keys: Steps
  ) throws -> Tensor? {
    let (rows, columns) = (queries.sizes.reduce(1, *), keys.sizes.reduce(1, *))
    var parts: [Tensor] = []
    if axes == [1] {
      if let mask = masks[0] { parts.append(mask.expandDims(axis: 2)) }
      parts += masks[1..<min(3, masks.count)].compactMap { $0?.expandDims(axis: 1) }
    }
    if inputs.count > 3 { parts.append(try given(inputs[3], rows, columns)) }
    var mask = parts.dropFirst().reduce(parts.first) { $0?.logicalAnd($1) }
    if let found = mask {
      // Samples of the mask, each for all that is beside the steps.
      let others = queries.free.dropFirst().reduce(1, *)
      let (samples, shape) = (found.shape[0], Array(found.shape.dropFirst()))
      mask = found.expandDims(axis: 1).broadcast(to: [samples, others] + shape)
        .reshape([samples * others, 1] + shape)
    }
    if let window = options.slidingWindow {
      let (row, column) = (Tensor.range(0, rows), Tensor.range(0, columns))
      let near = (row.expandDims(axis: 1) - column).abs() .< window
      mask = mask?.logicalAnd(near) ?? near
    }
    return mask
  }

  /// The mask that was given, as [batch, queries, keys].
  private func given(_ mask: Tensor, _ rows: Int, _ columns: Int) throws -> Tensor {
    let samples = mask.count / max(1, rows * columns)
    guard mask.count == samples * rows * columns, mask.rank > 1 else {
      throw shapeError(
        expected: "a mask [batch, \(rows) queries, \(columns) keys]", found: "\(mask.shape)")
    }
    return mask.cast(to: .bool).reshape([samples, rows, columns])
  }
}

extension HeadedAttention.Options {
  /// What a configuration says of both kinds of attention.
  ///
  /// - Throws: `ModelError` if it names what there is not.
  init(config: JSON, heads: Int, keyHeads: Int, keyDimension: Int) throws {
    self.heads = heads
    self.keyHeads = keyHeads
    self.keyDimension = keyDimension
    valueDimension = keyDimension
    dropout = config["dropout"]?.double ?? 0
    useBias = config["use_bias"]?.bool ?? true
    useGate = config["use_gate"]?.bool ?? false
    slidingWindow = config["sliding_window"]?.int
    useCausalMask = config["use_causal_mask"]?.bool ?? false
    returnAttentionScores = config["return_attention_scores"]?.bool ?? false
    kernel = try WeightOptions(config: config, "kernel", default: .glorotUniform)
    bias = try WeightOptions(config: config, "bias", default: .zeros)
    activityRegularizer = try Regularizer.read(config: config["activity_regularizer"])
  }
}

/// Projected inputs [batch, …, heads, size] with all axes of steps made one, after the others.
private struct Steps {
  /// [batch and axes that are not attended to, steps, heads, size].
  let tensor: Tensor
  /// Sizes of the axes that are not attended to, with that of the samples.
  let free: [Int]
  /// Sizes of the axes of steps.
  let sizes: [Int]
  private let order: [Int]

  init(_ projected: Tensor, _ axes: [Int]) {
    let rank = projected.rank
    let others = (0..<(rank - 2)).filter { !axes.contains($0) }
    order = others + axes + [rank - 2, rank - 1]
    free = others.map { projected.shape[$0] }
    sizes = axes.map { projected.shape[$0] }
    tensor = projected.transpose(order)
      .reshape([free.reduce(1, *), sizes.reduce(1, *)] + projected.shape.suffix(2))
  }

  /// An array of the form of `tensor` with the axes as they were.
  func restored(_ result: Tensor) -> Tensor {
    let places = order.indices.map { place in order.firstIndex(of: place)! }
    return result.reshape(free + sizes + result.shape.suffix(2)).transpose(places)
  }
}

extension HeadedAttention {
  /// The output for a query and a value, and a key and a mask if there are any; an error is thrown
  /// by the `Model` made of it.
  ///
  /// - Parameters:
  ///   - query: [batch, queries, features].
  ///   - value: [batch, keys, features].
  ///   - key: [batch, keys, features]; the value without one.
  ///   - attentionMask: which keys a query may see, [batch, queries, keys].
  public func callAsFunction(
    query: SymbolicTensor, value: SymbolicTensor, key: SymbolicTensor? = nil,
    attentionMask: SymbolicTensor? = nil
  ) -> SymbolicTensor {
    self([query, value] + (attentionMask.map { [key ?? value, $0] } ?? key.map { [$0] } ?? []))
  }

  /// The output for a query and a value, and a key and a mask if there are any.
  ///
  /// - Parameters:
  ///   - query: [batch, queries, features].
  ///   - value: [batch, keys, features].
  ///   - key: [batch, keys, features]; the value without one.
  ///   - attentionMask: which keys a query may see, [batch, queries, keys].
  /// - Throws: `ModelError` that names the layer if the inputs do not fit.
  public func callAsFunction(
    query: Tensor, value: Tensor, key: Tensor? = nil, attentionMask: Tensor? = nil
  ) throws -> Tensor {
    try self(
      [query, value] + (attentionMask.map { [key ?? value, $0] } ?? key.map { [$0] } ?? [])
    )
    .first!
  }
}
