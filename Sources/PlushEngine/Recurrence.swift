/// A recurrent layer at work on a sequence: what a step does with its input and the state.
///
/// The operands of `Op.recurrent` are
///
/// - x [steps, batch, gates · units], inputs times their weights, with bias;
/// - u [units, gates · units], the weights of the state;
/// - h₀ [batch, units], the state before the first step, and c₀ of an LSTM;
/// - with `hasBias`, a bias [gates · units] that is added to h·u;
/// - with `hasMask`, a mask [steps, batch] of bool: a row keeps its state at steps where it is false.
///
/// Results are the states h [steps, batch, units] after each step, c of an LSTM, and what the gradient
/// needs [steps, batch, saved · units] if there is any.
///
/// Where h₀ is bfloat16 or float16, so are h and inputs that come with `recompute`; all else is
/// float32, in which steps are computed. Products round u and h to bfloat16 if h₀ is that.
///
/// With `recompute` the products of the inputs belong to the operation: in place of x come inputs
/// [steps, batch, features], and at the end their weights [features, gates · units] and, with
/// `hasInputBias`, a bias. Results are then h and, of an LSTM, c [⌈steps / recompute⌉, batch, units]
/// after every so many steps and after the last; the gradient computes the rest once more.
public struct Recurrence: Hashable, Sendable {
  /// What a step computes.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// Gates i, f, g, o: `c' = f∘c + i∘g`, `h' = o∘activation(c')`. Hochreiter and Schmidhuber, 1997.
    case lstm
    /// Gates z, r and n = `activation(xₙ + r∘(h·uₙ + bₙ))`: `h' = z∘h + (1 - z)∘n`.
    case gru
    /// The same with n = `activation(xₙ + (r∘h)·uₙ + bₙ)`. Cho et al., 2014.
    case gruResetBefore
    /// `h' = activation(x + h·u)`.
    case simple

    /// Numbers of a step for each unit.
    public var gates: Int {
      switch self {
      case .lstm: 4
      case .gru, .gruResetBefore: 3
      case .simple: 1
      }
    }

    /// Numbers for each unit and step that the gradient needs besides the states: gates after their
    /// functions and, of `gru`, h·uₙ + bₙ.
    public var saved: Int {
      switch self {
      case .lstm, .gru: 4
      case .gruResetBefore: 3
      case .simple: 0
      }
    }
  }

  /// Functions whose slope is a function of their result.
  public enum Function: UInt8, Hashable, Sendable, CaseIterable {
    /// `x`.
    case linear
    /// `max(x, 0)`.
    case relu
    /// The hyperbolic tangent.
    case tanh
    /// `1 / (1 + e⁻ˣ)`.
    case sigmoid
    /// `x / 6 + 1/2` between 0 and 1, as in Keras 3.
    case hardSigmoid
    /// `x / 5 + 1/2` between 0 and 1, as in Keras 2 and TensorFlow.js.
    case hardSigmoidLegacy
  }

  /// What a step computes.
  public var kind: Kind
  /// The function of candidates, and of what an LSTM shows of its cells.
  public var activation: Function
  /// The function of the other gates.
  public var gateActivation: Function
  /// Whether there is a bias of the state's products.
  public var hasBias: Bool
  /// Whether some steps may not count.
  public var hasMask: Bool
  /// How many steps the gradient computes once more at a time, of which only the first state is kept;
  /// nil: all that it needs is kept.
  public var recompute: Int?
  /// Whether there is a bias of the inputs' products; with `recompute` only.
  public var hasInputBias: Bool

  /// A recurrence of this kind.
  public init(
    _ kind: Kind, activation: Function = .tanh, gateActivation: Function = .sigmoid,
    hasBias: Bool = false, hasMask: Bool = false, recompute: Int? = nil,
    hasInputBias: Bool = false
  ) {
    self.kind = kind
    self.activation = activation
    self.gateActivation = gateActivation
    self.hasBias = hasBias
    self.hasMask = hasMask
    self.recompute = recompute
    self.hasInputBias = hasInputBias
  }

  /// Places of the operands after x and u.
  struct Operands {
    var c0: Int?
    var bias: Int?
    var mask: Int?
    var inputWeights: Int?
    var inputBias: Int?
    var count = 3
  }

  /// Where the operands stand, h₀ being the third.
  var operands: Operands {
    var places = Operands()
    func next() -> Int {
      places.count += 1
      return places.count - 1
    }
    if kind == .lstm { places.c0 = next() }
    if hasBias { places.bias = next() }
    if hasMask { places.mask = next() }
    if recompute != nil { places.inputWeights = next() }
    if recompute != nil && hasInputBias { places.inputBias = next() }
    return places
  }

  /// Whether something is kept for the gradient besides states.
  var keepsNumbers: Bool { kind.saved > 0 && recompute == nil }

  /// The sizes of the operands.
  struct Sizes {
    var steps: Int
    var batch: Int
    var units: Int
    /// Of the inputs, with `recompute`.
    var features: Int
    /// Of the states.
    var dtype: DType

    /// The type in which steps are computed.
    var computed: DType { dtype == .float64 ? .float64 : .float32 }

    func states() -> TensorType { TensorType([steps, batch, units], dtype) }
    func state() -> TensorType { TensorType([batch, units], dtype) }
    func cell() -> TensorType { TensorType([batch, units], computed) }
    func numbers(_ count: Int) -> TensorType {
      TensorType([steps, batch, count * units], computed)
    }
  }
}

/// The gradient of a recurrence.
///
/// Its operands are those of the recurrence, its results, and gradients at h and, with
/// `hasCellGradient`, at c. Results are the gradients at x, h₀ and, of an LSTM, c₀, and of `gru` that
/// where h meets u, shaped as x; of the other kinds it is the gradient at x.
public struct RecurrenceGradient: Hashable, Sendable {
  /// What was computed.
  public var recurrence: Recurrence
  /// Whether there is a gradient at the cells of an LSTM.
  public var hasCellGradient: Bool

  /// The gradient of a recurrence.
  public init(_ recurrence: Recurrence, hasCellGradient: Bool = false) {
    self.recurrence = recurrence
    self.hasCellGradient = hasCellGradient
  }
}

// MARK: - Types

extension Recurrence {
  /// The sizes, if the operands fit.
  func sizes(_ operands: [TensorType]) throws -> Sizes {
    let places = self.operands
    guard operands.count == places.count, operands[0].shape.count == 3,
      operands[1].shape.count == 2, operands[2].dtype.isFloating, recompute ?? 1 > 0
    else { throw mismatch(operands) }
    let shape = operands[0].shape
    let sizes = Sizes(
      steps: shape[0], batch: shape[1], units: operands[1].shape[0], features: shape[2],
      dtype: operands[2].dtype)
    func fits(_ place: Int?, _ shape: [Int]) -> Bool {
      place.map { operands[$0] == TensorType(shape, sizes.computed) } ?? true
    }
    let width = kind.gates * sizes.units
    let input =
      recompute == nil
      ? sizes.numbers(kind.gates)
      : TensorType([sizes.steps, sizes.batch, sizes.features], sizes.dtype)
    guard operands[0] == input, fits(1, [sizes.units, width]), operands[2] == sizes.state(),
      fits(places.c0, [sizes.batch, sizes.units]), fits(places.bias, [width]),
      fits(places.inputWeights, [sizes.features, width]), fits(places.inputBias, [width]),
      places.mask.map({ operands[$0] == TensorType([sizes.steps, sizes.batch], .bool) }) ?? true
    else { throw mismatch(operands) }
    return sizes
  }

  private func mismatch(_ operands: [TensorType]) -> TypeError {
    let first = recompute == nil ? "\(kind.gates) · units" : "features"
    var expected = "[steps, batch, \(first)], [units, \(kind.gates) · units], "
    expected += kind == .lstm ? "two states [batch, units]" : "a state [batch, units]"
    if hasBias { expected += ", a bias [\(kind.gates) · units]" }
    if hasMask { expected += ", a mask bool[steps, batch]" }
    if recompute != nil { expected += ", weights [features, \(kind.gates) · units]" }
    if recompute != nil && hasInputBias { expected += ", their bias [\(kind.gates) · units]" }
    expected += " of one floating type, or a state of half precision and all else of float32"
    let found = operands.map(\.description).joined(separator: ", ")
    return TypeError("\(kind) expects \(expected); got \(found).")
  }

  /// The types of the results.
  func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let sizes = try sizes(operands)
    var types = [sizes.states()]
    if kind == .lstm { types.append(cells(sizes)) }
    if keepsNumbers { types.append(sizes.numbers(kind.saved)) }
    return types
  }

  /// The cells of an LSTM that are kept.
  func cells(_ sizes: Sizes) -> TensorType {
    let each = recompute ?? 1
    let count = (sizes.steps + each - 1) / each
    return TensorType([count, sizes.batch, sizes.units], sizes.computed)
  }
}

extension RecurrenceGradient {
  /// The types of the results.
  func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    let count = recurrence.operands.count
    let forward = Array(operands.prefix(count))
    let results = try recurrence.resultTypes(forward)
    let sizes = try recurrence.sizes(forward)
    var gradients = [sizes.states()]
    if hasCellGradient && recurrence.kind == .lstm { gradients.append(recurrence.cells(sizes)) }
    guard Array(operands.dropFirst(count)) == results + gradients else {
      throw TypeError(
        "The gradient of \(recurrence.kind) expects its operands, results \(results) and gradients "
          + "\(gradients); got \(operands).")
    }
    let x = sizes.numbers(recurrence.kind.gates)
    switch recurrence.kind {
    case .lstm: return [x, sizes.state(), sizes.cell()]
    case .gru: return [x, sizes.state(), x]
    case .gruResetBefore, .simple: return [x, sizes.state()]
    }
  }
}
