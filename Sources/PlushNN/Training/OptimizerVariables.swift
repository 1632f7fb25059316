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
  package var optimizerVariables: [OptimizerVariable]? {
    guard let training, training.lossScale == nil else { return nil }
    let weights = namedWeights.filter(\.trainable)
    let options = training.optimizer.options
    var variables = [
      OptimizerVariable(name: "iteration", value: Tensor(Int32(training.step))) { [weak training] in
        training?.setStep(Int($0.reshape([]).item()))
      }
    ]
    if options.schedule == nil { variables.append(.init("learning_rate", training.learningRate)) }
    let slots = weights.map { weight -> [String: Variable] in
      let rule = training.optimizer.rule(for: weight.name, shape: weight.variable.shape)
      return Dictionary(
        zip(rule.allSlotNames(options: options), training.slots(of: weight)),
        uniquingKeysWith: { first, _ in first })
    }
    for group in [["ema"], ["gradient"]] + training.optimizer.slotGroups {
      for (weight, own) in zip(weights, slots) {
        for name in group {
          // Keras keeps nothing where Adafactor does not factor.
          let isFactor = name == "row" || name == "column"
          guard let slot = own[name], !isFactor || !slot.shape.isEmpty else { continue }
          let prefix = weight.name.split(separator: "/").joined(separator: "_")
          variables.append(.init("\(prefix)_\(Self.kerasName(name))", slot))
        }
      }
    }
    return variables
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

  /// Sets what follows from the count of steps and is not in files of Keras.
  package func completeOptimizerVariables() {
    guard let training, let nadam = training.optimizer as? Nadam else { return }
    let product = nadam.product(of: training.step)
    for weight in namedWeights.filter(\.trainable) {
      training.slots(of: weight)[2].value = Tensor(Float(product))
    }
  }
}

extension OptimizerVariable {
  fileprivate init(_ name: String, _ variable: Variable) {
    self.init(name: name, value: variable.value) {
      variable.value = $0.cast(to: variable.value.dtype)
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
}
