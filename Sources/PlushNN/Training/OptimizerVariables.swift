import PlushTensor

/// A value of an optimizer as Keras keeps it in files.
package struct OptimizerVariable {
  /// The name, such as `dense_kernel_momentum`.
  package let name: String
  /// The value now.
  package let value: Tensor
  /// Sets the value.
  package let set: (Tensor) -> Void
}

extension Model {
  /// The values of the optimizer in the order of Keras 3: the count of steps, the step size unless a
  /// schedule gives it, running means, gradient sums, then what the rule keeps. Nil if the model is
  /// not compiled, or its optimizer keeps them in a way of its own.
  package var optimizerVariables: [OptimizerVariable]? { optimizerVariableOrders.first }

  /// The same in all orders of Keras 3, that of today first: up to version 3.9, what the rule keeps
  /// for all weights together stood before what it keeps for each.
  package var optimizerVariableOrders: [[OptimizerVariable]] {
    guard let training, training.lossScale == nil else { return [] }
    let weights = namedWeights.filter(\.trainable)
    let optimizer = training.optimizer
    let slots = weights.map { weight -> [String: Variable] in
      let rule = optimizer.rule(for: weight.name, shape: weight.variable.shape)
      return Dictionary(
        zip(rule.allSlotNames(options: optimizer.options), training.slots(of: weight)),
        uniquingKeysWith: { first, _ in first })
    }
    func variables(_ groups: [[String]]) -> [OptimizerVariable] {
      groups.flatMap { group in
        zip(weights, slots).flatMap { weight, own in
          group.compactMap { name in
            let prefix = weight.name.split(separator: "/").joined(separator: "_")
            return own[name].map { .init("\(prefix)_\(Self.kerasName(name))", $0) }
          }
        }
      }
    }
    var first = [
      OptimizerVariable(name: "iteration", value: Tensor(Int32(training.step))) { [weak training] in
        training?.setStep(Int($0.reshape([]).item()))
      }
    ]
    if optimizer.options.schedule == nil {
      first.append(.init("learning_rate", training.learningRate))
    }
    first += variables([["ema"], ["gradient"]])
    let own = variables(optimizer.slotGroups)
    let shared = optimizer.sharedSlots.compactMap { name in
      let all = slots.compactMap { $0[name] }
      return all.first.map { OptimizerVariable(name, $0, all) }
    }
    return [first + own + shared] + (shared.isEmpty ? [] : [first + shared + own])
  }

  private static func kerasName(_ slot: String) -> String {
    switch slot {
    case "m": "momentum"
    case "v": "velocity"
    case "vhat": "velocity_hat"
    case "ema": "average"
    case "gradient": "gradient_accumulator"
    default: slot
    }
  }
}

extension OptimizerVariable {
  /// The value of a variable, and of others that hold the same.
  fileprivate init(_ name: String, _ variable: Variable, _ others: [Variable] = []) {
    self.init(name: name, value: variable.value) {
      for one in [variable] + others { one.value = $0.cast(to: one.value.dtype) }
    }
  }
}

extension Optimizer {
  /// The slots in the order of Keras: those of a group together, weight by weight.
  fileprivate var slotGroups: [[String]] {
    switch self {
    case let adam as Adam where adam.amsgrad: [["m", "v"], ["vhat"]]
    case is AdamW: slotNames.contains("vhat") ? [["m", "v"], ["vhat"]] : [slotNames]
    case is RMSprop: slotNames.map { [$0] }
    case is Nadam: [["momentum", "velocity"]]
    // Muon treats weights differently: momentum, and for some velocity.
    case is Muon: [["momentum", "velocity"]]
    default: [slotNames]
    }
  }

  /// The slots that Keras keeps once, as they are the same for all weights.
  fileprivate var sharedSlots: [String] { self is Nadam ? ["u_product"] : [] }
}
