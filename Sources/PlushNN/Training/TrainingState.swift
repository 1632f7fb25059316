import PlushTensor

/// All that training needs to go on where it was interrupted, with the same bits.
public struct TrainingState: Sendable {
  /// The epoch to go on with, from 0.
  public internal(set) var epoch = 0
  /// How many batches of it are done; with the seed it decides the samples to come.
  public internal(set) var batch = 0
  /// How many steps were made in all.
  public internal(set) var step = 0
  /// The seed of shuffling and of the steps' random numbers.
  public internal(set) var seed = 0
  /// What was recorded.
  public internal(set) var history = History()
  /// Weights, values of the optimizer and sums of metrics by name.
  public internal(set) var tensors: [String: Tensor] = [:]
  /// What callbacks remember, in the order in which they were given.
  public internal(set) var callbacks: [CallbackMemory] = []

  init() {}
}

extension Model {
  /// Everything that training changes, by name.
  private func changing(_ training: Training, _ programs: TrainingPrograms) -> [(String, Variable)]
  {
    let weights = namedWeights.map { ("model/\($0.name)", $0.variable) }
    let slots = programs.trainable.flatMap { training.slots(of: $0) }
    let optimizer = slots.map { ("optimizer/\($0.name)", $0) }
    let sums = programs.trainingSums.variables.map { ($0.name, $0) }
    return weights + optimizer + sums + [("learning_rate", training.learningRate)]
  }

  /// The state of training but for where in an epoch it stands.
  func trainingState() throws -> TrainingState {
    let training = try compiledTraining()
    var state = TrainingState()
    state.step = training.step
    state.tensors = Dictionary(
      uniqueKeysWithValues: changing(training, try programs()).map { ($0, $1.value) })
    return state
  }

  /// Goes back to a state.
  ///
  /// - Throws: `ModelError` if the state is that of another model.
  func restore(_ state: TrainingState) throws {
    let training = try compiledTraining()
    let variables = changing(training, try programs())
    for (name, variable) in variables {
      guard let value = state.tensors[name] else {
        throw ModelError(
          expected: "a training state with '\(name)'", found: "one without",
          hint: "resume with the model and optimizer that were trained")
      }
      guard value.shape == variable.shape else {
        throw ModelError(
          expected: "'\(name)' of shape \(variable.shape)", found: "\(value.shape)",
          hint: "resume with the model that was trained")
      }
    }
    for (name, variable) in variables { variable.value = state.tensors[name]! }
    training.setStep(state.step)
  }
}

extension TrainingState {
  /// All but the arrays.
  public var json: JSON {
    [
      "epoch": .int(epoch), "batch": .int(batch), "step": .int(step), "seed": .int(seed),
      "history": history.json, "callbacks": .array(callbacks.map(\.json)),
    ]
  }

  /// Every array by name, those of callbacks too.
  public var allTensors: [String: Tensor] {
    var all = tensors
    for (place, memory) in callbacks.enumerated() {
      for (name, tensor) in memory.tensors { all["callback/\(place)/\(name)"] = tensor }
    }
    return all
  }

  /// Makes a state of what `json` and `allTensors` gave.
  ///
  /// - Throws: `JSONError` if something is missing.
  public init(json: JSON, tensors all: [String: Tensor]) throws {
    epoch = try json.get("epoch", \.int)
    batch = try json.get("batch", \.int)
    step = try json.get("step", \.int)
    seed = try json.get("seed", \.int)
    history = try json.get("history") { History(json: $0) }
    callbacks = try json.get("callbacks", \.array).map { CallbackMemory($0) }
    for (name, tensor) in all {
      let parts = name.split(separator: "/", maxSplits: 2)
      if parts.count == 3, parts[0] == "callback", let place = Int(parts[1]),
        callbacks.indices.contains(place)
      {
        callbacks[place].tensors[String(parts[2])] = tensor
      } else {
        tensors[name] = tensor
      }
    }
  }
}
