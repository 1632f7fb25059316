import PlushData
import PlushEngine
import PlushNN
import PlushTensor

/// Translates what a model records into the nodes of a graph.
///
/// The model is recorded for batches of two sizes; what differs between the two programs counts
/// samples, so that the graph takes any number of them.
struct Exporter {
  let program: Program
  private let other: Program
  private let batches: (Int, Int)
  var writer: GraphWriter
  /// The values of instructions that were translated.
  var values: [[ExportedValue]] = []
  /// The last cells of LSTMs, by the value that holds those of all steps.
  var lastCells: [Program.Value: String] = [:]
  private let softmaxes: [Int: SoftmaxPattern]
  /// How often each instruction is used by others that are translated.
  private let uses: [Int]

  /// - Parameters:
  ///   - recorded: the model for a number of samples.
  ///   - other: the same for another number.
  ///   - names: of the arrays, in the order of the program's inputs after the arguments.
  init(
    _ recorded: RecordedProgram, _ other: RecordedProgram, batches: (Int, Int), names: [String],
    inputs: [String], outputs: [String]
  ) throws {
    program = recorded.program
    self.other = other.program
    self.batches = batches
    let tensors =
      recorded.variables.map { variable in untraced { variable.value } }
      + recorded.constants
    writer = GraphWriter(
      arrays: Array(zip(names, tensors)), batchInput: inputs[0],
      taken: names + inputs + outputs)
    let sameOperations = zip(program.instructions, self.other.instructions).allSatisfy {
      $0.op.name == $1.op.name && $0.operands == $1.operands && $0.types.count == $1.types.count
    }
    guard sameOperations, program.instructions.count == self.other.instructions.count else {
      throw ONNXError(
        expected: "a model that computes the same for any number of samples",
        found: "operators that depend on it", hint: "give a batchSize")
    }
    var patterns: [Int: SoftmaxPattern] = [:]
    var uses = [Int](repeating: 0, count: program.instructions.count)
    for output in program.outputs { uses[output.instruction] += 1 }
    for index in program.instructions.indices.reversed() where uses[index] > 0 {
      if let pattern = SoftmaxPattern(program, index) {
        patterns[index] = pattern
        uses[pattern.input.instruction] += 1
      } else {
        for operand in program.instructions[index].operands { uses[operand.instruction] += 1 }
      }
    }
    softmaxes = patterns
    self.uses = uses
    for index in program.instructions.indices {
      values.append(uses[index] > 0 ? try translate(index, recorded, inputs) : [])
    }
  }

  /// The graph with inputs and outputs of these names.
  mutating func finish(inputs: [String], outputs: [String]) throws -> ONNXGraphProto {
    var results: [ONNXValueInfoProto] = []
    var renamed: Set<String> = []
    for (output, name) in zip(program.outputs, outputs) {
      let shape = try self.shape(output)
      let result = writer.full(value(output), shape)
      if renamed.contains(result) || !writer.rename(result, to: name) {
        writer.finish(result, as: name)
      }
      renamed.insert(name)
      results.append(.init(name, shape, program.type(of: output).dtype))
    }
    let given = try inputs.enumerated().map { index, name in
      let place = Program.Value(index)
      return ONNXValueInfoProto(name, try shape(place), program.type(of: place).dtype)
    }
    writer.setInterface(given, results)
    return writer.graph
  }

  func value(_ value: Program.Value) -> ExportedValue { values[value.instruction][value.result] }

  /// The sizes of a value.
  func shape(_ value: Program.Value) throws -> [Extent] {
    let (a, b) = (program.type(of: value).shape, other.type(of: value).shape)
    let extents =
      a.count == b.count ? zip(a, b).compactMap { Extent($0, $1, batches: batches) } : []
    guard extents.count == a.count else {
      throw ONNXError(
        expected: "sizes that are multiples of the samples", found: "\(a) for \(batches.0) samples",
        hint: "give a batchSize")
    }
    return extents
  }

  /// Whether nobody else uses a value.
  func isUsedOnce(_ value: Program.Value) -> Bool { uses[value.instruction] == 1 }

  private mutating func translate(
    _ index: Int, _ recorded: RecordedProgram, _ inputs: [String]
  ) throws -> [ExportedValue] {
    let result = Program.Value(index)
    let (shape, dtype) = (try shape(result), program.type(of: result).dtype)
    if let pattern = softmaxes[index] {
      let x = value(pattern.input)
      let name = writer.full(x, shape, x.rank == shape.count ? x.order : nil)
      let order = x.rank == shape.count && x.constant == nil ? x.order : Array(shape.indices)
      let place = order.firstIndex(of: pattern.axis) ?? pattern.axis
      return [
        ExportedValue(
          writer.node("Softmax", [name], [.int("axis", place)]), shape, dtype, order: order)
      ]
    }
    let instruction = program.instructions[index]
    if case .parameter(let number, _) = instruction.op {
      if number < recorded.argumentCount { return [ExportedValue(inputs[number], shape, dtype)] }
      let place = number - recorded.argumentCount
      return [ExportedValue("", shape, dtype, stored: place)]
    }
    return try translate(instruction, index, shape, dtype)
  }

  /// An error about an operator that has no counterpart.
  func unsupported(_ op: Op, _ why: String = "") -> ONNXError {
    ONNXError(
      expected: "operators that ONNX has", found: "\(op.name)\(why)",
      hint: "keep what computes it out of the exported model")
  }
}

extension ONNXValueInfoProto {
  init(_ name: String, _ shape: [Extent], _ dtype: DType) {
    self.init()
    self.name = name
    type.tensorType.elemType = ElementType(dtype).rawValue
    type.tensorType.shape.dim = shape.map { extent in
      var dimension = ONNXTensorShapeProto.Dimension()
      switch extent {
      case .fixed(let size): dimension.dimValue = Int64(size)
      case .batch(let times): dimension.dimParam = times == 1 ? "batch" : "\(times)*batch"
      }
      return dimension
    }
    // A scalar has a shape too, without axes.
    if shape.isEmpty { type.tensorType.shape = ONNXTensorShapeProto() }
  }
}
