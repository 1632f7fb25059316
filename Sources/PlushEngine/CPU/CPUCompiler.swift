import PlushKernels

/// Turns a program into steps: decides which values are memory and which are only views of it, which
/// kernel makes each, and where each lies.
struct CPUCompiler {
  /// A piece of memory that a plan uses.
  struct Storage {
    enum Place: Equatable {
      /// Somewhere in the arena, while steps need it.
      case temporary
      case input(Int)
      case output(Int)
      /// The same memory as another storage.
      case alias(Int)
    }
    var place: Place
    var byteCount: Int
  }

  /// Where a value is found.
  struct Location {
    var storage: Int
    var dtype: DType
    var view: StridedView
  }

  /// One kernel and what it touches. Kernels are made last, when all places are decided.
  struct Step {
    var reads: [Int]
    var writes: [Int]
    /// Storages that it also reads, not element by element: their memory cannot be the result's.
    var readsWhole: [Int] = []
    /// Matrix product that runs first in this step, writing the operand that the kernel reads.
    var work: Work
  }

  /// What a step does.
  indirect enum Work {
    case elementwise(Fusion, operands: [Location], outputs: [Location])
    case matmul(Product, a: Location, b: Location, c: Location, epilogue: Work?)
    case window(
      WindowKernel.Operation, inputs: [Location], output: Location, epilogue: Work?)
    case axis(AxisKernel.Operation, AxisLayout, Location, Location)
    case matrices(MatrixOperation, batch: Int, rows: Int, columns: Int, [Location], [Location])
    case fourier(inverse: Bool, length: Int, Location, Location)
    /// `weights` is the input of the program that u is, if it is one.
    case recurrent(
      RecurrentOperation, Recurrence.Sizes, RecurrentKernel.Arrays<Location>, weights: Int?)
    case indexing(
      IndexingKernel.Operation, AxisLayout, count: Int, Location, indices: Location, Location)
  }

  /// Matrix products of operands of a type, which may be read from other types.
  struct Product {
    var dtype: DType
    var gemm: PlushGemm
  }

  let program: Program
  private(set) var storages: [Storage] = []
  private(set) var steps: [Step] = []
  private var locations: [Program.Value: Location] = [:]
  /// Instructions that use each instruction's results, once per use.
  private var consumers: [Int: [Int]] = [:]
  private var rootValues: Set<Program.Value>
  /// Results of concatenations of which parts were made before their instruction.
  private var joined: [Int: Location] = [:]
  private var placedParts: Set<JoinedPart> = []

  /// `program` has been optimized.
  init(_ program: Program) {
    self.program = program
    rootValues = Set(program.roots)
    for (index, type) in program.parameters.enumerated() {
      storages.append(Storage(place: .input(index), byteCount: type.byteCount))
    }
    for (index, instruction) in program.instructions.enumerated() {
      for operand in instruction.operands {
        consumers[operand.instruction, default: []].append(index)
      }
    }
  }

  /// The steps that compute the program, every value placed.
  mutating func compile() throws {
    for type in program.instructions.flatMap(\.types)
    where type.shape.withoutOnes.count > Int(PLUSH_MAX_RANK) {
      throw TypeError(
        "The CPU works on at most \(PLUSH_MAX_RANK) axes that are not of size one; got \(type).")
    }
    for (index, instruction) in program.instructions.enumerated() {
      try lower(index, instruction)
    }
    placeOutputs()
    placeUpdates()
    placeProducts()
    placeGates()
  }

  // MARK: Values

  private mutating func newStorage(_ byteCount: Int) -> Int {
    storages.append(Storage(place: .temporary, byteCount: byteCount))
    return storages.count - 1
  }

  private mutating func newLocation(_ type: TensorType) -> Location {
    Location(
      storage: newStorage(type.byteCount), dtype: type.dtype,
      view: StridedView(contiguous: type.shape))
  }

  private mutating func define(_ index: Int, result: Int = 0) -> Location {
    let location = newLocation(program.instructions[index].types[result])
    locations[Program.Value(index, result)] = location
    return location
  }

  private func operand(_ index: Int, _ position: Int) -> Location {
    locations[program.instructions[index].operands[position]]!
  }

  /// The operand as contiguous memory, copied if it is not.
  private mutating func contiguous(_ index: Int, _ position: Int) -> Location {
    contiguous(operand(index, position))
  }

  private mutating func contiguous(_ location: Location) -> Location {
    if location.view.isContiguous { return location }
    let copied = newLocation(TensorType(location.view.shape, location.dtype))
    appendCopy(from: location, to: copied)
    return copied
  }

  /// Copies elements, which take the type of the target.
  private mutating func appendCopy(from source: Location, to target: Location) {
    let type = TensorType(source.view.shape, source.dtype)
    var body = Program()
    let value = body.appendParameter(type)
    let converted = TensorType(type.shape, target.dtype)
    body.outputs = [
      converted == type ? value : body.append(.init(.cast(target.dtype), [value], [converted]))
    ]
    let fusion = Fusion(body: body, space: type.shape.withoutOnes)
    append(.elementwise(fusion, operands: [source], outputs: [target]))
  }

  private mutating func append(_ work: Work) {
    switch work {
    case .elementwise(_, let operands, let outputs):
      steps.append(
        Step(reads: operands.map(\.storage), writes: outputs.map(\.storage), work: work))
    case .matmul(_, let a, let b, let c, let epilogue):
      appendProduct(work, [a, b], c, epilogue)
    case .window(_, let inputs, let output, let epilogue):
      appendProduct(work, inputs, output, epilogue)
    case .axis(_, _, let input, let output), .fourier(_, _, let input, let output):
      steps.append(
        Step(
          reads: [input.storage], writes: [output.storage], readsWhole: [input.storage],
          work: work))
    case .matrices(_, _, _, _, let inputs, let outputs):
      let reads = inputs.map(\.storage)
      steps.append(
        Step(reads: reads, writes: outputs.map(\.storage), readsWhole: reads, work: work))
    case .recurrent(_, _, let arrays, _):
      let reads = arrays.inputs.compactMap { $0?.storage }
      let writes = arrays.outputs.compactMap { $0?.storage }
      steps.append(Step(reads: reads, writes: writes, readsWhole: reads, work: work))
    case .indexing(_, _, _, let input, let indices, let output):
      let reads = [input.storage, indices.storage]
      steps.append(Step(reads: reads, writes: [output.storage], readsWhole: reads, work: work))
    }
  }

  private mutating func appendProduct(
    _ work: Work, _ inputs: [Location], _ output: Location, _ epilogue: Work?
  ) {
    let reads = inputs.map(\.storage)
    var step = Step(reads: reads, writes: [output.storage], readsWhole: reads, work: work)
    if case .elementwise(_, let operands, let outputs) = epilogue {
      step.reads += operands.map(\.storage)
      step.writes += outputs.map(\.storage)
    }
    steps.append(step)
  }

  // MARK: Instructions

  private mutating func lower(_ index: Int, _ instruction: Program.Instruction) throws {
    let value = Program.Value(index)
    let type = instruction.types[0]
    switch instruction.op {
    case .parameter(let parameter, let type):
      locations[value] = Location(
        storage: parameter, dtype: type.dtype, view: StridedView(contiguous: type.shape))
    case .fill(let scalar, let type): lowerFill(value, scalar, type)
    case .reshape, .transpose, .broadcast, .slice, .reverse: lowerMovement(index, instruction.op)
    case .fused(let fusion): lowerFused(index, fusion)
    case .matmul, .convolution, .convolutionInputGradient, .convolutionFilterGradient, .pool,
      .poolGradient:
      // A product whose only reader is a fused instruction may become part of its step.
      if !isEpilogueCandidate(index), !isPooled(index) { lowerProduct(index) }
    case .concatenate: lowerConcatenate(index)
    case .pad(let low, _): lowerPad(index, low)
    case .reduce(let reduction, let axes): lowerReduce(index, reduction, axes)
    case .argReduce(let reduction, let axis): lowerAxis(index, axis, .argReduce(reduction))
    case .scan(let reduction, let axis, let exclusive, let reverse):
      lowerAxis(index, axis, .scan(reduction, exclusive: exclusive, reverse: reverse))
    case .argsort(let axis, let descending):
      lowerAxis(index, axis, .argsort(descending: descending))
    case .recurrent(let recurrence): try lowerRecurrent(index, .forward(recurrence))
    case .recurrentGradient(let gradient): try lowerRecurrent(index, .gradient(gradient))
    case .factorize(let factorization): lowerMatrices(index, .factorize(factorization))
    case .solveTriangular(let triangle): lowerMatrices(index, .solve(triangle))
    case .fft(let inverse):
      let input = contiguous(index, 0)
      let length = type.shape[type.shape.count - 2]
      append(.fourier(inverse: inverse, length: length, input, define(index)))
    case .gather, .scatterAdd, .gatherElements, .scatterAddElements:
      lowerIndexing(index, instruction.op, type)
    case .cast:
      // Products read it as it is; see `Program.fusing`.
      locations[value] = operand(index, 0)
    case .unary, .binary, .compare, .select, .iota, .randomBits:
      preconditionFailure("\(instruction.op.name) belongs into a fused instruction.")
    }
  }

  /// A constant is one number in memory, however large its shape.
  private mutating func lowerFill(_ value: Program.Value, _ scalar: Scalar, _ type: TensorType) {
    let one = TensorType([], type.dtype)
    var body = Program()
    body.outputs = [body.append(.init(.fill(scalar, one), [], [one]))]
    let target = newLocation(one)
    append(.elementwise(Fusion(body: body, space: []), operands: [], outputs: [target]))
    locations[value] = Location(
      storage: target.storage, dtype: type.dtype, view: target.view.broadcast(type.shape))
  }

  private mutating func lowerMovement(_ index: Int, _ op: Op) {
    var source = operand(index, 0)
    if let view = source.view.moved(by: op) {
      source.view = view
    } else if canLeaveToConcatenation(index) {
      return
    } else {
      source = contiguous(source)
      source.view = source.view.moved(by: op)!
    }
    locations[Program.Value(index)] = source
  }

  private mutating func lowerPad(_ index: Int, _ low: [Int]) {
    let target = define(index)
    var padding = operand(index, 1)
    padding.view = padding.view.broadcast(target.view.shape)
    appendCopy(from: padding, to: target)
    let source = operand(index, 0)
    guard source.view.shape.elementCount > 0 else { return }
    var inside = target
    inside.view = target.view.part(starts: low, shape: source.view.shape)
    appendCopy(from: source, to: inside)
  }

  private mutating func lowerAxis(_ index: Int, _ axis: Int, _ operation: AxisKernel.Operation) {
    let input = contiguous(index, 0)
    let layout = AxisLayout(input.view.shape, axis: axis)
    append(.axis(operation, layout, input, define(index)))
  }

  /// Reduces one run of adjacent axes after the other, from the last.
  private mutating func lowerReduce(_ index: Int, _ reduction: Reduction, _ axes: [Int]) {
    var input = contiguous(index, 0)
    let type = program.instructions[index].types[0]
    var pending = axes.sorted()
    while let last = pending.popLast() {
      var first = last
      while pending.last == first - 1 { first = pending.removeLast() }
      var shape = input.view.shape
      let layout = AxisLayout(shape, axes: first..<last + 1)
      shape.removeSubrange(first...last)
      let output = newLocation(TensorType(shape, type.dtype))
      append(.axis(.reduce(reduction), layout, input, output))
      input = output
    }
    locations[Program.Value(index)] = input
  }

  /// The last operand tells how many rows and columns there are.
  private mutating func lowerMatrices(_ index: Int, _ operation: MatrixOperation) {
    let instruction = program.instructions[index]
    let inputs = instruction.operands.indices.map { contiguous(index, $0) }
    let outputs = instruction.types.indices.map { define(index, result: $0) }
    let shape = inputs[inputs.count - 1].view.shape
    append(
      .matrices(
        operation, batch: shape.dropLast(2).reduce(1, *), rows: shape[shape.count - 2],
        columns: shape[shape.count - 1], inputs, outputs))
  }

  /// Half precision is computed in float32.
  private mutating func lowerRecurrent(_ index: Int, _ operation: RecurrentOperation) throws {
    let instruction = program.instructions[index]
    let recurrence = operation.recurrence
    let sizes = try recurrence.sizes(
      instruction.operands.prefix(recurrence.operands.count).map { program.type(of: $0) })
    func isHalf(_ dtype: DType) -> Bool { dtype.isFloating && dtype != sizes.computed }
    let inputs = instruction.operands.indices.map { position -> Location? in
      // The gradient knows what became of x.
      if position == 0, operation.isGradient, recurrence.recompute == nil { return nil }
      let location = operand(index, position)
      return isHalf(location.dtype)
        ? converted(location, to: sizes.computed) : contiguous(location)
    }
    let outputs = instruction.types.enumerated().map { result, type -> Location? in
      // What a gradient needs is not kept if there is none.
      if operation.mayLeaveOut(result), !isRead(Program.Value(index, result)) { return nil }
      return isHalf(type.dtype)
        ? newLocation(TensorType(type.shape, sizes.computed)) : define(index, result: result)
    }
    append(
      .recurrent(
        operation, sizes, .init(inputs: inputs, outputs: outputs),
        weights: operation.isGradient ? nil : inputs[1].flatMap(wholeInput)))
    for (result, type) in instruction.types.enumerated() where isHalf(type.dtype) {
      if let output = outputs[result] {
        appendCopy(from: output, to: define(index, result: result))
      }
    }
  }

  /// The input of the program that this is, if it is all of one as it lies in memory.
  private func wholeInput(_ location: Location) -> Int? {
    guard case .input(let index) = storages[location.storage].place, location.view.offset == 0,
      location.view.isContiguous
    else { return nil }
    return index
  }

  private func isRead(_ value: Program.Value) -> Bool {
    rootValues.contains(value)
      || (consumers[value.instruction] ?? []).contains {
        program.instructions[$0].operands.contains(value)
      }
  }

  private mutating func lowerIndexing(_ index: Int, _ op: Op, _ type: TensorType) {
    let input = contiguous(index, 0)
    let indices = contiguous(index, 1)
    let output = define(index)
    let shape = input.view.shape
    switch op {
    case .gather(let axis):
      append(
        .indexing(
          .gather, AxisLayout(shape, axis: axis), count: indices.view.shape.elementCount, input,
          indices: indices, output))
    case .scatterAdd(let axis, _, _):
      append(
        .indexing(
          .scatterAdd, AxisLayout(type.shape, axis: axis),
          count: indices.view.shape.elementCount, input, indices: indices, output))
    case .gatherElements(let axis):
      append(
        .indexing(
          .gatherElements, AxisLayout(shape, axis: axis), count: type.shape[axis], input,
          indices: indices, output))
    case .scatterAddElements(let axis, _):
      append(
        .indexing(
          .scatterAddElements, AxisLayout(type.shape, axis: axis), count: shape[axis], input,
          indices: indices, output))
    default: preconditionFailure("\(op.name) does not index.")
    }
  }

  // MARK: Fused instructions

  private mutating func lowerFused(_ index: Int, _ fusion: Fusion) {
    let operandValues = program.instructions[index].operands
    // A product without a place waited for this instruction.
    var work: Work?
    if let waiting = operandValues.first(where: { locations[$0] == nil }) {
      work = waitingProduct(waiting.instruction)
    }
    let operands = operandValues.map { rowMergeable(locations[$0]!, fusion) }
    let body = place(index, fusion, operands)
    switch work {
    case .matmul(let product, let a, let b, let c, _):
      append(.matmul(product, a: a, b: b, c: c, epilogue: body))
    case .window(let operation, let inputs, let output, _):
      append(.window(operation, inputs: inputs, output: output, epilogue: body))
    default: append(body)
    }
  }

  /// The fused instruction with its results placed: in the concatenation that reads one, too.
  private mutating func place(
    _ index: Int, _ fusion: Fusion, _ operands: [Location]
  ) -> Work {
    var fusion = fusion
    var outputs: [Location] = []
    var copies: [Location] = []
    for (result, type) in program.instructions[index].types.enumerated() {
      let value = Program.Value(index, result)
      let part = fusion.worksOnRows ? nil : joinedPart(of: value)
      let place = part.map { self.place($0) }
      if let place, isReadOnce(value) {
        locations[value] = place
      } else {
        locations[value] = newLocation(type)
        if let place {
          fusion.body.outputs.append(fusion.body.outputs[result])
          copies.append(place)
        }
      }
      outputs.append(locations[value]!)
    }
    return .elementwise(fusion, operands: operands, outputs: outputs + copies)
  }

  /// In a fusion that works on rows of several axes, these must follow each other in memory.
  private mutating func rowMergeable(_ location: Location, _ fusion: Fusion) -> Location {
    guard fusion.worksOnRows, let columns = fusion.columnAxes, columns > 1,
      location.view.shape.withoutOnes == fusion.space
    else { return location }
    let view = location.view.squeezed
    let axes = view.shape.indices.suffix(columns)
    let follows = axes.dropLast().allSatisfy {
      view.strides[$0] == view.strides[$0 + 1] * view.shape[$0 + 1]
    }
    return follows ? location : contiguous(location)
  }

  // MARK: Concatenations

  /// An operand of a concatenation.
  private struct JoinedPart: Hashable {
    var concatenation: Int
    var position: Int
  }

  /// The first place where a concatenation reads a value.
  private func joinedPart(of value: Program.Value) -> JoinedPart? {
    for reader in consumers[value.instruction] ?? [] {
      if case .concatenate = program.instructions[reader].op,
        let position = program.instructions[reader].operands.firstIndex(of: value)
      {
        return JoinedPart(concatenation: reader, position: position)
      }
    }
    return nil
  }

  private func isReadOnce(_ value: Program.Value) -> Bool {
    let readers = Set(consumers[value.instruction] ?? [])
    let uses = readers.reduce(0) { sum, reader in
      sum + program.instructions[reader].operands.count { $0 == value }
    }
    return uses == 1 && !rootValues.contains(value)
  }

  /// Where in the result a part lies.
  private func view(_ part: JoinedPart) -> StridedView {
    let instruction = program.instructions[part.concatenation]
    guard case .concatenate(let axis) = instruction.op else {
      preconditionFailure("Only concatenations have parts.")
    }
    let sizes = instruction.operands.map { program.type(of: $0).shape[axis] }
    return StridedView(contiguous: instruction.types[0].shape).part(
      axis: axis, start: sizes[..<part.position].reduce(0, +), size: sizes[part.position])
  }

  /// The memory of a part that is about to be made.
  private mutating func place(_ part: JoinedPart) -> Location {
    placedParts.insert(part)
    return location(part)
  }

  private mutating func location(_ part: JoinedPart) -> Location {
    var location = joined[part.concatenation] ?? define(part.concatenation)
    joined[part.concatenation] = location
    location.view = view(part)
    return location
  }

  /// Whether a reshaped array that is no view of another can stay as it is until the concatenation
  /// that alone reads it copies it.
  private func canLeaveToConcatenation(_ index: Int) -> Bool {
    let value = Program.Value(index)
    guard isReadOnce(value), let part = joinedPart(of: value) else { return false }
    let source = program.type(of: program.instructions[index].operands[0]).shape
    return view(part).moved(by: .reshape(source)) != nil
  }

  private mutating func lowerConcatenate(_ index: Int) {
    let instruction = program.instructions[index]
    for (position, operand) in instruction.operands.enumerated() {
      let part = JoinedPart(concatenation: index, position: position)
      var target = location(part)
      if placedParts.contains(part) || target.view.shape.elementCount == 0 { continue }
      if let source = locations[operand] {
        appendCopy(from: source, to: target)
      } else {
        // Reshaped in its place.
        let source = self.operand(operand.instruction, 0)
        target.view = target.view.moved(by: .reshape(source.view.shape))!
        appendCopy(from: source, to: target)
      }
    }
  }

  // MARK: Products

  /// Whether the product at `index` is made block by block within the fused instruction that reads
  /// it: nothing else may want it, and blocks must be blocks of the fusion's space.
  private func isEpilogueCandidate(_ index: Int) -> Bool {
    let value = Program.Value(index)
    guard let readers = consumers[index], readers.count == 1, !rootValues.contains(value),
      case .fused(let fusion) = program.instructions[readers[0]].op
    else { return false }
    let shape = program.instructions[index].types[0].shape
    let products = program.instructions[readers[0]].operands.filter { operand in
      program.instructions[operand.instruction].op.isProduct && locations[operand] == nil
        && operand != value && operand.instruction < index
    }
    guard program.instructions[index].op.isProduct, !isHalfWindow(index) else { return false }
    return !fusion.worksOnRows && fusion.space == shape.withoutOnes && shape.last! > 1
      && fusion.computesInFloat32 && products.isEmpty
  }

  /// The product without what follows it, its result placed.
  private mutating func product(_ index: Int) -> Work {
    guard case .matmul(let transposeA, let transposeB) = program.instructions[index].op else {
      return windowProduct(index)
    }
    let (product, a, b) = matmulOperands(index, transposeA, transposeB)
    return .matmul(product, a: a, b: b, c: define(index), epilogue: nil)
  }

  /// The same for the fused instruction that follows, which gets the sums of bfloat16 as they are.
  private mutating func waitingProduct(_ index: Int) -> Work {
    var type = program.instructions[index].types[0]
    guard type.dtype == .bfloat16,
      case .matmul(let transposeA, let transposeB) = program.instructions[index].op
    else { return product(index) }
    type.dtype = .float32
    let (product, a, b) = matmulOperands(index, transposeA, transposeB)
    let sums = newLocation(type)
    locations[Program.Value(index)] = sums
    return .matmul(product, a: a, b: b, c: sums, epilogue: nil)
  }

  /// Windows know no half precision.
  private func isHalfWindow(_ index: Int) -> Bool {
    let instruction = program.instructions[index]
    if case .matmul = instruction.op { return false }
    return instruction.types[0].dtype != .float32 && instruction.types[0].dtype != .float64
  }

  private mutating func windowProduct(_ index: Int) -> Work {
    let source = pooledConvolution(index) ?? index
    let inputs = program.instructions[source].operands.indices.map { contiguous(source, $0) }
    return windowWork(source, inputs, define(index), pools: source != index)
  }

  private func windowWork(
    _ index: Int, _ inputs: [Location], _ output: Location, pools: Bool = false
  ) -> Work {
    var operation = windowOperation(index)
    if case .convolve(var convolution) = operation {
      convolution.pools = pools
      operation = .convolve(convolution)
    }
    return .window(operation, inputs: inputs, output: output, epilogue: nil)
  }

  private func windowOperation(_ index: Int) -> WindowKernel.Operation {
    let instruction = program.instructions[index]
    let shapes = instruction.operands.map { program.type(of: $0).shape }
    return instruction.op.windowOperation(shapes, instruction.types[0].shape)
  }

  /// Whether the product at `index` is a convolution that the pooling after it takes over.
  private func isPooled(_ index: Int) -> Bool {
    guard let reader = consumers[index]?.first else { return false }
    return pooledConvolution(reader) == index
  }

  /// The convolution whose kernel takes the maxima that the pooling at `index` asks for, before its
  /// results reach memory; nobody else may want those.
  private func pooledConvolution(_ index: Int) -> Int? {
    let instruction = program.instructions[index]
    guard case .pool(let pooling) = instruction.op, pooling.isMaximumOfSquares,
      instruction.types[0].dtype == .float32
    else { return nil }
    let source = instruction.operands[0]
    guard consumers[source.instruction] == [index], !rootValues.contains(source),
      case .convolution = program.instructions[source.instruction].op,
      windowOperation(source.instruction).canPool
    else { return nil }
    return source.instruction
  }

  private mutating func lowerProduct(_ index: Int) {
    let instruction = program.instructions[index]
    let type = instruction.types[0]
    if !isHalfWindow(index) { return append(product(index)) }
    let inputs = instruction.operands.indices.map { converted(operand(index, $0), to: .float32) }
    let result = newLocation(TensorType(type.shape, .float32))
    append(windowWork(index, inputs, result))
    appendCopy(from: result, to: define(index))
  }

  private mutating func converted(_ location: Location, to dtype: DType) -> Location {
    let copied = newLocation(TensorType(location.view.shape, dtype))
    appendCopy(from: location, to: copied)
    return copied
  }

  private mutating func matmulOperands(
    _ index: Int, _ transposeA: Bool, _ transposeB: Bool
  ) -> (Product, Location, Location) {
    let a = matrices(index, 0)
    let b = matrices(index, 1)
    let shape = program.instructions[index].types[0].shape
    let rank = shape.count
    var gemm = PlushGemm()
    gemm.batch = shape.dropLast(2).reduce(1, *)
    (gemm.m, gemm.n) = (shape[rank - 2], shape[rank - 1])
    gemm.k = a.view.shape[transposeA ? rank - 2 : rank - 1]
    (gemm.a_row, gemm.a_column) = a.matrixStrides(transposed: transposeA)
    (gemm.b_row, gemm.b_column) = b.matrixStrides(transposed: transposeB)
    gemm.a_batch = a.batchStride!
    gemm.b_batch = b.batchStride!
    gemm.c_batch = gemm.m * gemm.n
    gemm.c_row = gemm.n
    return (Product(dtype: program.instructions[index].types[0].dtype, gemm: gemm), a, b)
  }

  /// The operand as matrices that the kernel can read in place, or a copy.
  private mutating func matrices(_ index: Int, _ position: Int) -> Location {
    let location = operand(index, position)
    return location.hasUnitMatrixStride && location.batchStride != nil
      ? location : contiguous(location)
  }

  /// Lets a product be made where the result of what follows it belongs: each block is read before it
  /// is written.
  private mutating func placeProducts() {
    for step in steps {
      guard let (product, results) = step.work.productAndResults,
        storages[product.storage].place == .temporary
      else { continue }
      let result = results.first { result in
        guard result.dtype == product.dtype, result.view.squeezed == product.view.squeezed,
          storages[result.storage].byteCount == storages[product.storage].byteCount
        else { return false }
        switch storages[result.storage].place {
        case .temporary, .output: return true
        case .input, .alias: return false
        }
      }
      if let result { storages[product.storage].place = .alias(result.storage) }
    }
  }

  /// Lets a recurrent layer's gates lie where what entered them did, and the gradient at that where the
  /// gates do: numbers in the same place follow from one another, and who asks for them in one place
  /// waits for them once.
  private mutating func placeGates() {
    for (position, step) in steps.enumerated() {
      guard let (before, after) = step.work.gates, storages[after.storage].place == .temporary,
        before.view.isContiguous, after.view.isContiguous,
        storages[before.storage].byteCount == storages[after.storage].byteCount,
        !steps[(position + 1)...].contains(where: { $0.reads.contains(before.storage) })
      else { continue }
      let root = storages.root(of: before.storage)
      if storages[root].place == .temporary { storages[after.storage].place = .alias(root) }
    }
  }

  // MARK: Outputs and updates

  /// Gives each output its memory: that of the value, if it has any of its own, else a copy.
  private mutating func placeOutputs() {
    for (index, value) in program.outputs.enumerated() {
      let location = locations[value]!
      if storages[location.storage].place == .temporary, location.view.isContiguous,
        storages[location.storage].byteCount == program.type(of: value).byteCount
      {
        storages[location.storage].place = .output(index)
        continue
      }
      let type = program.type(of: value)
      storages.append(Storage(place: .output(index), byteCount: type.byteCount))
      let target = Location(
        storage: storages.count - 1, dtype: type.dtype, view: StridedView(contiguous: type.shape))
      appendCopy(from: location, to: target)
    }
  }

  /// Lets steps write new contents of inputs where the old ones are, as far as that is safe.
  private mutating func placeUpdates() {
    var sources = program.updates.map { locations[$0.value]! }
    for (position, source) in sources.enumerated() {
      // A value that is an input itself is saved before an update can overwrite it.
      guard case .input = storages[source.storage].place else { continue }
      let saved = newLocation(TensorType(source.view.shape, source.dtype))
      appendCopy(from: source, to: saved)
      sources[position] = saved
    }
    deferUpdateSteps(sources)
    var copies: [(from: Location, to: Location)] = []
    for (update, source) in zip(program.updates, sources) {
      if isInPlace(update, source) {
        storages[source.storage].place = .alias(update.parameter)
      } else {
        let type = program.parameters[update.parameter]
        let view = StridedView(contiguous: type.shape)
        copies.append((source, Location(storage: update.parameter, dtype: type.dtype, view: view)))
      }
    }
    for copy in copies { appendCopy(from: copy.from, to: copy.to) }
  }

  /// Steps that make only new contents of inputs wait until nobody reads the old ones, no longer:
  /// what they read can be forgotten then. `sources` are the new contents, in the order of updates.
  private mutating func deferUpdateSteps(_ sources: [Location]) {
    var targets: [Int: [Int]] = [:]
    for (update, source) in zip(program.updates, sources) {
      targets[source.storage, default: []].append(update.parameter)
    }
    var readers: [Int: Int] = [:]
    for storage in steps.flatMap({ Set($0.reads) }) { readers[storage, default: 0] += 1 }
    var ordered: [Step] = []
    var waiting: [Step] = []
    func run(_ step: Step) {
      for storage in Set(step.reads) { readers[storage]! -= 1 }
      ordered.append(step)
    }
    /// Whether no step that is still to run reads what this one will overwrite; steps that write to
    /// the same memory, such as padding and what it surrounds, keep their order.
    func isFree(_ index: Int) -> Bool {
      let step = waiting[index]
      return waiting[..<index].allSatisfy { Set($0.writes).isDisjoint(with: step.writes) }
        && step.writes.flatMap { targets[$0] ?? [] }.allSatisfy { target in
          (readers[target] ?? 0) == (step.reads.contains(target) ? 1 : 0)
        }
    }
    let read = Set(steps.flatMap(\.reads))
    for step in steps {
      let isLast = step.writes.allSatisfy { !read.contains($0) || step.reads.contains($0) }
      if isLast, step.writes.contains(where: { targets[$0] != nil }) {
        waiting.append(step)
      } else {
        run(step)
      }
      while let free = waiting.indices.first(where: isFree) { run(waiting.remove(at: free)) }
    }
    steps = ordered + waiting
  }

  /// Whether the step that makes the value may write it over the input: no later step reads the
  /// input, and this one reads it, if at all, element by element where it writes.
  private func isInPlace(_ update: Program.Update, _ location: Location) -> Bool {
    guard storages[location.storage].place == .temporary, location.view.isContiguous,
      storages[location.storage].byteCount == program.parameters[update.parameter].byteCount,
      let maker = steps.firstIndex(where: { $0.writes.contains(location.storage) })
    else { return false }
    if steps[(maker + 1)...].contains(where: { $0.reads.contains(update.parameter) }) {
      return false
    }
    let step = steps[maker]
    guard step.reads.contains(update.parameter) else { return true }
    guard !step.readsWhole.contains(update.parameter) else { return false }
    return step.elementwiseReads(of: update.parameter).allSatisfy {
      $0.dtype == location.dtype && $0.view.squeezed == location.view.squeezed
    }
  }
}

extension CPUCompiler.Work {
  /// The array of a product, and the results of what follows it block by block.
  fileprivate var productAndResults: (CPUCompiler.Location, [CPUCompiler.Location])? {
    switch self {
    case .matmul(_, _, _, let product, .elementwise(_, _, let results)?),
      .window(_, _, let product, .elementwise(_, _, let results)?):
      (product, results)
    default: nil
    }
  }
}

extension CPUCompiler.Work {
  /// What enters the gates of a recurrent sequence and what they keep, or that and the gradient at what
  /// entered, if each takes up as much memory.
  fileprivate var gates: (before: CPUCompiler.Location, after: CPUCompiler.Location)? {
    guard case .recurrent(let operation, _, let arrays, _) = self, let kept = operation.keptNumbers
    else { return nil }
    let pair =
      operation.isGradient
      ? (arrays.inputs[kept], arrays.outputs[0]) : (arrays.inputs[0], arrays.outputs[kept])
    guard let before = pair.0, let after = pair.1 else { return nil }
    return (before, after)
  }
}

extension [CPUCompiler.Storage] {
  /// The storage whose memory another shares.
  func root(of storage: Int) -> Int {
    if case .alias(let other) = self[storage].place { root(of: other) } else { storage }
  }
}

extension CPUCompiler.Step {
  /// The views through which the step's elementwise program reads a storage.
  fileprivate func elementwiseReads(of storage: Int) -> [CPUCompiler.Location] {
    switch work {
    case .elementwise(_, let operands, _), .matmul(_, _, _, _, .elementwise(_, let operands, _)),
      .window(_, _, _, .elementwise(_, let operands, _)):
      operands.filter { $0.storage == storage }
    default: []
    }
  }
}

extension CPUCompiler.Location {
  /// Steps from row to row and from column to column of the matrices in the last two axes.
  fileprivate func matrixStrides(transposed: Bool) -> (row: Int, column: Int) {
    let rank = view.shape.count
    var (row, column) = (view.strides[rank - 2], view.strides[rank - 1])
    let (rows, columns) = (view.shape[rank - 2], view.shape[rank - 1])
    // Along an axis of size one no step is taken: let it not hide that the other one is dense.
    if row != 1, column != 1 {
      if columns == 1 { column = 1 } else if rows == 1 { row = 1 }
    }
    return transposed ? (column, row) : (row, column)
  }

  fileprivate var hasUnitMatrixStride: Bool {
    let strides = matrixStrides(transposed: false)
    return (strides.row == 1 || strides.column == 1) && strides.row >= 0 && strides.column >= 0
  }

  /// The step from matrix to matrix if it is the same for all of the batch.
  fileprivate var batchStride: Int? {
    let axes = view.shape.indices.dropLast(2).filter { view.shape[$0] != 1 }
    guard let last = axes.last else { return 0 }
    for (outer, inner) in zip(axes, axes.dropFirst()) {
      guard view.strides[outer] == view.strides[inner] * view.shape[inner] else { return nil }
    }
    return view.strides[last]
  }
}

extension Op {
  /// Whether a fused instruction can follow block by block.
  fileprivate var isProduct: Bool {
    switch self {
    case .matmul, .convolution, .convolutionInputGradient, .pool, .poolGradient: true
    default: false
    }
  }
}

extension Fusion {
  /// Whether all values are floats of 32 bits in registers, or conditions: what epilogues are made
  /// for.
  fileprivate var computesInFloat32: Bool {
    body.instructions.allSatisfy {
      [.float32, .bfloat16, .bool, .int32, .int64].contains($0.types[0].dtype)
    }
  }
}
