import AllocationCounter
import PlushEngine
import PlushKernels
import Testing

/// A dense layer with softmax, its loss and a step of gradient descent: inputs x, kernel, bias, labels.
private func trainingStep(rows: Int, columns: Int, classes: Int) throws -> Program {
  var program = Program()
  let x = program.appendParameter(TensorType([rows, columns]))
  let kernel = program.appendParameter(TensorType([columns, classes]))
  let bias = program.appendParameter(TensorType([classes]))
  let labels = program.appendParameter(TensorType([rows, classes]))
  func row(_ value: Program.Value, _ reduction: Reduction) throws -> Program.Value {
    let reduced = try program.append(.reduce(reduction, axes: [1]), [value])
    let kept = try program.append(.reshape([rows, 1]), [reduced])
    return try program.append(.broadcast([rows, classes]), [kept])
  }
  let product = try program.append(.matmul(transposeA: false, transposeB: false), [x, kernel])
  let wideBias = try program.append(.broadcast([rows, classes]), [bias])
  let logits = try program.append(.binary(.add), [product, wideBias])
  let shifted = try program.append(.binary(.subtract), [logits, row(logits, .max)])
  let exponentials = try program.append(.unary(.exp), [shifted])
  let probabilities = try program.append(.binary(.divide), [exponentials, row(exponentials, .sum)])
  let error = try program.append(.binary(.subtract), [probabilities, labels])
  let squares = try program.append(.binary(.multiply), [error, error])
  let loss = try program.append(.reduce(.sum, axes: [0, 1]), [squares])
  func descend(_ variable: Program.Value, _ gradient: Program.Value) throws -> Program.Value {
    let rate = try program.append(.fill(.real(0.01), program.type(of: variable)))
    let step = try program.append(.binary(.multiply), [gradient, rate])
    return try program.append(.binary(.subtract), [variable, step])
  }
  let kernelGradient = try program.append(.matmul(transposeA: true, transposeB: false), [x, error])
  let biasGradient = try program.append(.reduce(.sum, axes: [0]), [error])
  program.outputs = [loss]
  program.updates = [
    .init(parameter: 1, value: try descend(kernel, kernelGradient)),
    .init(parameter: 2, value: try descend(bias, biasGradient)),
  ]
  return program
}

private func values(_ count: Int, _ seed: Int) -> [Float] {
  var random = TestRandom(seed)
  return (0..<count).map { _ in random.real() }
}

@Suite(.serialized) struct PlanTests {
  @Test func trainingStepAgreesWithReference() throws {
    let program = try trainingStep(rows: 37, columns: 20, classes: 10)
    let inputs = program.parameters.enumerated().map { values($1.count, $0) }
    let expected = try run(program, on: ReferenceDevice(), inputs)
    let computed = try run(program, on: CPUDevice.shared, inputs)
    for (a, b) in zip(expected, computed) {
      #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
    }
  }

  /// What is left of a slice of transposed rows by its gradient: one pass over memory, in the order in
  /// which it is read.
  @Test func paddingFollowsTranspositions() throws {
    var program = Program()
    let x = program.appendParameter(TensorType([3, 1, 4]))
    let edge = try program.append(.fill(.real(0.5), TensorType([])))
    let padded = try program.append(.pad(low: [0, 4, 1], high: [2, 0, 0]), [x, edge])
    program.outputs = [try program.append(.transpose([1, 2, 0]), [padded])]
    func kernels() throws -> Int {
      "\(try CPUDevice.shared.compile(program))".split(separator: "\n").count - 1
    }
    let inputs = [values(12, 5)]
    #expect(
      try run(program, on: CPUDevice.shared, inputs) == run(program, on: ReferenceDevice(), inputs))
    let once = try kernels()
    program.outputs.append(padded)
    #expect(try kernels() > once)
    #expect(
      try run(program, on: CPUDevice.shared, inputs) == run(program, on: ReferenceDevice(), inputs))
  }

  @Test func zerosAreNotMultiplied() throws {
    var program = Program()
    let x = program.appendParameter(TensorType([3, 5]))
    let zeros = try program.append(.fill(.real(0), TensorType([5, 2])))
    let product = try program.append(.matmul(transposeA: false, transposeB: false), [x, zeros])
    let other = program.appendParameter(TensorType([3, 2]))
    program.outputs = [try program.append(.binary(.add), [product, other])]
    let plan = "\(try CPUDevice.shared.compile(program))"
    #expect(!plan.contains("matmul"))
    let inputs = [values(15, 1), values(6, 2)]
    #expect(try run(program, on: CPUDevice.shared, inputs)[0] == inputs[1])
  }

  /// An update waits for the last reader of the old content, but not for work that does not read it.
  @Test func updatesHappenAsSoonAsTheyMay() throws {
    var program = Program()
    let x = program.appendParameter(TensorType([8, 64]))
    let inner = program.appendParameter(TensorType([64, 32]))
    let outer = program.appendParameter(TensorType([32, 16]))
    func product(
      _ a: Program.Value, _ b: Program.Value, transposeA: Bool = false, transposeB: Bool = false
    ) throws -> Program.Value {
      try program.append(.matmul(transposeA: transposeA, transposeB: transposeB), [a, b])
    }
    func descend(_ parameter: Int, _ weight: Program.Value, _ gradient: Program.Value) throws {
      let new = try program.append(.binary(.subtract), [weight, gradient])
      program.updates.append(.init(parameter: parameter, value: new))
    }
    let hidden = try product(x, inner)
    let result = try product(hidden, outer)
    try descend(2, outer, product(hidden, result, transposeA: true))
    let back = try product(result, outer, transposeB: true)
    try descend(1, inner, product(x, back, transposeA: true))
    let rest = try program.append(.unary(.tanh), [product(back, back, transposeB: true)])
    program.outputs = [result, rest]
    let lines = "\(try CPUDevice.shared.compile(program))".split(separator: "\n").dropFirst()
    let sizes = lines.map { $0.split(separator: "×")[1].split(separator: "]")[0] + "]" }
    #expect(
      sizes == [
        "[8, 32, 64]", "[8, 16, 32]", "[8, 32, 16]", "[32, 16, 8]", "[64, 32, 8]", "[8, 8, 32]",
      ])
    var random = TestRandom(11)
    let inputs = program.parameters.map { type in
      (0..<type.count).map { _ in random.real() / 16 }
    }
    let expected = try run(program, on: ReferenceDevice(), inputs)
    let found = try run(program, on: CPUDevice.shared, inputs)
    for (a, b) in zip(expected, found) { #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 }) }
  }

  @Test func replayAllocatesNothing() throws {
    guard plush_can_count_allocations() == 1 else { return }
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    let program = try trainingStep(rows: 128, columns: 300, classes: 10)
    let inputs = program.parameters.map { Buffer(byteCount: $0.byteCount) }
    for (index, buffer) in inputs.enumerated() {
      let numbers = values(program.parameters[index].count, index)
      numbers.withUnsafeBytes { CPUDevice.shared.copy(from: $0, to: buffer) }
    }
    let outputs = [Buffer(byteCount: 4)]
    let plan = try CPUDevice.shared.compile(program)
    try expectNoAllocations { try plan.run(inputs: inputs, outputs: outputs) }
    // Reductions in several blocks, sorting and scattering need memory for a moment.
    var other = Program()
    let x = other.appendParameter(TensorType([300, 400], .float32))
    let order = try other.append(.argsort(axis: 0, descending: false), [x])
    other.outputs = [
      try other.append(.reduce(.sum, axes: [0]), [x]),
      try other.append(.scatterAddElements(axis: 0, length: 300), [x, order]),
    ]
    let types = other.outputs.map { other.type(of: $0) }
    let results = types.map { Buffer(byteCount: $0.byteCount) }
    let second = try CPUDevice.shared.compile(other)
    let table = [Buffer(byteCount: 480_000)]
    values(120_000, 5).withUnsafeBytes { CPUDevice.shared.copy(from: $0, to: table[0]) }
    try expectNoAllocations { try second.run(inputs: table, outputs: results) }
    // The counter itself works.
    let start = plush_allocations()
    let array = [Int](repeating: 1, count: Int(before) + 1000)
    #expect(plush_allocations() > start && array.count > 0)
  }

  private func expectNoAllocations(_ body: () throws -> Void) throws {
    for threads in [1, 2] {
      plush_set_thread_count(Int32(threads))
      for _ in 0..<5 { try body() }
      let start = plush_allocations()
      for _ in 0..<50 { try body() }
      #expect(plush_allocations() - start == 0, "with \(threads) threads")
    }
  }

  @Test func sameBitsForAnyNumberOfThreads() throws {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    let program = try trainingStep(rows: 128, columns: 784, classes: 100)
    let inputs = program.parameters.enumerated().map { values($1.count, $0) }
    var first: [[Float]]?
    for threads in [1, 2, 3, 8] {
      plush_set_thread_count(Int32(threads))
      let results = try run(program, on: CPUDevice.shared, inputs)
      let bits = results.map { $0.map(\.bitPattern) }
      #expect(first == nil || first!.map { $0.map(\.bitPattern) } == bits, "\(threads) threads")
      first = results
    }
  }

  @Test func instructionSetsAgree() throws {
    let before = plush_matrix_isa()
    defer { plush_set_isa(before) }
    let program = try trainingStep(rows: 64, columns: 100, classes: 10)
    let inputs = program.parameters.enumerated().map { values($1.count, $0) }
    let expected = try run(program, on: ReferenceDevice(), inputs)
    for isa in [PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2, PLUSH_ISA_AVX512] {
      plush_set_isa(isa)
      let computed = try run(program, on: CPUDevice.shared, inputs)
      for (a, b) in zip(expected, computed) {
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-4 })
      }
    }
  }

  @Test func severalTasksShareAPlan() async throws {
    let program = try trainingStep(rows: 32, columns: 50, classes: 10)
    let inputs = program.parameters.enumerated().map { values($1.count, $0) }
    let expected = try run(program, on: CPUDevice.shared, inputs)
    let agree = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 {
        group.addTask {
          (try? run(program, on: CPUDevice.shared, inputs)) == expected
        }
      }
      return await group.allSatisfy { $0 }
    }
    #expect(agree)
  }

  @Test func indexOutsideItsAxisIsAnError() throws {
    var program = Program()
    let table = program.appendParameter(TensorType([5, 3]))
    let indices = program.appendParameter(TensorType([2], .int32))
    program.outputs = [try program.append(.gather(axis: 0), [table, indices])]
    for device in [ReferenceDevice(), CPUDevice.shared] as [any Device] {
      #expect(throws: ExecutionError.self) {
        _ = try run(program, on: device, [values(15, 0), [1, 5]])
      }
    }
  }
}
