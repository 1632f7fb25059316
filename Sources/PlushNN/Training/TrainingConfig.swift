import PlushTensor

// How a model learns, in the form that TensorFlow.js gives it in files.

extension Model {
  /// The optimizer, losses and metrics; nil if the model was not compiled or something in it is the
  /// user's own and has no name.
  package var trainingConfig: JSON? {
    guard let training else { return nil }
    let metrics = training.metrics.joined()
    guard training.losses.allSatisfy({ Loss(name: $0.name) != nil }),
      metrics.allSatisfy({ Metric(name: $0.name) != nil }),
      (try? type(of: training.optimizer).init(config: training.optimizer.config)) != nil
    else { return nil }
    var optimizer = training.optimizer.config
    if training.optimizer.options.schedule == nil {
      optimizer["learning_rate"] = .double(learningRate)
    }
    let losses = training.losses.map { JSON.string($0.name) }
    var config: JSON = [
      "optimizer_config": [
        "class_name": .string(type(of: training.optimizer).className), "config": optimizer,
      ],
      "loss": losses.count == 1 ? losses[0] : .array(losses),
    ]
    let names = training.metrics.map { JSON.array($0.map { .string($0.name) }) }
    config["metrics"] = names.count == 1 ? names[0] : .array(names)
    config["metric_arguments"] = .array(
      training.metrics.map { .array($0.map { $0.config?["config"] ?? [:] }) })
    config["loss_arguments"] = .array(training.losses.map { $0.config?["config"] ?? [:] })
    config["loss_weights"] = .array(training.lossWeights.map(JSON.double))
    return config
  }

  /// Compiles the model as a configuration says; false if it names what is not known here.
  ///
  /// - Throws: `ModelError` if the model cannot be built.
  package func compile(config: JSON) throws -> Bool {
    guard let name = config["optimizer_config"]?["class_name"]?.string,
      let optimizer = try? Optimizers.make(
        name, config: config["optimizer_config"]?["config"] ?? [:])
    else { return false }
    let lossNames = (config["loss"]?.array ?? [config["loss"] ?? .null]).map { $0.string ?? "" }
    let arguments = config["loss_arguments"]?.array ?? []
    let losses = lossNames.enumerated().compactMap { place, name in
      Loss(name: name, arguments: place < arguments.count ? arguments[place] : [:])
    }
    guard losses.count == lossNames.count, losses.count == outputShapes.count else { return false }
    let lists = config["metrics"]?.array ?? []
    let nested = lists.first?.array == nil ? [lists] : lists.map { $0.array ?? [] }
    let metricArguments = config["metric_arguments"]?.array ?? []
    let metrics = nested.enumerated().map { output, names in
      names.enumerated().compactMap { place, name in
        let all = output < metricArguments.count ? metricArguments[output].array ?? [] : []
        return name.string.flatMap {
          Metric(name: $0, arguments: place < all.count ? all[place] : [:])
        }
      }
    }
    let weights = config["loss_weights"]?.array?.compactMap(\.double)
    try setTraining(
      optimizer, losses, weights?.count == losses.count ? weights : nil,
      metrics.count <= losses.count ? metrics : [])
    return true
  }

  /// The count of steps and the values the optimizer keeps, in the order of TensorFlow.js: those of
  /// one kind for all weights, then the next kind.
  package var optimizerState: [(name: String, value: Tensor)] {
    guard let training, training.step > 0 else { return [] }
    let slots = namedWeights.filter(\.trainable).map { training.slots(of: $0) }
    let kinds = slots.map(\.count).max() ?? 0
    let ordered = (0..<kinds).flatMap { kind in
      slots.compactMap { kind < $0.count ? $0[kind] : nil }
    }
    let others = training.lossScale?.variables ?? []
    return [("iter", Tensor(Int32(training.step)))]
      + (ordered + others).map { ($0.name, $0.value) }
  }

  /// Sets what `optimizerState` gave; values that are missing or do not fit stay as they are.
  package func setOptimizerState(_ values: [String: Tensor]) throws {
    let training = try compiledTraining()
    guard let steps = values["iter"] else { return }
    training.setStep(Int(steps.reshape([]).item()))
    let slots = namedWeights.filter(\.trainable).flatMap { training.slots(of: $0) }
    for slot in slots + (training.lossScale?.variables ?? []) {
      guard let value = values[slot.name], value.type == slot.type else { continue }
      slot.value = value
    }
  }
}
