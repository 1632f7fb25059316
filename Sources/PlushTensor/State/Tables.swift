import PlushEngine

/// Products that an executable takes rows from, kept until what they are made of changes.
final class Tables: @unchecked Sendable {
  private let plan: any Plan
  private let types: [TensorType]
  /// Inputs of the program that they are made of.
  private let sources: [Int]
  private let lock = Lock()
  private var stamps: [Int] = []
  private var buffers: [Buffer] = []

  /// `program` makes them.
  init(_ program: Program, on device: any Device) throws {
    plan = try device.compile(program)
    types = program.outputs.map { program.type(of: $0) }
    sources = program.instructions.compactMap {
      if case .parameter(let index, _) = $0.op { index } else { nil }
    }
  }

  /// Stand where the tables will.
  func places(_ unbound: Buffer) -> [Buffer] { types.map { _ in unbound } }

  /// Puts the tables behind the inputs that they are made of.
  func add(to inputs: inout [Buffer], on device: any Device) throws {
    let count = inputs.count - types.count
    try lock.withLock {
      if !isCurrent(inputs) { try make(Array(inputs[..<count]), device) }
      for index in buffers.indices { inputs[count + index] = buffers[index] }
    }
  }

  private func isCurrent(_ inputs: [Buffer]) -> Bool {
    !buffers.isEmpty && sources.indices.allSatisfy { inputs[sources[$0]].stamp == stamps[$0] }
  }

  /// Tables that others may be reading stay as they are: there are new ones.
  private func make(_ inputs: [Buffer], _ device: any Device) throws {
    let made = types.map { device.allocate(byteCount: $0.byteCount) }
    try plan.run(inputs: inputs, outputs: made)
    (buffers, stamps) = (made, sources.map { inputs[$0].stamp })
  }
}
