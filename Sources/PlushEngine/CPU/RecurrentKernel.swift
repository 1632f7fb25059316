import PlushKernels

/// A recurrent sequence, or the gradient of one.
final class RecurrentKernel: Kernel, @unchecked Sendable {
  /// The arrays, in the order of the operation's operands and results.
  struct Arrays<Array> {
    /// What is not read is nil.
    var inputs: [Array?]
    /// What nobody reads may be nil.
    var outputs: [Array?]
  }

  private let operation: RecurrentOperation
  private let sizes: Recurrence.Sizes
  private let shape: PlushRecurrence
  private let arrays: Arrays<ArrayOperand>
  private let packed: PackedWeights?

  /// `stamp` is where the stamp of u stands, if u is an input of the plan.
  init(
    _ operation: RecurrentOperation, _ sizes: Recurrence.Sizes, _ arrays: Arrays<ArrayOperand>,
    stamp: Int?
  ) {
    self.operation = operation
    self.sizes = sizes
    self.arrays = arrays
    let recurrence = operation.recurrence
    packed = recurrence.recompute == nil ? stamp.map(PackedWeights.init) : nil
    shape = PlushRecurrence(
      kind: PlushRecurrentKind(UInt32(recurrence.kind.rawValue)),
      activation: PlushGateFunction(UInt32(recurrence.activation.rawValue)),
      gate_activation: PlushGateFunction(UInt32(recurrence.gateActivation.rawValue)),
      steps: sizes.steps, batch: sizes.batch, units: sizes.units,
      bfloat16: sizes.dtype == .bfloat16)
  }

  private var type: PlushType { sizes.computed.kernelType }

  override var summary: String {
    "\(operation.name) \(sizes.dtype) \(shape.steps)×\(shape.batch), \(shape.units) units"
  }

  override func run(_ slots: Slots) -> ExecutionError? {
    let recurrence = operation.recurrence
    let places = recurrence.operands
    func input(_ place: Int?) -> UnsafeMutableRawPointer? {
      place.flatMap { arrays.inputs[$0]?.pointer(slots) }
    }
    func output(_ place: Int?) -> UnsafeMutableRawPointer? {
      place.flatMap { arrays.outputs[$0]?.pointer(slots) }
    }
    let isLSTM = recurrence.kind == .lstm
    var forward = PlushRecurrentArrays()
    forward.x = UnsafeRawPointer(input(0))
    forward.u = UnsafeRawPointer(input(1))
    forward.h0 = UnsafeRawPointer(input(2))
    forward.c0 = UnsafeRawPointer(input(places.c0))
    forward.bias = UnsafeRawPointer(input(places.bias))
    forward.mask = UnsafePointer(input(places.mask)?.assumingMemoryBound(to: UInt8.self))
    let chunks = recurrence.recompute.map { chunk in
      PlushRecurrentInputs(
        input: UnsafeRawPointer(input(0)), w: UnsafeRawPointer(input(places.inputWeights)),
        bias: UnsafeRawPointer(input(places.inputBias)), features: sizes.features, chunk: chunk)
    }
    switch operation {
    case .forward:
      forward.h = output(0)
      forward.c = output(isLSTM ? 1 : nil)
      forward.saved = output(operation.keptNumbers)
      let weights = packed?.weights(slots, type, shape, forward.u)
      forward.packed = weights.map { UnsafeRawPointer($0.buffer.pointer) }
      forward.turn = weights?.turn ?? 0
      withExtendedLifetime(weights) { run(forward, chunks) }
    case .gradient(let gradient):
      let results = places.count + (isLSTM ? 1 : 0) + (recurrence.keepsNumbers ? 1 : 0) + 1
      forward.h = input(places.count)
      forward.c = input(isLSTM ? places.count + 1 : nil)
      forward.saved = input(operation.keptNumbers)
      var backward = PlushRecurrentGradients()
      backward.dh = UnsafeRawPointer(input(results))
      backward.dc = UnsafeRawPointer(
        input(gradient.hasCellGradient && isLSTM ? results + 1 : nil))
      backward.dx = output(0)
      backward.dh0 = output(1)
      backward.dc0 = output(isLSTM ? 2 : nil)
      backward.du = output(recurrence.kind == .gru ? 2 : nil)
      run(forward, backward, chunks)
    }
    return nil
  }

  private func run(_ arrays: PlushRecurrentArrays, _ chunks: PlushRecurrentInputs?) {
    var (shape, arrays) = (shape, arrays)
    guard var chunks else { return plush_recurrent(type, &shape, &arrays) }
    plush_recurrent_chunks(type, &shape, &chunks, &arrays)
  }

  private func run(
    _ arrays: PlushRecurrentArrays, _ gradients: PlushRecurrentGradients,
    _ chunks: PlushRecurrentInputs?
  ) {
    var (shape, arrays, gradients) = (shape, arrays, gradients)
    guard var chunks else {
      return plush_recurrent_gradient(type, &shape, &arrays, &gradients)
    }
    plush_recurrent_chunks_gradient(type, &shape, &chunks, &arrays, &gradients)
  }
}

/// Weights of the state in the order in which steps read them, kept while the weights stay the same:
/// packing them costs as much as many steps of a few rows.
private final class PackedWeights: @unchecked Sendable {
  private let stampSlot: Int
  private let lock = Lock()
  private var stamp: Int?
  private var buffer: Buffer?
  private var turn = 0

  init(stampSlot: Int) { self.stampSlot = stampSlot }

  /// The weights packed, and how often they were read; nil if steps pack them on the way and this is
  /// the first time, as they may never come again. Few steps do not, and would add up in another order:
  /// the first run and the next must give the same bits.
  func weights(
    _ slots: Slots, _ type: PlushType, _ shape: PlushRecurrence, _ u: UnsafeRawPointer?
  ) -> (buffer: Buffer, turn: Int)? {
    lock.withLock {
      let now = Int(bitPattern: slots[stampSlot])
      var shape = shape
      if stamp != now {
        (stamp, buffer) = (now, nil)
        if plush_recurrent_packs(&shape) { return nil }
      }
      turn += 1
      if let buffer { return (buffer, turn) }
      let new = Buffer(byteCount: plush_recurrent_packed_size(type, &shape))
      plush_recurrent_pack(type, &shape, u, new.pointer)
      buffer = new
      return (new, turn)
    }
  }
}

/// Which way through a sequence.
enum RecurrentOperation {
  case forward(Recurrence)
  case gradient(RecurrenceGradient)

  var recurrence: Recurrence {
    switch self {
    case .forward(let recurrence): recurrence
    case .gradient(let gradient): gradient.recurrence
    }
  }

  /// Which of the results holds the numbers for the gradient, or which of the gradient's operands; nil
  /// if nothing is kept.
  var keptNumbers: Int? {
    guard recurrence.keepsNumbers else { return nil }
    let result = recurrence.kind == .lstm ? 2 : 1
    return isGradient ? recurrence.operands.count + result : result
  }

  /// Whether a result is made for nobody but those who read it: numbers for a gradient, and gradients
  /// at the first states.
  func mayLeaveOut(_ result: Int) -> Bool {
    isGradient ? result == 1 || (result == 2 && recurrence.kind == .lstm) : result == keptNumbers
  }

  var isGradient: Bool {
    if case .gradient = self { true } else { false }
  }

  var name: String {
    switch self {
    case .forward(let recurrence): "\(recurrence.kind)"
    case .gradient(let gradient): "\(gradient.recurrence.kind)Gradient"
    }
  }
}
