import PlushEngine

extension Tensor {
  /// A recurrent layer over a sequence, as one operation whatever the number of steps.
  ///
  /// `self` are inputs times their weights, with bias: [batch, steps, gates · units], the gates in the
  /// order that `Recurrence.Kind` tells. Results have the type of `weights`; where that is bfloat16
  /// or float16, steps are computed in float32, and `self` may be float32 too.
  ///
  /// - Parameters:
  ///   - kind: what a step computes.
  ///   - weights: what the state is multiplied by: [units, gates · units].
  ///   - bias: is added to these products: [gates · units].
  ///   - states: the state before the first step, and the cells of an LSTM: [batch, units] each; zeros
  ///     if not given.
  ///   - mask: which steps count: [batch, steps] of bool; others leave the state as it is.
  ///   - activation: the function of candidates, and of what an LSTM shows of its cells.
  ///   - gateActivation: the function of the other gates.
  /// - Returns: the state after each step, [batch, steps, units], and the last states.
  public func recurrent(
    _ kind: Recurrence.Kind, weights: Tensor, bias: Tensor? = nil, states: [Tensor]? = nil,
    mask: Tensor? = nil, activation: Recurrence.Function = .tanh,
    gateActivation: Recurrence.Function = .sigmoid
  ) -> (sequence: Tensor, states: [Tensor]) {
    guard rank == 3, shape[1] > 0 else {
      stop("A recurrent layer expects [batch, steps, gates · units] with a step; got \(shape).")
    }
    let recurrence = Recurrence(
      kind, activation: activation, gateActivation: gateActivation, hasBias: bias != nil,
      hasMask: mask != nil)
    return recurrent(recurrence, weights, bias, states, mask, [])
  }

  /// The same on inputs that are not yet multiplied: the gradient computes `steps` steps at a time
  /// once more, so that less must be kept; see `Recurrence.recompute`.
  ///
  /// `self` are inputs [batch, steps, features]. Not for `.gruResetBefore`, the gradient of whose
  /// weights needs a gate of every step.
  package func recurrent(
    _ kind: Recurrence.Kind, recomputing steps: Int, inputWeights: Tensor, inputBias: Tensor?,
    weights: Tensor, bias: Tensor?, states: [Tensor]?, mask: Tensor?,
    activation: Recurrence.Function, gateActivation: Recurrence.Function
  ) -> (sequence: Tensor, states: [Tensor]) {
    let recurrence = Recurrence(
      kind, activation: activation, gateActivation: gateActivation, hasBias: bias != nil,
      hasMask: mask != nil, recompute: steps, hasInputBias: inputBias != nil)
    return recurrent(
      recurrence, weights, bias, states, mask, [inputWeights] + (inputBias.map { [$0] } ?? []))
  }

  private func recurrent(
    _ recurrence: Recurrence, _ weights: Tensor, _ bias: Tensor?, _ states: [Tensor]?,
    _ mask: Tensor?, _ ofInputs: [Tensor]
  ) -> (sequence: Tensor, states: [Tensor]) {
    let count = recurrence.kind == .lstm ? 2 : 1
    let first =
      states
      ?? (0..<count).map { _ in .zeros([shape[0], weights.shape[0]], dtype: weights.dtype) }
    guard first.count == count else {
      stop("\(recurrence.kind) expects \(count) states; got \(first.count).")
    }
    let dtype = weights.dtype
    let computed: DType = dtype == .float64 ? .float64 : .float32
    var operands = [
      transpose([1, 0, 2]).cast(to: recurrence.recompute == nil ? computed : dtype),
      weights.cast(to: computed), first[0].cast(to: dtype),
    ]
    operands += first.dropFirst().map { $0.cast(to: computed) }
    if let bias { operands.append(bias.cast(to: computed)) }
    if let mask { operands.append(mask.transpose([1, 0])) }
    operands += ofInputs.map { $0.cast(to: computed) }
    let results = Tensor.recordAll(.recurrent(recurrence), operands)
    return (
      results[0].transpose([1, 0, 2]), results[..<count].map { $0[-1].cast(to: dtype) }
    )
  }
}
