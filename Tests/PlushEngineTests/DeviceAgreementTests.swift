import PlushEngine
import Testing

/// Runs a program on a device with float32 inputs and returns all outputs, then the inputs.
func run(_ program: Program, on device: any Device, _ inputs: [[Float]]) throws -> [[Float]] {
  let inputBuffers = zip(program.parameters, inputs).map { type, values in
    let buffer = Buffer(byteCount: type.byteCount)
    for (index, value) in values.enumerated() {
      switch type.dtype {
      case .float32: buffer.pointer.storeBytes(of: value, toByteOffset: index * 4, as: Float.self)
      case .int32:
        buffer.pointer.storeBytes(of: Int32(value), toByteOffset: index * 4, as: Int32.self)
      case .int64:
        buffer.pointer.storeBytes(of: Int64(value), toByteOffset: index * 8, as: Int64.self)
      default: preconditionFailure("Not used in these tests.")
      }
    }
    return buffer
  }
  let outputs = program.outputs.map { Buffer(byteCount: program.type(of: $0).byteCount) }
  try device.compile(program).run(inputs: inputBuffers, outputs: outputs)
  let results = zip(outputs, program.outputs).map { decode($0, program.type(of: $1)) }
  return results + zip(inputBuffers, program.parameters).map { decode($0, $1) }
}

private func decode(_ buffer: Buffer, _ type: TensorType) -> [Float] {
  (0..<type.count).map { index in
    switch type.dtype {
    case .float32: buffer.pointer.load(fromByteOffset: index * 4, as: Float.self)
    case .int32: Float(buffer.pointer.load(fromByteOffset: index * 4, as: Int32.self))
    case .int64: Float(buffer.pointer.load(fromByteOffset: index * 8, as: Int64.self))
    case .bool: Float(buffer.pointer.load(fromByteOffset: index, as: UInt8.self))
    default: .nan
    }
  }
}

/// A small generator of numbers, the same everywhere.
struct TestRandom {
  var state: UInt64
  init(_ seed: Int) { state = UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 &+ 1 }
  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
  mutating func real() -> Float { Float(next() % 4001) / 1000 - 2 }
}

/// Grows programs at random: elementwise operations, movement, reductions, products, with several
/// outputs and updates.
struct RandomProgram {
  var random: TestRandom
  var program = Program()
  var values: [Program.Value] = []

  init(seed: Int) { random = TestRandom(seed) }

  mutating func pick() -> Program.Value { values[random.below(values.count)] }

  mutating func make() throws -> Program {
    let shape = [[3, 4], [2, 3, 5], [7], [6, 1, 4], [33, 10], [1, 9]][random.below(6)]
    for _ in 0..<(2 + random.below(3)) {
      values.append(program.appendParameter(TensorType(shape)))
    }
    values.append(try program.append(.fill(.real(0.5), TensorType(shape))))
    for _ in 0..<(4 + random.below(24)) { try grow() }
    program.outputs = (0..<(1 + random.below(3))).map { _ in pick() }
    for parameter in program.parameters.indices where random.below(2) == 0 {
      let candidates = values.filter { program.type(of: $0) == program.parameters[parameter] }
      let value = candidates[random.below(candidates.count)]
      program.updates.append(.init(parameter: parameter, value: value))
    }
    return program
  }

  mutating func grow() throws {
    let a = pick()
    let type = program.type(of: a)
    let rank = type.shape.count
    switch random.below(13) {
    case 0, 1:
      let operations: [UnaryOperation] = [.tanh, .sigmoid, .negate, .abs, .exp, .sin]
      let bounded = try program.append(.unary(.tanh), [a])
      values.append(try program.append(.unary(operations[random.below(6)]), [bounded]))
    case 2, 3, 4:
      let others = values.filter { program.type(of: $0) == type }
      let operations: [BinaryOperation] = [.add, .subtract, .multiply, .maximum]
      let operation = operations[random.below(4)]
      values.append(
        try program.append(.binary(operation), [a, others[random.below(others.count)]]))
    case 5:
      let others = values.filter { program.type(of: $0) == type }
      let b = others[random.below(others.count)]
      let less = try program.append(.compare(.less), [a, b])
      values.append(try program.append(.select, [less, b, a]))
    case 6, 7:
      guard rank > 0 else { return }
      // Reduce some axes, and sometimes broadcast back, as softmax does.
      let axes = random.below(2) == 0 ? [rank - 1] : [random.below(rank)]
      let reduction: Reduction = random.below(2) == 0 ? .sum : .max
      let reduced = try program.append(.reduce(reduction, axes: axes), [a])
      if random.below(2) == 0 {
        values.append(reduced)
      } else {
        var kept = type.shape
        for axis in axes { kept[axis] = 1 }
        let reshaped = try program.append(.reshape(kept), [reduced])
        let wide = try program.append(.broadcast(type.shape), [reshaped])
        let scaled = try program.append(.unary(.tanh), [wide])
        values.append(try program.append(.binary(.subtract), [a, scaled]))
      }
    case 8:
      let permutation = Array((0..<rank).reversed())
      values.append(try program.append(.transpose(permutation), [a]))
    case 9:
      values.append(try program.append(.reshape([type.count]), [a]))
    case 10:
      guard rank == 2 else { return }
      let product = try program.append(.matmul(transposeA: false, transposeB: true), [a, a])
      let small = try program.append(.unary(.tanh), [product])
      values.append(random.below(2) == 0 ? small : product)
    case 11:
      guard rank > 0, type.count < 2000 else { return }
      let others = values.filter { program.type(of: $0) == type }
      let axis = random.below(rank)
      // Beside others a part whose elements are repeated, as by up-sampling.
      var repeated = type.shape
      repeated.insert(2, at: axis + 1)
      var apart = type.shape
      apart.insert(1, at: axis + 1)
      let spread = try program.append(.reshape(apart), [a])
      let wide = try program.append(.broadcast(repeated), [spread])
      var whole = type.shape
      whole[axis] *= 2
      let part = try program.append(.reshape(whole), [wide])
      let parts = [a, part, others[random.below(others.count)]]
      let joined = try program.append(.concatenate(axis: axis), parts)
      values.append(try program.append(.unary(.tanh), [joined]))
      values.append(joined)
    default:
      guard rank > 0, type.shape[0] > 1 else { return }
      let sizes = [type.shape[0] - 1] + type.shape.dropFirst()
      let zeros = [Int](repeating: 0, count: rank)
      let ones = [Int](repeating: 1, count: rank)
      let part = try program.append(
        .slice(starts: [1] + zeros.dropFirst(), sizes: sizes, strides: ones), [a])
      let turned = try program.append(.reverse(axes: [0]), [part])
      let zero = try program.append(.fill(.real(0), TensorType([])))
      var low = zeros
      low[0] = 1
      values.append(try program.append(.pad(low: low, high: zeros), [turned, zero]))
    }
  }
}

@Suite struct DeviceAgreementTests {
  @Test(arguments: 0..<600) func randomPrograms(seed: Int) throws {
    var generator = RandomProgram(seed: seed)
    let program = try generator.make()
    var random = TestRandom(seed + 10_000)
    let inputs = program.parameters.map { type in (0..<type.count).map { _ in random.real() } }
    let expected = try run(program, on: ReferenceDevice(), inputs)
    let optimized = try run(program.optimized(), on: ReferenceDevice(), inputs)
    let computed = try run(program, on: CPUDevice.shared, inputs)
    for (index, values) in expected.enumerated() {
      let scale = max(1, values.map(abs).max() ?? 1)
      let passes = zip(values, optimized[index]).allSatisfy { abs($0 - $1) <= 1e-5 * scale }
      #expect(passes, "passes changed output \(index):\n\(program)\n---\n\(program.optimized())")
      let agrees = zip(values, computed[index]).allSatisfy { abs($0 - $1) <= 3e-5 * scale }
      #expect(agrees, "cpu differs in output \(index):\n\(program)\n---\n\(program.optimized())")
    }
  }
}
