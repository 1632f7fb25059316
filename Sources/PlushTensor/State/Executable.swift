import PlushEngine

/// A function of tensors, traced for some types and planned: running it allocates nothing.
public final class Executable: @unchecked Sendable {
  /// Types of the arguments.
  public let inputTypes: [TensorType]
  /// Types of the results.
  public let outputTypes: [TensorType]
  /// What was traced.
  public let program: Program

  private let device: any Device
  private let deviceName: String
  private let plan: any Plan
  private let tables: Tables?
  private let slots: [Slot]
  /// The locks of all variables, in an order that all executables agree on.
  private let locks: [Lock]
  private let keyIndex: Int?
  /// Stands where a run puts a buffer.
  private let unbound = Buffer(byteCount: 0)
  private let template: [Buffer]
  private let framesLock = Lock()
  private var frames: [Frame] = []

  /// A variable and the program's input that it is.
  private struct Slot {
    var variable: Variable
    var index: Int
    var isUpdated: Bool
  }

  /// The inputs of one run at a time.
  private final class Frame {
    var inputs: [Buffer]
    init(_ inputs: [Buffer]) { self.inputs = inputs }
  }

  init(_ types: [TensorType], _ body: ([Tensor]) throws -> [Tensor]) throws {
    let (trace, arguments, results) = try Trace.record(types, body)
    let entries = trace.entries
    let bound = arguments + entries.map(\.placeholder) + (trace.key.map { [$0] } ?? [])
    let lowering = Graph.lock.withLock {
      Lowering(bound: bound.map(\.node), results: results.map(\.node), trace, types.count)
    }
    device = defaultDevice
    deviceName = device.name
    program = lowering.program
    inputTypes = types
    outputTypes = results.map(\.type)
    slots = entries.enumerated().map { index, entry in
      Slot(
        variable: entry.variable, index: types.count + index, isUpdated: entry.assigned != nil)
    }
    locks = entries.map(\.variable).sorted { ObjectIdentifier($0) < ObjectIdentifier($1) }
      .map(\.lock)
    keyIndex = trace.key.map { _ in types.count + entries.count }
    // Arguments and the key are new in each run.
    var steady = Set(types.count..<program.parameters.count)
    if let keyIndex { steady.remove(keyIndex) }
    let split = program.tabulated(steady: steady)
    plan = try device.compile(split?.rest ?? program)
    tables = try split.map { [device] in try Tables($0.tables, on: device) }
    template =
      [Buffer](repeating: unbound, count: bound.count) + lowering.captured
      + (tables?.places(unbound) ?? [])
  }

  /// Whether it is for this device and arguments of these types.
  func serves(_ device: any Device, _ arguments: [Tensor]) -> Bool {
    arguments.count == inputTypes.count && device.name == deviceName
      && arguments.indices.allSatisfy { arguments[$0].type == inputTypes[$0] }
  }

  /// Runs the function: variables that it assigns change in place.
  ///
  /// - Parameters:
  ///   - arguments: tensors of `inputTypes`; those that have no value yet are computed.
  ///   - outputs: a buffer for each result, which nobody else uses.
  ///   - key: seed and counter that decide the random numbers; nil takes the next of the process.
  /// - Throws: `ExecutionError` if the values cannot be worked with; assigned variables may then
  ///   hold old or new values.
  public func run(
    _ arguments: [Tensor], into outputs: [Buffer], key: (seed: Int, counter: Int)? = nil
  ) throws {
    precondition(arguments.count == inputTypes.count && outputs.count == outputTypes.count)
    let frame = takeFrame()
    if let keyIndex { writeKey(key, frame.inputs[keyIndex]) }
    for lock in locks { lock.lock() }
    defer { for lock in locks { lock.unlock() } }
    try borrow(arguments, frame)
    defer { giveBack(frame) }
    try tables?.add(to: &frame.inputs, on: device)
    try plan.run(inputs: frame.inputs, outputs: outputs)
  }

  private func takeFrame() -> Frame {
    if let frame = framesLock.withLock({ frames.popLast() }) { return frame }
    let frame = Frame(template)
    if let keyIndex { frame.inputs[keyIndex] = device.allocate(byteCount: 16) }
    return frame
  }

  private func writeKey(_ given: (seed: Int, counter: Int)?, _ buffer: Buffer) {
    var key = given.map { (Int64($0.seed), Int64($0.counter)) } ?? RandomState.nextKey()
    withUnsafeBytes(of: &key) { device.copy(from: $0, to: buffer) }
  }

  /// Puts the arguments' buffers into the frame and moves those of the variables there, so that
  /// the frame alone holds those that change.
  private func borrow(_ arguments: [Tensor], _ frame: Frame) throws {
    // What a variable lets go of is released after the lock.
    var replaced: [Tensor] = []
    while let pending = Graph.lock.withLock({ exchange(arguments, frame, &replaced) }) {
      try Realization.run([pending])
    }
  }

  /// Fills the frame, or returns a node that has no value yet.
  private func exchange(
    _ arguments: [Tensor], _ frame: Frame, _ replaced: inout [Tensor]
  ) -> Node? {
    for index in arguments.indices where arguments[index].node.buffer == nil {
      return arguments[index].node
    }
    for slot in slots where slot.variable.isPending { return slot.variable.current.node }
    for index in arguments.indices { frame.inputs[index] = arguments[index].node.buffer! }
    for slot in slots {
      if slot.isUpdated {
        slot.variable.makeUnique(device, &replaced)
        slot.variable.exchange(&frame.inputs[slot.index])
      } else {
        frame.inputs[slot.index] = slot.variable.buffer
      }
    }
    return nil
  }

  /// Gives the variables their buffers back.
  private func giveBack(_ frame: Frame) {
    Graph.lock.withLock {
      for slot in slots where slot.isUpdated { slot.variable.exchange(&frame.inputs[slot.index]) }
    }
    for index in inputTypes.indices { frame.inputs[index] = unbound }
    for slot in slots where !slot.isUpdated { frame.inputs[slot.index] = unbound }
    framesLock.withLock { frames.append(frame) }
  }
}

/// Used under `Graph.lock`.
extension Variable {
  fileprivate var isPending: Bool { current.node.buffer == nil }

  fileprivate var buffer: Buffer { current.node.buffer! }

  fileprivate func exchange(_ other: inout Buffer) { swap(&current.node.buffer!, &other) }

  /// Copies the value if somebody else can see it.
  fileprivate func makeUnique(_ device: any Device, _ replaced: inout [Tensor]) {
    if isKnownUniquelyReferenced(&current.node),
      isKnownUniquelyReferenced(&current.node.buffer)
    {
      if case .value = current.node.kind { return }
      // The node of a constant would go on telling what the value was.
      let old = current
      current = Tensor(buffer: buffer, type: type)
      old.node.buffer = nil
      replaced.append(old)
      return
    }
    let copy = device.allocate(byteCount: type.byteCount)
    device.copy(from: buffer.bytes, to: copy)
    replaced.append(current)
    current = Tensor(buffer: copy, type: type)
  }
}

extension Lowering {
  /// A program of a traced function: arguments, variables and key are bound by the caller.
  fileprivate init(
    bound: [Node], results: [Node], _ trace: Trace, _ firstVariable: Int
  ) {
    self.init()
    for node in bound { bind(node) }
    let outputs = results.map { lower($0) }
    var updates: [Program.Update] = []
    // The weights of the last layer first, as their gradients come: each is used up right away.
    for index in trace.assignments.reversed() {
      guard let assigned = trace.entries[index].assigned else { continue }
      updates.append(
        Program.Update(parameter: firstVariable + index, value: lower(assigned.node)))
    }
    finish(outputs: outputs, updates: updates)
  }
}
