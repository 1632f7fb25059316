import PlushKernels

/// Where a kernel finds or leaves a value: a view of a slot.
struct ElementwiseOperand {
  var slot: Int
  var dtype: DType
  var view: StridedView
}

/// Translates the body of a fusion into instructions of floor 0.
///
/// Values become registers, parameters become loads at their first use, and all stores come last, so
/// that an output may lie where an operand of the same view lies.
struct ElementwiseLowering {
  private let fusion: Fusion
  private let operands: [ElementwiseOperand]
  private let rowAxes: Int
  private let dims: [Int]
  private var instructions: [PlushInstruction] = []
  private var views: [PlushView] = []
  private var registers: [Int: UInt16] = [:]
  private var freeRegisters: [UInt16] = []
  private var registerCount: UInt16 = 0
  private var lastUse: [Int: Int] = [:]
  private let contractions: Contractions

  /// Whether the fusion works on rows.
  let reducesRows: Bool

  /// `operands` belong to the body's parameters; views of values per element have the fusion's space
  /// as shape, but for axes of size one.
  init(_ fusion: Fusion, operands: [ElementwiseOperand]) {
    self.fusion = fusion
    self.operands = operands
    reducesRows = fusion.worksOnRows
    rowAxes = reducesRows ? fusion.space.count - fusion.columnAxes! : fusion.space.count
    if reducesRows {
      let columns = fusion.space[rowAxes...].reduce(1, *)
      dims = (rowAxes == 0 ? [1] : Array(fusion.space[..<rowAxes])) + [columns]
    } else {
      dims = fusion.space.isEmpty ? [1] : fusion.space
    }
    contractions = Contractions(in: fusion, reducesRows: reducesRows)
  }

  /// The kernel that computes the body's outputs into `outputs`.
  mutating func lowered(into outputs: [ElementwiseOperand]) -> ElementwiseKernel {
    findLastUses()
    for index in fusion.body.instructions.indices { lower(index) }
    for (output, value) in zip(outputs, fusion.body.outputs) {
      let level = perRow(value.instruction)
      var store = instruction(PLUSH_STORE, value.instruction)
      store.class_ = kernelClass(fusion.body.type(of: value).dtype)
      store.a = register(value.instruction)
      store.b = append(view: output, perRow: level)
      instructions.append(store)
    }
    return ElementwiseKernel(
      dims: dims, reducesRows: reducesRows, registerCount: Int(registerCount),
      instructions: instructions, views: views)
  }

  // MARK: Registers

  private mutating func findLastUses() {
    for (index, instruction) in fusion.body.instructions.enumerated() {
      for operand in instruction.operands { lastUse[operand.instruction] = index }
    }
    // What the inner instructions of a contraction read lives until the outermost one.
    for (index, contraction) in contractions.found {
      for operand in contraction.operands {
        lastUse[operand] = max(lastUse[operand, default: -1], index)
      }
    }
    for output in fusion.body.outputs { lastUse[output.instruction] = .max }
  }

  /// The register of a value, loaded now if it is a parameter that was not used before.
  private mutating func register(_ index: Int) -> UInt16 {
    if let known = registers[index] { return known }
    let instruction = fusion.body.instructions[index]
    switch instruction.op {
    case .parameter(let parameter, let type):
      var load = self.instruction(PLUSH_LOAD, index)
      load.class_ = kernelClass(type.dtype)
      load.a = append(view: operands[parameter], perRow: perRow(index))
      return emit(load, for: index)
    case .fill(let scalar, let type):
      return emit(fill(scalar, type.dtype, perRow: perRow(index)), for: index)
    default: preconditionFailure("\(instruction.op.name) was not computed before it is used.")
    }
  }

  private mutating func emit(_ instruction: PlushInstruction, for index: Int) -> UInt16 {
    var instruction = instruction
    instruction.result = newRegister()
    instructions.append(instruction)
    registers[index] = instruction.result
    return instruction.result
  }

  private mutating func newRegister() -> UInt16 {
    if let free = freeRegisters.popLast() { return free }
    registerCount += 1
    return registerCount - 1
  }

  /// Gives back the registers of operands that nothing uses after instruction `index`.
  private mutating func release(_ values: [Int], after index: Int) {
    for value in Set(values) where lastUse[value, default: -1] <= index {
      if let register = registers.removeValue(forKey: value) { freeRegisters.append(register) }
    }
  }

  // MARK: Instructions

  private func perRow(_ index: Int) -> Bool {
    reducesRows && fusion.isPerRow(index)
  }

  private func kernelClass(_ dtype: DType) -> UInt8 {
    UInt8(plush_class_of(dtype.kernelType).rawValue)
  }

  private func instruction(_ opcode: PlushOpcode, _ index: Int) -> PlushInstruction {
    var instruction = PlushInstruction()
    instruction.opcode = UInt16(opcode.rawValue)
    instruction.per_row = perRow(index) ? 1 : 0
    return instruction
  }

  private func fill(_ scalar: Scalar, _ dtype: DType, perRow: Bool) -> PlushInstruction {
    var fill = PlushInstruction()
    fill.opcode = UInt16(PLUSH_FILL.rawValue)
    fill.class_ = kernelClass(dtype)
    fill.per_row = perRow ? 1 : 0
    if dtype.isFloating {
      fill.immediate.f = scalar.real
    } else {
      fill.immediate.i = scalar.cast(to: dtype).integer
    }
    return fill
  }

  private mutating func append(view operand: ElementwiseOperand, perRow: Bool) -> UInt16 {
    var view = PlushView()
    view.slot = Int32(operand.slot)
    view.type = Int32(operand.dtype.kernelType.rawValue)
    let squeezed = operand.view.squeezed
    view.offset = Int64(squeezed.offset)
    var strides = squeezed.strides
    if reducesRows {
      let rows = rowAxes == 0 ? [0] : Array(strides.prefix(rowAxes))
      strides = rows + [perRow ? 0 : strides.last!]
    }
    withUnsafeMutableBytes(of: &view.strides) { bytes in
      let target = bytes.bindMemory(to: Int64.self)
      for (axis, stride) in strides.enumerated() { target[axis] = Int64(stride) }
    }
    views.append(view)
    return UInt16(views.count - 1)
  }

  private mutating func lower(_ index: Int) {
    let source = fusion.body.instructions[index]
    let dtype = source.types[0].dtype
    if contractions.absorbed.contains(index) { return }
    if let contraction = contractions.found[index] {
      compute(contraction.opcode, index, contraction.operands, dtype)
      release(contraction.operands, after: index)
      return
    }
    let operands = source.operands.map(\.instruction)
    switch source.op {
    case .parameter, .fill: return
    case .unary(let operation): lowerUnary(operation, index, operands[0])
    case .binary(let operation):
      let opcode = PlushOpcode(PLUSH_ADD.rawValue + UInt32(operation.rawValue))
      compute(opcode, index, operands, dtype)
    case .compare(let comparison):
      let opcode = PlushOpcode(PLUSH_EQUAL.rawValue + UInt32(comparison.rawValue))
      compute(opcode, index, operands, type(operands[0]))
    case .select: compute(PLUSH_SELECT, index, operands, dtype)
    case .cast(let target): lowerCast(index, operands[0], to: target)
    case .reduce(let reduction, _):
      let opcode = PlushOpcode(PLUSH_ROW_SUM.rawValue + UInt32(reduction.rawValue))
      compute(opcode, index, operands, dtype)
    case .broadcast, .reshape: lowerRenaming(index, operands[0])
    case .iota(let axis, let type): lowerIota(index, axis, type)
    case .randomBits(let stream, _):
      var random = instruction(PLUSH_RANDOM, index)
      random.class_ = kernelClass(.int32)
      guard case .parameter(let key, _) = fusion.body.instructions[operands[0]].op else {
        preconditionFailure("The key of random bits is read from memory.")
      }
      random.a = appendKey(self.operands[key])
      random.immediate.i = Int64(stream)
      _ = emit(random, for: index)
    default: preconditionFailure("\(source.op.name) does not run element by element.")
    }
    release(operands, after: index)
  }

  private func type(_ index: Int) -> DType { fusion.body.instructions[index].types[0].dtype }

  /// One instruction from registers to a register, its result made to fit narrow types.
  private mutating func compute(
    _ opcode: PlushOpcode, _ index: Int, _ operands: [Int], _ dtype: DType
  ) {
    var result = instruction(opcode, index)
    result.class_ = kernelClass(dtype)
    let sources = operands.map { register($0) }
    result.a = sources[0]
    if sources.count > 1 { result.b = sources[1] }
    if sources.count > 2 { result.c = sources[2] }
    release(operands, after: index)
    let target = emit(result, for: index)
    let wraps = fusion.body.instructions[index].types[0].dtype
    if wraps == .uint8 || (wraps == .bool && !isPredicate(index)) { narrow(target, wraps, index) }
  }

  private func isPredicate(_ index: Int) -> Bool {
    switch fusion.body.instructions[index].op {
    case .compare, .select: true
    case .unary(let operation): operation.isPredicate
    case .binary(let operation):
      [.bitAnd, .bitOr, .bitXor, .maximum, .minimum, .multiply].contains(operation)
    case .reduce(let reduction, _): reduction != .sum
    default: false
    }
  }

  private mutating func narrow(_ register: UInt16, _ dtype: DType, _ index: Int) {
    var narrow = instruction(PLUSH_NARROW, index)
    narrow.class_ = kernelClass(dtype)
    narrow.result = register
    narrow.a = register
    narrow.b = UInt16(dtype.kernelType.rawValue)
    instructions.append(narrow)
  }

  private mutating func lowerUnary(_ operation: UnaryOperation, _ index: Int, _ operand: Int) {
    let dtype = type(operand)
    if operation == .logicalNot {
      compareWithZero(PLUSH_EQUAL, index, operand)
    } else if operation.isPredicate, !dtype.isFloating {
      let answer: Int64 = operation == .isFinite ? 1 : 0
      _ = emit(fill(.integer(answer), .bool, perRow: perRow(index)), for: index)
    } else {
      let opcode = PlushOpcode(PLUSH_NEGATE.rawValue + UInt32(operation.rawValue))
      compute(opcode, index, [operand], dtype)
    }
  }

  private mutating func compareWithZero(_ opcode: PlushOpcode, _ index: Int, _ operand: Int) {
    let source = register(operand)
    let zero = newRegister()
    var zeros = fill(.integer(0), type(operand), perRow: perRow(index))
    zeros.result = zero
    instructions.append(zeros)
    var compare = instruction(opcode, index)
    compare.class_ = kernelClass(type(operand))
    compare.a = source
    compare.b = zero
    release([operand], after: index)
    freeRegisters.append(zero)
    _ = emit(compare, for: index)
  }

  private mutating func lowerCast(_ index: Int, _ operand: Int, to target: DType) {
    let source = type(operand)
    if target == .bool, source != .bool {
      compareWithZero(PLUSH_NOT_EQUAL, index, operand)
      return
    }
    var convert = instruction(PLUSH_CONVERT, index)
    convert.class_ = kernelClass(target)
    convert.a = register(operand)
    convert.b = UInt16(kernelClass(source))
    release([operand], after: index)
    let register = emit(convert, for: index)
    if target == .uint8 || target == .float16 || target == .bfloat16 {
      narrow(register, target, index)
    }
  }

  /// A value per row becomes one per element, or stays what it is under another shape.
  private mutating func lowerRenaming(_ index: Int, _ operand: Int) {
    let source = register(operand)
    if perRow(operand) == perRow(index) {
      registers[operand] = nil
      if lastUse[operand, default: -1] > index {
        // Both names live on: copy, as registers have one owner.
        registers[operand] = source
        var copy = instruction(PLUSH_CONVERT, index)
        copy.class_ = kernelClass(type(operand))
        copy.a = source
        copy.b = UInt16(copy.class_)
        _ = emit(copy, for: index)
      } else {
        registers[index] = source
      }
    } else {
      compute(PLUSH_EXPAND, index, [operand], type(operand))
    }
  }

  private mutating func lowerIota(_ index: Int, _ axis: Int, _ type: TensorType) {
    // Position among the axes that are not of size one; along one of size one all are 0.
    guard type.shape[axis] != 1 else {
      _ = emit(fill(.integer(0), type.dtype, perRow: false), for: index)
      return
    }
    // Rows lie along at least one dimension, columns along one.
    let position = type.shape[..<axis].filter { $0 != 1 }.count
    let dimension = reducesRows && position >= rowAxes ? max(rowAxes, 1) : position
    var iota = instruction(PLUSH_IOTA, index)
    iota.class_ = kernelClass(type.dtype)
    iota.a = UInt16(dimension)
    _ = emit(iota, for: index)
  }

  private mutating func appendKey(_ operand: ElementwiseOperand) -> UInt16 {
    var view = PlushView()
    view.slot = Int32(operand.slot)
    view.type = Int32(operand.dtype.kernelType.rawValue)
    view.offset = Int64(operand.view.offset)
    views.append(view)
    return UInt16(views.count - 1)
  }
}

extension Fusion {
  /// Whether a value is one per row, if the fusion works on rows.
  func isPerRow(_ index: Int) -> Bool {
    body.instructions[index].types[0].shape.withoutOnes != space
  }

  /// Whether any value of the body is one per row.
  var worksOnRows: Bool {
    guard columnAxes != nil else { return false }
    return body.instructions.contains { $0.types[0].shape.withoutOnes != space }
      || body.instructions.contains {
        if case .reduce = $0.op { true } else { false }
      }
  }
}
