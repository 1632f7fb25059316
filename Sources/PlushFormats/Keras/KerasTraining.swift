import PlushData
import PlushNN
import PlushTensor

// How Keras writes the optimizer, losses and metrics of a model.

extension Model {
  /// What Keras 3 calls compile_config; nil if the model was not compiled or something in it is the
  /// user's own.
  var compileConfig: JSON? {
    guard let training, let known = trainingConfig, var optimizer = known["optimizer_config"]
    else { return nil }
    // Keras does not keep which weights do not decay.
    optimizer["config"]?["exclude_from_weight_decay"] = nil
    let losses = training.losses.map { $0.config ?? .string($0.name) }
    let metrics = training.metrics.map { JSON.array($0.map { $0.config ?? .string($0.name) }) }
    let weights = training.lossWeights
    return [
      "optimizer": optimizer.keras3Object("keras.optimizers"),
      "loss": losses.count == 1 ? losses[0] : .array(losses),
      "loss_weights": weights.allSatisfy { $0 == 1 } ? .null : .array(weights.map(JSON.double)),
      "metrics": metrics.count == 1 ? metrics[0] : .array(metrics),
      "weighted_metrics": .null, "run_eagerly": false, "steps_per_execution": 1,
      "jit_compile": false,
    ]
  }

  /// Compiles the model as a compile_config of Keras 3 or a training_config of Keras 2 says; false
  /// if it names what is not known here.
  func compile(keras config: JSON) throws -> Bool {
    let optimizer = config["optimizer"] ?? config["optimizer_config"] ?? .null
    var losses = byOutput(config["loss"] ?? .null).map(\.classAndArguments)
    if losses.count == 1 { losses = outputNames.map { _ in losses[0] } }
    let metrics = metricsByOutput(config["metrics"] ?? .null).map { $0.map(\.metric) }
    var known: JSON = [
      "optimizer_config": optimizer, "loss": .array(losses.map { .string($0.name) }),
      "loss_arguments": .array(losses.map(\.arguments)),
      "metrics": .array(metrics.map { .array($0.map { .string($0.name) }) }),
      "metric_arguments": .array(metrics.map { .array($0.map(\.arguments)) }),
    ]
    if let weights = config["loss_weights"], !weights.isNull {
      known["loss_weights"] = .array(byOutput(weights))
    }
    return try compile(config: known)
  }

  /// A value for each output: a list, or an object by the names of outputs.
  private func byOutput(_ json: JSON) -> [JSON] {
    if let list = json.array { return list }
    if let object = json.object, object["class_name"] == nil {
      return outputNames.map { object[$0] ?? .null }
    }
    return [json]
  }

  /// A list of metrics for each output.
  private func metricsByOutput(_ json: JSON) -> [[JSON]] {
    let lists = byOutput(json)
    let isFlat = json.array != nil && !lists.contains { $0.array != nil }
    if isFlat && outputNames.count == 1 { return [lists] }
    return lists.map { $0.array ?? ($0.isNull ? [] : [$0]) }
  }
}

extension JSON {
  /// The same for a metric, which keeps its name if that tells the class too, such as `mae`.
  fileprivate var metric: (name: String, arguments: JSON) {
    let (name, arguments) = classAndArguments
    guard let own = arguments["name"]?.string, Metric(name: own) != nil else {
      return (name, arguments)
    }
    return (own, arguments)
  }

  /// The class, or name, and the arguments of a loss or metric in any of Keras's spellings.
  fileprivate var classAndArguments: (name: String, arguments: JSON) {
    guard let className = self["class_name"]?.string else { return (string ?? "", [:]) }
    let config = self["config"] ?? [:]
    // A function, perhaps wrapped, is known by its name.
    if let name = config.string { return (name, [:]) }
    if className == "MeanMetricWrapper", let name = config["fn"]?.string ?? config["name"]?.string {
      return (name, [:])
    }
    return (className, config)
  }
}

// MARK: - Optimizer state

extension HDF5Group {
  /// Sets the state of the optimizer; false if the file has none that fits.
  ///
  /// - Parameter names: the paths of its values, in order.
  func setOptimizer(of model: Model, _ names: [String]) throws -> Bool {
    let orders = model.optimizerVariableOrders
    guard let count = orders.first?.count else { return false }
    if names.count < count, try hasNotBegun(names) { return true }
    guard names.count == count else { return false }
    let arrays = try names.map { try dataset($0) }
    let shapes = arrays.map(\.shape)
    guard let variables = orders.first(where: { $0.map(\.value.shape) == shapes }) else {
      return false
    }
    for (variable, array) in zip(variables, arrays) { variable.set(try array.read().tensor) }
    return true
  }

  /// Whether these values, first of all the count of steps, are those from before the first step:
  /// only then does Keras make the others.
  private func hasNotBegun(_ names: [String]) throws -> Bool {
    guard let first = names.first else { return true }
    return try dataset(first).read().bytes.allSatisfy { $0 == 0 }
  }
}
