import PlushEngine
import PlushTensor

// One step of all weights in the order of Keras. Everything is recorded into the program of a step:
// that a batch only adds to gradients, or that means take the place of weights, is selected there.

extension Optimizer {
  /// What the rule keeps for a weight, then what the options ask for.
  func allSlotNames(options: OptimizerOptions) -> [String] {
    slotNames + (options.useEMA ? ["ema"] : [])
      + (options.gradientAccumulationSteps == nil ? [] : ["gradient"])
  }

  /// The values of `allSlotNames` before the first step.
  func allInitialSlots(shape: [Int], options: OptimizerOptions) -> [Tensor] {
    let own = initialSlots(shape: shape)
    let more = allSlotNames(options: options).count - slotNames.count
    return own + Array(repeating: Tensor.zeros(shape), count: more)
  }
}

/// One step of an optimizer.
struct WeightUpdate {
  private let options: OptimizerOptions
  private let learningRate: Tensor
  /// The number of the step, from 1.
  private let step: Tensor
  /// Whether weights change with this batch; nil if they always do.
  private let isDue: Tensor?
  private let overwrites: Tensor?

  /// - Parameters:
  ///   - learningRate: the step size where there is no schedule.
  ///   - count: the number of the batch, from 1, an integer.
  init(_ options: OptimizerOptions, learningRate: Tensor, count: Tensor) {
    func isMultiple(_ number: Tensor, _ divisor: Int?) -> Tensor? {
      divisor.map { number.modulo($0) .== 0 }
    }
    self.options = options
    // The rule counts updates, the schedule counts batches.
    let updates = options.gradientAccumulationSteps.map { (count - 1).floorDivide($0) + 1 } ?? count
    step = updates.cast(to: .float32)
    self.learningRate =
      options.schedule?.rate(at: (count - 1).cast(to: .float32)) ?? learningRate
    isDue = isMultiple(count, options.gradientAccumulationSteps)
    overwrites = options.useEMA ? isMultiple(updates, options.emaOverwriteFrequency) : nil
  }

  /// The gradients to step by, and the sums to keep where they are accumulated.
  func prepare(_ gradients: [Tensor], sums: [Tensor]) -> (gradients: [Tensor], sums: [Tensor]) {
    let scaled = options.lossScaleFactor.map { scale in gradients.map { $0 / scale } } ?? gradients
    guard let isDue, let steps = options.gradientAccumulationSteps else {
      return (clip(scaled), [])
    }
    let totals = zip(scaled, sums).map { $0 + $1 }
    return (
      clip(totals.map { $0 / Double(steps) }),
      totals.map { isDue.select(Tensor.zeros(like: $0), $0) }
    )
  }

  private func clip(_ gradients: [Tensor]) -> [Tensor] {
    if let limit = options.clipNorm { return gradients.map { $0 * factor([$0], limit) } }
    if let limit = options.globalClipNorm {
      let factor = factor(gradients, limit)
      return gradients.map { $0 * factor }
    }
    if let limit = options.clipValue { return gradients.map { $0.clip(min: -limit, max: limit) } }
    return gradients
  }

  /// What makes gradients no longer than a limit.
  private func factor(_ gradients: [Tensor], _ limit: Double) -> Tensor {
    let squares = gradients.map { $0.square().sum() }
    let length = squares.dropFirst().reduce(squares[0], +).sqrt()
    return Tensor(Float(limit)) / length.maximum(limit)
  }

  /// The new weight; slots get their new content.
  ///
  /// - Parameters:
  ///   - rule: changes the weight.
  ///   - name: the name of the weight.
  ///   - slots: what the rule keeps.
  ///   - average: the running mean of the weight, if one is kept.
  func apply(
    _ rule: any Optimizer, to weight: Tensor, name: String, gradient: Tensor,
    slots: inout [Tensor], average: inout Tensor?
  ) -> Tensor {
    let old = slots
    var new = rule.update(
      decayed(weight, name, rule.options), gradient: gradient, slots: &slots,
      learningRate: learningRate, step: step)
    if let isDue {
      new = isDue.select(new, weight)
      slots = zip(slots, old).map { isDue.select($0, $1) }
    }
    guard let mean = average else { return new }
    let stays = (step .!= 1).cast(to: .float32) * options.emaMomentum
    let newMean = mean * stays + new * (1 - stays)
    average = newMean
    return overwrites.map { $0.select(newMean, new) } ?? new
  }

  private func decayed(_ weight: Tensor, _ name: String, _ options: OptimizerOptions) -> Tensor {
    guard let decay = options.weightDecay, !options.undecayed.contains(where: name.contains)
    else { return weight }
    return weight - weight * (learningRate * decay)
  }
}

extension Training {
  /// Makes one step with the gradients of weights.
  func update(_ weights: [NamedWeight], gradients: [Tensor]) {
    let options = optimizer.options
    let count = stepVariable.value + 1
    let unscaled = lossScale?.unscale(gradients)
    let gradients = unscaled?.gradients ?? gradients
    /// A step whose gradients overflowed changes nothing.
    func keep(_ new: Tensor, in variable: Variable) {
      variable.value = unscaled?.areFinite.select(new, variable.value) ?? new
    }
    keep(count, in: stepVariable)
    let update = WeightUpdate(options, learningRate: learningRate.value, count: count)
    let slots = weights.map { self.slots(of: $0) }
    let isSumming = options.gradientAccumulationSteps != nil
    let sums = isSumming ? slots.map { $0[$0.count - 1] } : []
    let (steps, newSums) = update.prepare(gradients, sums: sums.map(\.value))
    for (sum, value) in zip(sums, newSums) { keep(value, in: sum) }
    for ((weight, gradient), slots) in zip(zip(weights, steps), slots) {
      let rule = optimizer.rule(for: weight.name, shape: weight.variable.shape)
      let own = slots.prefix(rule.slotNames.count)
      let mean = average(of: weight)
      var values = own.map(\.value)
      var average = mean?.value
      let new = update.apply(
        rule, to: weight.variable.value, name: weight.name, gradient: gradient, slots: &values,
        average: &average)
      keep(new, in: weight.variable)
      for (slot, value) in zip(own, values) { keep(value, in: slot) }
      if let average, let mean { keep(average, in: mean) }
    }
  }

  /// The running mean of a weight, if means are kept.
  func average(of weight: NamedWeight) -> Variable? {
    guard optimizer.options.useEMA else { return nil }
    let rule = optimizer.rule(for: weight.name, shape: weight.variable.shape)
    return slots(of: weight)[rule.slotNames.count]
  }

  /// Puts the running means in the place of the weights, if means are kept and a step was made.
  func adoptAverages(_ weights: [NamedWeight]) {
    guard step > 0 else { return }
    for weight in weights {
      if let mean = average(of: weight) { weight.variable.value = mean.value }
    }
  }
}
