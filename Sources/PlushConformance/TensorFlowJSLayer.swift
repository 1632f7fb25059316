import PlushEngine
import PlushNN
import PlushTensor

/// A recorded call of a layer: its class, configuration, weights and inputs.
struct TensorFlowJSLayer {
  private let step: JSON
  private let className: String

  init(_ step: JSON) throws {
    self.step = step
    className = try step.get("layer", \.string)
  }

  /// The outputs.
  func run(_ values: [String: TensorFlowJSValue]) throws -> [TensorFlowJSValue] {
    let unknown = (step["kwargs"]?.object ?? [:]).keys.filter {
      !["training", "mask", "initialState"].contains($0)
    }
    guard unknown.isEmpty else {
      throw TensorFlowJSError(gap: "layers are not replayed with \(unknown.sorted())")
    }
    let layer = try made()
    let inputs = try tensors("inputs", values) + firstStates(values)
    let training = step["kwargs"]?["training"]?.bool ?? false
    let masks = try masks(values, count: inputs.count)
    let fresh = try layer(inputs, masks: masks, training: training)
    let weights = try tensors("weights", values)
    let variables = layer.weights
    guard variables.map(\.shape) == weights.map(\.shape) else {
      throw TensorFlowJSError(
        "\(className) has weights \(variables.map(\.shape)) instead of \(weights.map(\.shape))")
    }
    if weights.isEmpty { return fresh.map { .tensor($0) } }
    for (variable, weight) in zip(variables, weights) { variable.value = weight }
    return try layer(inputs, masks: masks, training: training).map { .tensor($0) }
  }

  /// The states that a recurrent layer begins with, if any are given.
  private func firstStates(_ values: [String: TensorFlowJSValue]) throws -> [Tensor] {
    guard let states = step["kwargs"]?["initialState"], !states.isNull else { return [] }
    return try (states.array ?? [states]).map { try $0.tensor(values) }
  }

  /// The mask of each input, if there is any.
  private func masks(
    _ values: [String: TensorFlowJSValue], count: Int
  ) throws -> [Tensor?]? {
    guard let mask = step["kwargs"]?["mask"], !mask.isNull else { return nil }
    let masks = try (mask.array ?? [mask]).map { mask in
      try mask["$t"]?.string.flatMap { values[$0] }?.tensor.cast(to: .bool)
    }
    guard masks.count <= count else { return nil }
    return masks + Array(repeating: nil, count: count - masks.count)
  }

  private func made() throws -> Layer {
    do {
      return try Layer.make(
        className: className, config: (step["config"] ?? [:]).withFileNames)
    } catch let error as ModelError {
      throw TensorFlowJSError(gap: "the layer \(className): \(error.found)")
    }
  }

  private func tensors(_ key: String, _ values: [String: TensorFlowJSValue]) throws -> [Tensor] {
    try (step[key]?.array ?? []).map { name in
      guard let value = values[name.string ?? ""] else {
        throw TensorFlowJSError("\(className) names '\(name.summary)', which no step makes")
      }
      return try value.tensor
    }
  }
}

extension JSON {
  /// A configuration as code has it, by the names that files have.
  fileprivate var withFileNames: JSON {
    switch self {
    case .object(let members):
      .object(
        members.reduce(into: [:]) { result, member in
          // Names of layers and classes stay; other texts name ways to do something.
          let isName = ["name", "className"].contains(member.key)
          let isLegacy = member.key.hasSuffix("ctivation") && member.value == "hardSigmoid"
          result[member.key.snakeCase] =
            isName ? member.value : isLegacy ? "hard_sigmoid_legacy" : member.value.withFileNames
        })
    case .string(let text): .string(text.snakeCase)
    case .array(let elements): .array(elements.map(\.withFileNames))
    default: self
    }
  }
}

extension JSON {
  /// The tensor that a reference names.
  fileprivate func tensor(_ values: [String: TensorFlowJSValue]) throws -> Tensor {
    guard let name = self["$t"]?.string, let value = values[name] else {
      throw TensorFlowJSError("a reference to a tensor expected; got \(summary)")
    }
    return try value.tensor
  }
}
