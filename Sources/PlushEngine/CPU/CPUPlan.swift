import PlushKernels

/// Steps bound to kernels and memory.
///
/// The plan itself never changes; what a run changes (the arena and the table of addresses) is taken
/// from a list and put back, so several tasks can run one plan at once and a lone one never
/// allocates.
final class CPUPlan: Plan, CustomStringConvertible, @unchecked Sendable {
  /// Memory of one run.
  private final class Workspace {
    let arena: Buffer
    let slots: UnsafeMutablePointer<UnsafeMutableRawPointer?>

    init(slotCount: Int, arenaSize: Int, temporaries: [(slot: Int, offset: Int)]) {
      arena = Buffer(byteCount: arenaSize)
      slots = .allocate(capacity: max(slotCount, 1))
      slots.initialize(repeating: nil, count: max(slotCount, 1))
      for temporary in temporaries {
        slots[temporary.slot] = arena.pointer + temporary.offset
      }
    }

    deinit { slots.deallocate() }
  }

  private let kernels: ContiguousArray<Kernel>
  /// The same kernels, to run them without counting references.
  private let borrowed: ContiguousArray<Unmanaged<Kernel>>
  private let inputSlots: [Int]
  /// Inputs whose contents a run changes.
  private let updatedInputs: [Int]
  private let outputSlots: [Int]
  private let slotCount: Int
  private let layout: ArenaLayout
  private let lock = Lock()
  private var idle: [Workspace] = []
  private let name: String

  init(_ program: Program) throws {
    let optimized = program.optimized()
    if Debug.shows("program") { Debug.print("program", optimized.description) }
    var compiler = CPUCompiler(optimized)
    try compiler.compile()
    layout = ArenaLayout(compiler.storages, compiler.steps)
    let slots = layout.slots
    kernels = ContiguousArray(compiler.steps.map { $0.kernel(slots) })
    borrowed = ContiguousArray(kernels.map { .passUnretained($0) })
    inputSlots = program.parameters.indices.map { slots[$0] }
    updatedInputs = program.updates.map(\.parameter)
    var outputSlots = [Int](repeating: -1, count: program.outputs.count)
    for (index, storage) in compiler.storages.enumerated() {
      if case .output(let output) = storage.place { outputSlots[output] = slots[index] }
    }
    self.outputSlots = outputSlots
    slotCount = compiler.storages.count
    name = "\(kernels.count) kernels, arena of \(layout.size) bytes"
    if Debug.shows("plan") { Debug.print("plan", description) }
    idle.reserveCapacity(8)
    idle.append(makeWorkspace())
  }

  var description: String {
    ([name] + kernels.map { "  \($0.summary)" }).joined(separator: "\n")
  }

  private func makeWorkspace() -> Workspace {
    Workspace(
      slotCount: slotCount + inputSlots.count, arenaSize: layout.size,
      temporaries: layout.temporaries)
  }

  func run(inputs: [Buffer], outputs: [Buffer]) throws {
    let workspace = lock.withLock { idle.popLast() } ?? makeWorkspace()
    defer { lock.withLock { idle.append(workspace) } }
    let slots = workspace.slots
    for index in 0..<inputSlots.count {
      slots[inputSlots[index]] = inputs[index].pointer
      slots[slotCount + index] = UnsafeMutableRawPointer(bitPattern: inputs[index].stamp)
    }
    defer { Buffer.renewStamps(of: inputs, updatedInputs, and: outputs) }
    for index in 0..<outputSlots.count { slots[outputSlots[index]] = outputs[index].pointer }
    let mode = plush_flush_subnormals()
    defer { plush_set_float_mode(mode) }
    if Debug.shows("time") { return try runTimed(slots) }
    for kernel in borrowed {
      if let error = kernel._withUnsafeGuaranteedRef({ $0.run(slots) }) { throw error }
    }
  }

  private func runTimed(_ slots: Slots) throws {
    var lines: [String] = []
    let clock = ContinuousClock()
    for kernel in kernels {
      let start = clock.now
      if let error = kernel.run(slots) { throw error }
      let elapsed = (clock.now - start).components.attoseconds / 1_000_000_000
      lines.append("  \(String(elapsed).leftPadded(to: 12)) ns  \(kernel.summary)")
    }
    Debug.print("time", ([name] + lines).joined(separator: "\n"))
  }
}

/// Where each storage lies: which slot holds its address, and its place in the arena.
struct ArenaLayout {
  /// Slot of each storage.
  private(set) var slots: [Int]
  /// Bytes of the arena.
  private(set) var size = 0
  /// Offsets of the storages that lie in the arena.
  private(set) var temporaries: [(slot: Int, offset: Int)] = []

  /// Storages that are alive at the same time get disjoint places, large ones first.
  init(_ storages: [CPUCompiler.Storage], _ steps: [CPUCompiler.Step]) {
    slots = storages.indices.map(storages.root)
    var lives: [Int: ClosedRange<Int>] = [:]
    for (step, touched) in steps.enumerated() {
      for storage in (touched.reads + touched.writes).map(storages.root)
      where storages[storage].place == .temporary {
        lives[storage] = (lives[storage]?.lowerBound ?? step)...step
      }
    }
    var placed: [(life: ClosedRange<Int>, bytes: Range<Int>)] = []
    let order = lives.keys.sorted {
      (storages[$1].byteCount, $0) < (storages[$0].byteCount, $1)
    }
    for storage in order {
      let life = lives[storage]!
      // Lines of the cache apart, and not at the same place of every page.
      let length = (storages[storage].byteCount + 127) / 64 * 64
      var offset = 0
      for other in placed where other.life.overlaps(life) {
        if offset + length <= other.bytes.lowerBound { break }
        offset = max(offset, other.bytes.upperBound)
      }
      let position = placed.firstIndex { $0.bytes.lowerBound > offset } ?? placed.count
      placed.insert((life, offset..<offset + length), at: position)
      temporaries.append((slots[storage], offset))
      size = max(size, offset + length)
    }
  }
}

extension CPUCompiler.Step {
  /// The kernel of the step, its memory in these slots.
  func kernel(_ slots: [Int]) -> Kernel { work.kernel(slots) }
}

extension CPUCompiler.Work {
  func kernel(_ slots: [Int]) -> Kernel {
    func array(_ location: CPUCompiler.Location) -> ArrayOperand {
      ArrayOperand(
        slot: slots[location.storage],
        byteOffset: location.view.offset * location.dtype.byteCount)
    }
    switch self {
    case .elementwise(let fusion, let operands, let outputs):
      let kernel = Self.elementwiseKernel(fusion, operands, outputs, slots)
      kernel.prepare(isBlock: false)
      return kernel
    case .matmul(let product, let a, let b, let c, let epilogue):
      var kernel: ElementwiseKernel?
      if case .elementwise(let fusion, let operands, let outputs) = epilogue {
        kernel = Self.elementwiseKernel(fusion, operands, outputs, slots)
      }
      let types = PlushGemmTypes(
        a: a.dtype.kernelType, b: b.dtype.kernelType, c: c.dtype.kernelType)
      return MatmulKernel(
        product.dtype, types, product.gemm, a: array(a), b: array(b), c: array(c),
        epilogue: kernel)
    case .window(let operation, let inputs, let output, let epilogue):
      var kernel: ElementwiseKernel?
      if case .elementwise(let fusion, let operands, let outputs) = epilogue {
        kernel = Self.elementwiseKernel(fusion, operands, outputs, slots)
      }
      return WindowKernel(
        operation, output.dtype, inputs: inputs.map(array), output: array(output),
        epilogue: kernel)
    case .axis(let operation, let layout, let input, let output):
      return AxisKernel(
        operation, input.dtype, layout, input: array(input), output: array(output))
    case .matrices(let operation, let batch, let rows, let columns, let inputs, let outputs):
      return MatricesKernel(
        operation, inputs[0].dtype, batch: batch, rows: rows, columns: columns,
        inputs: inputs.map(array), outputs: outputs.map(array))
    case .fourier(let inverse, let length, let input, let output):
      let count = input.view.shape.dropLast(2).reduce(1, *)
      return FourierKernel(
        inverse: inverse, input.dtype, count: count, length: length, input: array(input),
        output: array(output))
    case .recurrent(let operation, let sizes, let arrays, let weights):
      return RecurrentKernel(
        operation, sizes,
        .init(
          inputs: arrays.inputs.map { $0.map(array) },
          outputs: arrays.outputs.map { $0.map(array) }),
        stamp: weights.map { slots.count + $0 })
    case .indexing(let operation, let layout, let count, let input, let indices, let output):
      return IndexingKernel(
        operation, input.dtype, layout, count: count, input: array(input),
        indices: array(indices), output: array(output))
    }
  }

  private static func elementwiseKernel(
    _ fusion: Fusion, _ operands: [CPUCompiler.Location], _ outputs: [CPUCompiler.Location],
    _ slots: [Int]
  ) -> ElementwiseKernel {
    func operand(_ location: CPUCompiler.Location) -> ElementwiseOperand {
      ElementwiseOperand(
        slot: slots[location.storage], dtype: location.dtype, view: location.view)
    }
    var lowering = ElementwiseLowering(fusion, operands: operands.map(operand))
    return lowering.lowered(into: outputs.map(operand))
  }
}
