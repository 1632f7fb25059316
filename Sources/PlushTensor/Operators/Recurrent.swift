import PlushEngine

extension Tensor {
  /// A recurrent layer over a sequence, as one operation whatever the number of steps.
  ///
  /// `self` are inputs times their weights, with bias: [batch, steps, gates · units], the gates in the
  /// order that `Recurrence.Kind` tells.
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
    let count = kind == .lstm ? 2 : 1
    let first =
      states
      ?? (0..<count).map { _ in .zeros([shape[0], weights.shape[0]], dtype: dtype) }
    guard first.count == count else {
      stop("\(kind) expects \(count) states; got \(first.count).")
    }
    let recurrence = Recurrence(
      kind, activation: activation, gateActivation: gateActivation, hasBias: bias != nil,
      hasMask: mask != nil)
    var operands = [transpose([1, 0, 2]), weights] + first
    if let bias { operands.append(bias) }
    if let mask { operands.append(mask.transpose([1, 0])) }
    let results = Tensor.recordAll(.recurrent(recurrence), operands)
    return (
      results[0].transpose([1, 0, 2]), results[..<count].map { $0[-1] }
    )
  }
}
