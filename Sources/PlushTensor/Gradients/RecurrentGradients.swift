import PlushEngine

extension GradientRule {
  /// Step by step back to the first; the gradient at the weights of the state is one product over all
  /// steps.
  func recurrent(_ recurrence: Recurrence) -> [Tensor?] {
    let isLSTM = recurrence.kind == .lstm
    let dh = gradients[0] ?? .zeros(like: outputs[0])
    let dc = isLSTM ? gradients[1] : nil
    let gradient = RecurrenceGradient(recurrence, hasCellGradient: dc != nil)
    let results = Tensor.recordAll(
      .recurrentGradient(gradient), inputs + outputs + [dh] + (dc.map { [$0] } ?? []))
    let (dx, dh0) = (results[0], results[1])
    // Where h meets u.
    let meeting = recurrence.kind == .gru ? results[2] : dx
    let isWhole = recurrence.recompute == nil
    let weights = isWhole ? nil : inputs[inputs.count - (recurrence.hasInputBias ? 2 : 1)]
    var all: [Tensor?] = [
      weights.map { inputGradient(dx, $0) } ?? dx,
      stateWeightGradient(recurrence, meeting).cast(to: inputs[1].dtype), dh0,
    ]
    if isLSTM { all.append(results[2]) }
    if recurrence.hasBias { all.append(meeting.sum(axes: [0, 1])) }
    if recurrence.hasMask { all.append(nil) }
    if let weights { all.append(product(inputs[0], dx).cast(to: weights.dtype)) }
    if recurrence.hasInputBias { all.append(dx.sum(axes: [0, 1])) }
    return all
  }

  /// The gradient at inputs that the operation itself multiplies by their weights.
  private func inputGradient(_ dx: Tensor, _ weights: Tensor) -> Tensor {
    let dtype = inputs[0].dtype
    return Tensor.record(
      .matmul(transposeA: false, transposeB: true),
      [dx.reshape([-1, dx.shape[2]]).cast(to: dtype), weights.cast(to: dtype)]
    ).reshape(inputs[0].shape)
  }

  /// The first state, which is mostly zero, is multiplied by itself: so the others stay where they are.
  private func stateWeightGradient(_ recurrence: Recurrence, _ gradient: Tensor) -> Tensor {
    let (h, first) = (outputs[0], inputs[2].expandDims(axis: 0))
    let steps = h.shape[0]
    let sum = stateWeightGradient(recurrence, first, gradient, 0..<1)
    if steps == 1 { return sum }
    return sum + stateWeightGradient(recurrence, h[0..<steps - 1], gradient, 1..<steps)
  }

  /// The part of some steps, which began in these states.
  private func stateWeightGradient(
    _ recurrence: Recurrence, _ before: Tensor, _ gradient: Tensor, _ steps: Range<Int>
  ) -> Tensor {
    let gradient = gradient[steps]
    guard recurrence.kind == .gruResetBefore else { return product(before, gradient) }
    let units = before.shape[2]
    let reset = outputs[1][steps, .all, units..<2 * units].cast(to: before.dtype) * before
    return concatenate(
      [
        product(before, gradient[.all, .all, 0..<2 * units]),
        product(reset, gradient[.all, .all, 2 * units..<3 * units]),
      ], axis: 1)
  }

  /// The sum over steps and samples of what is on the left times what is on the right, in the type of
  /// the left.
  private func product(_ left: Tensor, _ right: Tensor) -> Tensor {
    .record(
      .matmul(transposeA: true, transposeB: false),
      [
        left.reshape([-1, left.shape[2]]),
        right.reshape([-1, right.shape[2]]).cast(to: left.dtype),
      ])
  }
}
