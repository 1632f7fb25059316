/// The oracle of every test: plain Swift in double precision, slow and obviously right.
public struct ReferenceDevice: Device {
  /// The reference device.
  public init() {}

  /// "reference".
  public var name: String { "reference" }

  /// A plan that interprets the program.
  public func compile(_ program: Program) -> any Plan { ReferencePlan(program) }
}

/// Interprets a program instruction by instruction.
private final class ReferencePlan: Plan {
  private let program: Program

  init(_ program: Program) { self.program = program }

  func run(inputs: [Buffer], outputs: [Buffer]) throws {
    precondition(inputs.count == program.parameters.count, "one buffer for each input")
    precondition(outputs.count == program.outputs.count, "one buffer for each output")
    let arrays = zip(inputs, program.parameters).map { ReferenceArray(reading: $0, as: $1) }
    let results = try program.interpret(arrays)
    for (value, buffer) in zip(program.outputs, outputs) {
      results[value.instruction][value.result].write(to: buffer)
    }
    for update in program.updates {
      let value = update.value
      results[value.instruction][value.result].write(to: inputs[update.parameter])
    }
  }
}

extension Program {
  /// The results of every instruction.
  fileprivate func interpret(_ inputs: [ReferenceArray]) throws -> [[ReferenceArray]] {
    var results: [[ReferenceArray]] = []
    for instruction in instructions {
      let operands = instruction.operands.map { results[$0.instruction][$0.result] }
      let values = try instruction.op.evaluate(operands, inputs, instruction.types[0])
      results.append(zip(instruction.types, values).map { ReferenceArray($0, $1) })
    }
    return results
  }
}

extension Op {
  /// The results, the first being of `type`.
  fileprivate func evaluate(
    _ operands: [ReferenceArray], _ inputs: [ReferenceArray], _ type: TensorType
  ) throws -> [ReferenceValue] {
    if case .fused(let fusion) = self {
      let results = try fusion.body.interpret(operands)
      return fusion.body.outputs.map { results[$0.instruction][$0.result].value }
    }
    switch self {
    case .factorize(let factorization): return operands[0].factorize(factorization)
    case .recurrent(let recurrence): return try recurrence.output(operands)
    case .recurrentGradient(let gradient): return try gradient.output(operands)
    default: return [try evaluateOne(operands, inputs, type)]
    }
  }

  private func evaluateOne(
    _ operands: [ReferenceArray], _ inputs: [ReferenceArray], _ type: TensorType
  ) throws -> ReferenceValue {
    switch self {
    case .parameter(let index, _): inputs[index].value
    case .fill(let scalar, let type): .filled(with: scalar, type)
    case .iota(let axis, let type): .positions(along: axis, type)
    case .randomBits(let stream, _): operands[0].randomBits(stream: stream, count: type.count)
    case .unary(let operation): try operands[0].unary(operation)
    case .binary(let operation): try operands[0].binary(operation, operands[1])
    case .compare(let comparison): operands[0].compare(comparison, operands[1])
    case .select: operands[0].select(operands[1], operands[2])
    case .cast(let dtype): operands[0].cast(to: dtype)
    case .reduce(let reduction, let axes): operands[0].reduce(reduction, axes, type)
    case .argReduce(let reduction, let axis): operands[0].argReduce(reduction, axis)
    case .scan(let reduction, let axis, let exclusive, let reverse):
      operands[0].scan(reduction, axis, exclusive: exclusive, reverse: reverse)
    case .argsort(let axis, let descending): operands[0].argsort(axis, descending: descending)
    case .reshape: operands[0].value
    case .transpose(let permutation): operands[0].transpose(permutation, type.shape)
    case .broadcast: operands[0].broadcast(type.shape)
    case .slice(let starts, let sizes, let strides): operands[0].slice(starts, sizes, strides)
    case .pad(let low, _): operands[0].pad(low, operands[1], type.shape)
    case .reverse(let axes): operands[0].reverse(axes)
    case .concatenate(let axis): joined(operands, axis, type.shape)
    case .matmul(let transposeA, let transposeB):
      operands[0].matmul(operands[1], transposeA, transposeB, type.shape)
    case .convolution(let convolution): convolution.output(operands[0], operands[1], type)
    case .convolutionInputGradient(let convolution, _):
      convolution.inputGradient(operands[0], operands[1], type)
    case .convolutionFilterGradient(let convolution, _):
      convolution.filterGradient(operands[0], operands[1], type)
    case .pool(let pooling): pooling.output(operands[0], type)
    case .poolGradient(let pooling, _): pooling.inputGradient(operands, type)
    case .gather(let axis): try gather(operands, axis, type.shape)
    case .scatterAdd(let axis, let length, let indexRank):
      try scatterAdd(operands, axis, length, indexRank, type)
    case .gatherElements(let axis): try gatherElements(operands, axis)
    case .scatterAddElements(let axis, let length):
      try scatterAddElements(operands, axis, length, type)
    case .solveTriangular(let triangle): operands[0].solve(operands[1], triangle)
    case .fft(let inverse): operands[0].fourierTransform(inverse: inverse)
    case .factorize, .recurrent, .recurrentGradient, .fused:
      preconditionFailure("\(name) is evaluated as a whole")
    }
  }
}
