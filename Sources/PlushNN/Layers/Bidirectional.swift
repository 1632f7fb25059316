import PlushTensor

/// Runs a recurrent layer over sequences from both ends and merges the outputs.
///
/// Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997. Shapes are those of the layer,
/// the last axis twice as long with `.concat`. With `returnState` the states of the layer that runs
/// forwards follow, then those of the other; given states are in this order too.
public final class Bidirectional: Layer {
  /// How outputs are merged.
  public enum MergeMode: String, Sendable, Hashable, CaseIterable {
    /// One after the other along the last axis.
    case concat
    /// Their sum.
    case sum
    /// Their product.
    case mul
    /// Their mean.
    case ave
  }

  /// The layer that runs from the first step on.
  public let forwardLayer: RNN
  /// The layer that runs from the last step on.
  public let backwardLayer: RNN
  /// How outputs are merged; nil keeps both.
  public let mergeMode: MergeMode?

  /// Creates the layer from two copies of a layer that is not built.
  ///
  /// - Parameters:
  ///   - layer: the layer; weights are not copied.
  ///   - mergeMode: how outputs are merged; nil keeps both.
  ///   - backwardLayer: the layer that runs from the last step on, with `goBackwards`; by default as
  ///     the other.
  ///   - inputShape: the shape of one sample, if this is the first layer of a model.
  ///   - name: the name; by default the model gives one.
  /// - Throws: `ModelError` if the layer's class is not known; see `Layer.register`.
  public init(
    _ layer: RNN, mergeMode: MergeMode? = .concat, backwardLayer: RNN? = nil,
    inputShape: [Int?]? = nil, name: String? = nil
  ) throws {
    forwardLayer = try Self.copy(layer.classAndConfig, named: "forward", turned: false)
    self.backwardLayer = try Self.copy(
      (backwardLayer ?? layer).classAndConfig, named: "backward", turned: backwardLayer == nil)
    self.mergeMode = mergeMode
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    let layer = try config.get("layer") { $0 }
    forwardLayer = try Self.copy(layer, named: "forward", turned: false)
    let other = config["backward_layer"].flatMap { $0.isNull ? nil : $0 }
    backwardLayer = try Self.copy(other ?? layer, named: "backward", turned: other == nil)
    mergeMode = try Self.mergeMode(config["merge_mode"])
    try super.init(config: config)
  }

  private static func mergeMode(_ config: JSON?) throws -> MergeMode? {
    guard let config else { return .concat }
    if config.isNull { return nil }
    guard let mode = MergeMode(rawValue: config.string ?? "") else {
      throw ModelError(
        expected: "a merge_mode of \(MergeMode.allCases.map(\.rawValue).joined(separator: ", "))",
        found: config.summary)
    }
    return mode
  }

  private static func copy(_ json: JSON, named prefix: String, turned: Bool) throws -> RNN {
    var config = json["config"] ?? [:]
    let name = config["name"]?.string ?? json["class_name"]?.string?.snakeCase ?? ""
    config["name"] = .string("\(prefix)_\(withoutDirection(name))")
    if turned { config["go_backwards"] = .bool(!(config["go_backwards"]?.bool ?? false)) }
    // What is merged step by step is zero where steps do not count.
    if config["return_sequences"]?.bool == true { config["zero_output_for_mask"] = true }
    var json = json
    json["config"] = config
    guard let layer = try Layer.make(inner: json) as? RNN else {
      throw ModelError(
        expected: "a recurrent layer inside Bidirectional", found: json["class_name"]?.string ?? "")
    }
    return layer
  }

  private static func withoutDirection(_ name: String) -> String {
    for prefix in ["forward_", "backward_"] where name.hasPrefix(prefix) {
      return String(name.dropFirst(prefix.count))
    }
    return name
  }

  /// The layer under the name that it had before: Keras 2 and TensorFlow.js put the direction before
  /// any name they read, and look for weights under what that gives.
  private static func saved(_ layer: RNN) -> JSON {
    var json = layer.classAndConfig
    json["config"]?["name"] = .string(withoutDirection(layer.name))
    return json
  }

  public override var config: JSON {
    var config = super.config
    config["layer"] = Self.saved(forwardLayer)
    config["backward_layer"] = Self.saved(backwardLayer)
    config["merge_mode"] = mergeMode.map { .string($0.rawValue) } ?? .null
    return config
  }

  public override var sublayers: [Layer] { [forwardLayer, backwardLayer] }

  public override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    let inputs = try parts(inputShapes)
    let forward = try forwardLayer.checkedOutputShapes(for: inputs.forward)
    let backward = try backwardLayer.checkedOutputShapes(for: inputs.backward)
    guard forwardLayer.goBackwards != backwardLayer.goBackwards,
      forward == backward || mergeMode == nil
    else {
      throw shapeError(
        expected: "layers of one shape that run in opposite directions",
        found: "\(forward.text) and \(backward.text)")
    }
    let states = Array(forward.dropFirst() + backward.dropFirst())
    guard let mergeMode else { return [forward[0], backward[0]] + states }
    let output = forward[0]
    guard mergeMode == .concat else { return [output] + states }
    return [output.dropLast() + [output.last!.map { $0 * 2 }]] + states
  }

  /// The inputs of the two layers: given states are shared out.
  private func parts<Value>(
    _ inputs: [Value]
  ) throws -> (forward: [Value], backward: [Value]) {
    let states = inputs.dropFirst()
    guard let input = inputs.first, states.count % 2 == 0 else {
      throw shapeError(
        expected: "an input and as many states for both directions", found: "\(inputs.count)")
    }
    let half = states.count / 2
    return ([input] + states.prefix(half), [input] + states.suffix(half))
  }

  public override func build(inputShapes: [Shape]) throws {
    let inputs = try parts(inputShapes)
    try forwardLayer.buildOnce(inputs.forward)
    try backwardLayer.buildOnce(inputs.backward)
  }

  override var usesMasks: Bool { true }

  public override var supportsMasking: Bool { true }

  public override func outputMasks(for inputs: [Tensor], masks: [Tensor?]) -> [Tensor?] {
    guard forwardLayer.returnSequences else { return [] }
    let mask = masks.first ?? nil
    return mergeMode == nil ? [mask, mask] : [mask]
  }

  public override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    try call(inputs, masks: inputs.map { _ in nil }, training: training)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try call([input], training: training)[0]
  }

  public override func call(
    _ inputs: [Tensor], masks: [Tensor?], training: Bool
  ) throws -> [Tensor] {
    let (inputs, masks) = (try parts(inputs), try parts(masks))
    let forward = try forwardLayer(inputs.forward, masks: masks.forward, training: training)
    var backward = try backwardLayer(inputs.backward, masks: masks.backward, training: training)
    // Outputs of a layer that runs backwards come in its order.
    if backwardLayer.returnSequences { backward[0] = backward[0].reverse(axis: 1) }
    let states = Array(forward.dropFirst() + backward.dropFirst())
    let (first, second) = (forward[0], backward[0])
    switch mergeMode {
    case .concat: return [concatenate([first, second], axis: -1)] + states
    case .sum: return [first + second] + states
    case .mul: return [first * second] + states
    case .ave: return [(first + second) * 0.5] + states
    case nil: return [first, second] + states
    }
  }

  /// Lets the next call of stateful layers begin with zeros.
  public func resetStates() {
    forwardLayer.resetStates()
    backwardLayer.resetStates()
  }
}
