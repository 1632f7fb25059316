import PlushEngine
import PlushTensor

/// What a recurrent layer does at one step: from an input and states to an output and new states.
///
/// A cell of one's own overrides `stateShapes(for:)`, `build(inputShape:)`, which makes the weights for
/// the input of a step, and `step(_:states:training:)`; `RNN` runs it over sequences:
///
/// ```swift
/// final class MovingAverage: RecurrentCell {
///   override func stateShapes(for inputShape: Shape) -> [Shape] { [inputShape] }
///
///   override func step(
///     _ input: Tensor, states: [Tensor], training: Bool
///   ) throws -> (output: Tensor, states: [Tensor]) {
///     let mean = states[0] * 0.9 + input * 0.1
///     return (mean, [mean])
///   }
/// }
/// ```
///
/// Called as a layer it takes the input of a step and its states, and gives the output and the new
/// states.
open class RecurrentCell: Layer {
  /// The shapes of the states for the input of a step, the axis of samples first.
  ///
  /// - Throws: a `ModelError`, as of `shapeError`, if the cell cannot take the input.
  open func stateShapes(for inputShape: Shape) throws -> [Shape] {
    throw ModelError(
      layer: label, expected: "a cell that overrides stateShapes(for:)",
      found: "\(Self.className), which does not")
  }

  /// The shape of the output for the input of a step: by default that of the first state.
  ///
  /// - Throws: a `ModelError`, as of `shapeError`, if the cell cannot take the input.
  open override func outputShape(for inputShape: Shape) throws -> Shape {
    try stateShapes(for: inputShape)[0]
  }

  /// Computes one step.
  ///
  /// - Throws: an error if the input cannot be worked with.
  open func step(
    _ input: Tensor, states: [Tensor], training: Bool
  ) throws -> (output: Tensor, states: [Tensor]) {
    throw ModelError(
      layer: label, expected: "a cell that overrides step(_:states:training:)",
      found: "\(Self.className), which does not")
  }

  /// Is told that steps of a new sequence follow, of which this is the first input.
  ///
  /// What is to be the same at all steps, such as the choice of dropout, is drawn here.
  open func beginSequence(_ input: Tensor, training: Bool) {}

  /// All steps at once, where the cell knows a way that is better than one after the other.
  func sequence(
    _ input: Tensor, states: [Tensor]?, mask: Tensor?, training: Bool
  ) throws -> (sequence: Tensor, states: [Tensor])? { nil }

  open override func outputShapes(for inputShapes: [Shape]) throws -> [Shape] {
    guard let input = inputShapes.first else {
      throw shapeError(expected: "an input and states", found: "none")
    }
    let states = try stateShapes(for: input)
    guard inputShapes.count == 1 || inputShapes.count == 1 + states.count else {
      throw shapeError(
        expected: "an input and \(states.count) states", found: inputShapes.text)
    }
    return [try outputShape(for: input)] + states
  }

  open override func build(inputShapes: [Shape]) throws { try build(inputShape: inputShapes[0]) }

  open override func call(_ inputs: [Tensor], training: Bool) throws -> [Tensor] {
    let input = inputs[0]
    let states =
      inputs.count > 1
      ? Array(inputs.dropFirst()) : try firstStates(for: input.shape, dtype: input.dtype)
    beginSequence(input, training: training)
    let result = try step(input, states: states, training: training)
    return [result.output] + result.states
  }

  open override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    try call([input], training: training)[0]
  }

  /// States of zeros for the input of a step.
  final func firstStates(for inputShape: [Int], dtype: DType) throws -> [Tensor] {
    let batch = inputShape.first ?? 1
    return try stateShapes(for: inputShape.map { $0 }).map { shape in
      .zeros(shape.enumerated().map { $1 ?? ($0 == 0 ? batch : 1) }, dtype: dtype)
    }
  }
}
