import Foundation
import PlushEngine
import PlushTensor

// Recurrent layers. Their inputs come multiplied by their weights, so the node's own weights for the
// inputs only bring the gates into ONNX's order.

extension Exporter {
  mutating func recur(
    _ recurrence: Recurrence, _ instruction: Program.Instruction, _ index: Int
  ) throws -> [ExportedValue] {
    let operands = instruction.operands
    if recurrence.hasMask { return try scan(recurrence, instruction, index) }
    let weights = try shape(operands[1])
    guard let units = weights[0].size else { throw unsupported(instruction.op) }
    let order = recurrence.kind.gateOrder
    let width = units * order.count
    let x = try writer.full(value(operands[0]), shape(operands[0]))
    let positions = order.flatMap { gate in (0..<units).map { Int64(gate * units + $0) } }
    let picked = writer.constant("gates \(positions)", Tensor(positions, shape: [width]))
    let rows = writer.full(value(operands[1]), weights, [1, 0])
    let axis = writer.integers([0])
    let w = writer.constant(
      "input gates \(positions)",
      Tensor(positions, shape: [width]).oneHot(width).reshape([1, width, width]))
    let r = writer.node(
      "Unsqueeze", [writer.node("Gather", [rows, picked], [.int("axis", 0)]), axis])
    var inputs = [x, w, r, "", "", try state(operands[2], axis)]
    var next = 3
    if recurrence.kind == .lstm {
      inputs.append(try state(operands[next], axis))
      next += 1
    }
    if recurrence.hasBias {
      let bias = try writer.full(value(operands[next]), shape(operands[next]))
      let own = writer.node("Gather", [bias, picked], [.int("axis", 0)])
      let zeros = writer.constant("zeros \(width)", Tensor.zeros([width]))
      let both = writer.node("Concat", [zeros, own], [.int("axis", 0)])
      inputs[3] = writer.node("Unsqueeze", [both, axis])
    }
    let y = writer.node(
      recurrence.kind.operation, inputs, try attributes(of: recurrence, units),
      outputs: recurrence.kind == .lstm ? 3 : 2)
    let states = writer.node("Squeeze", [y, writer.integers([1])])
    let result = Program.Value(index)
    var results = [ExportedValue(states, try shape(result), instruction.types[0].dtype)]
    for place in instruction.types.indices.dropFirst() {
      let value = Program.Value(index, place)
      if place == 1, recurrence.kind == .lstm { lastCells[value] = "\(y.dropLast(2)):2" }
      results.append(ExportedValue("", [], instruction.types[place].dtype))
    }
    return results
  }

  /// A first state with the axis of directions.
  private mutating func state(_ operand: Program.Value, _ axis: String) throws -> String {
    writer.node("Unsqueeze", [writer.full(value(operand), try shape(operand)), axis])
  }

  private func attributes(
    of recurrence: Recurrence, _ units: Int
  ) throws -> [ONNXAttributeProto] {
    let (gate, candidate) = (recurrence.gateActivation, recurrence.activation)
    let functions: [Recurrence.Function] =
      switch recurrence.kind {
      case .lstm: [gate, candidate, candidate]
      case .gru, .gruResetBefore: [gate, candidate]
      case .simple: [candidate]
      }
    var attributes: [ONNXAttributeProto] = [
      .int("hidden_size", units), .strings("activations", functions.map(\.onnxName)),
    ]
    let settings = functions.compactMap(\.onnxSettings)
    if !settings.isEmpty {
      attributes.append(.floats("activation_alpha", settings.map(\.alpha)))
      attributes.append(.floats("activation_beta", settings.map(\.beta)))
    }
    if recurrence.kind == .gru { attributes.append(.int("linear_before_reset", 1)) }
    return attributes
  }
}

extension Recurrence.Kind {
  fileprivate var operation: String {
    switch self {
    case .lstm: "LSTM"
    case .gru, .gruResetBefore: "GRU"
    case .simple: "RNN"
    }
  }

  /// Which gate stands at each place in ONNX's order.
  fileprivate var gateOrder: [Int] {
    switch self {
    case .lstm: [0, 3, 1, 2]
    case .gru, .gruResetBefore: [0, 1, 2]
    case .simple: [0]
    }
  }
}

extension Recurrence.Function {
  fileprivate var onnxName: String {
    switch self {
    case .linear: "Affine"
    case .relu: "Relu"
    case .tanh: "Tanh"
    case .sigmoid: "Sigmoid"
    case .hardSigmoid, .hardSigmoidLegacy: "HardSigmoid"
    }
  }

  fileprivate var onnxSettings: (alpha: Double, beta: Double)? {
    switch self {
    case .linear: (1, 0)
    case .hardSigmoid: (1.0 / 6, 0.5)
    case .hardSigmoidLegacy: (0.2, 0.5)
    case .relu, .tanh, .sigmoid: nil
    }
  }
}

extension ONNXAttributeProto {
  fileprivate static func strings(_ name: String, _ values: [String]) -> ONNXAttributeProto {
    var attribute = ONNXAttributeProto()
    attribute.name = name
    attribute.type = .strings
    attribute.strings = values.map { .init($0.utf8) }
    return attribute
  }

  fileprivate static func floats(_ name: String, _ values: [Double]) -> ONNXAttributeProto {
    var attribute = ONNXAttributeProto()
    attribute.name = name
    attribute.type = .floats
    attribute.floats = values.map { Float($0) }
    return attribute
  }
}
