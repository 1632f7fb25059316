import PlushEngine
import PlushTensor

/// Takes a model with recurrent layers through sequences step by step: their states go from call to
/// call, so that a step costs the same however long the sequence is.
///
/// ```swift
/// let stepper = try Stepper(model)
/// var character = first  // [1, 1, 64]
/// for _ in 0..<1000 {
///   let next = try stepper(character)  // probabilities, [1, 64]
///   character = oneHot(pick(next)).reshape([1, 1, 64])
/// }
/// ```
///
/// The model may have been made for windows of a fixed number of steps. Layers must work on each step by
/// itself, as `Dense`, `Embedding` and `TimeDistributed` do, or be recurrent and run forwards.
public final class Stepper {
  private let carried = CarriedStates()
  private let program: Compiled

  /// Prepares to go through sequences from their beginning.
  ///
  /// - Throws: `ModelError` if the model cannot be built, or has several inputs.
  public init(_ model: Model) throws {
    try model.build()
    guard let graph = model.graph, graph.inputs.count == 1 else {
      throw ModelError(
        layer: model.label, expected: "a model with one input",
        found: "\(model.inputShapes.count)",
        hint: "a model whose states are inputs and outputs is called with predictOnBatch")
    }
    // The program runs where the model is used.
    nonisolated(unsafe) let network = graph
    let states = carried
    program = Compiled { arguments in
      try CarriedStates.$current.withValue(states) {
        try network.run(network.converted(arguments), training: false).outputs.map(\.withoutHalf)
      }
    }
  }

  /// The first output of the model for the next step, or steps.
  ///
  /// - Parameter x: the input, [batch, steps, …] with usually one step; each size of a batch has states
  ///   of its own.
  /// - Throws: `ModelError` that names the layer that cannot go step by step.
  public func callAsFunction(_ x: Tensor) throws -> Tensor { try program([x])[0] }

  /// Begins new sequences: all states become zero.
  public func reset() { carried.reset() }

  /// The states of each recurrent layer, to be kept and set again, as for a search among several
  /// continuations; none before the first step.
  ///
  /// - Precondition: what is set has the shapes of what is there.
  public var states: [[Tensor]] {
    get { carried.all.map { $0.map(\.value) } }
    set {
      precondition(
        newValue.map { $0.map(\.type) } == carried.all.map { $0.map(\.type) },
        "states are set in the shapes that they have: \(carried.all.map { $0.map(\.shape) })")
      for (variable, value) in zip(carried.all.joined(), newValue.joined()) {
        variable.value = value
      }
    }
  }
}

extension Model {
  /// Lets the next call of stateful recurrent layers begin with zeros.
  public func resetStates() {
    for case let layer as RNN in allLayers() { layer.resetStates() }
  }
}
