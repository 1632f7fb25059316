import PlushEngine
import PlushKernels
import Testing

/// Recurrent sequences: the CPU against the definitions in double precision.
@Suite struct RecurrentTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var recurrence: Recurrence
    var sizes: [Int]
    var dtype = DType.float32
    var testDescription: String { "\(recurrence) \(sizes) \(dtype)" }

    /// bfloat16 has 8 bits; states are rounded to it at every step.
    var tolerance: Double {
      switch dtype {
      case .float64: 1e-12
      case .bfloat16: 2e-2
      default: 2e-5
      }
    }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for kind in Recurrence.Kind.allCases {
      for (hasBias, hasMask) in [(false, false), (true, false), (false, true), (true, true)] {
        let plain = Recurrence(kind, hasBias: hasBias, hasMask: hasMask)
        cases.append(Case(recurrence: plain, sizes: [4, 3, 5]))
        cases.append(Case(recurrence: plain, sizes: [1, 1, 70]))
        cases.append(Case(recurrence: plain, sizes: [6, 1, 160]))
        cases.append(Case(recurrence: plain, sizes: [5, 140, 33]))
      }
      cases.append(Case(recurrence: Recurrence(kind), sizes: [3, 2, 150]))
      cases.append(
        Case(recurrence: Recurrence(kind, hasMask: true), sizes: [4, 3, 19], dtype: .float64))
      for sizes in [[3, 2, 20], [4, 17, 64], [2, 130, 33]] {
        for recompute in [nil, 2] {
          let rounded = Recurrence(kind, hasBias: true, hasMask: true, recompute: recompute)
          cases.append(Case(recurrence: rounded, sizes: sizes, dtype: .bfloat16))
        }
      }
      for function in Recurrence.Function.allCases {
        let other = Recurrence(kind, activation: function, gateActivation: function)
        cases.append(Case(recurrence: other, sizes: [4, 2, 17]))
      }
      for steps in [1, 2, 3, 10] {
        let again = Recurrence(
          kind, hasBias: steps < 3, hasMask: steps > 1, recompute: steps, hasInputBias: steps > 2)
        cases.append(Case(recurrence: again, sizes: [7, 3, 21]))
        cases.append(Case(recurrence: again, sizes: [2, 2, 5], dtype: .float64))
      }
    }
    return cases
  }()

  @Test(arguments: cases) func agreesWithReference(_ test: Case) throws {
    let ofMatrices = test.dtype == .bfloat16 ? [PLUSH_ISA_AVX512_BF16, PLUSH_ISA_AMX] : []
    for isa in [PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2, PLUSH_ISA_AVX512] + ofMatrices {
      let best = plush_matrix_isa()
      plush_set_isa(isa)
      defer { plush_set_isa(best) }
      for program in try [test.forward(), test.gradient()] {
        let inputs = program.parameters.map { test.random($0) }
        let expected = try run(program, on: ReferenceDevice(), inputs)
        let found = try run(program, on: CPUDevice.shared, inputs)
        let tolerance = test.tolerance
        for (found, expected) in zip(found, expected) {
          let isClose = zip(found, expected).allSatisfy {
            abs($0 - $1) <= tolerance * max(1, abs($1))
          }
          #expect(isClose)
        }
      }
    }
  }

  @Test(
    arguments: Recurrence.Kind.allCases,
    [(DType.float32, 140), (.bfloat16, 140), (.float32, 1), (.float32, 3)])
  func sameBitsOnAnyNumberOfThreads(_ kind: Recurrence.Kind, _ of: (DType, batch: Int)) throws {
    let test = Case(
      recurrence: Recurrence(kind, hasMask: true), sizes: [5, of.batch, 260], dtype: of.0)
    let count = plush_thread_count()
    defer { plush_set_thread_count(count) }
    for program in try [test.forward(), test.gradient()] {
      let inputs = program.parameters.map { test.random($0) }
      var results: [[[Double]]] = []
      for threads: Int32 in [1, 2, 3, 8] {
        plush_set_thread_count(threads)
        results.append(try run(program, on: CPUDevice.shared, inputs))
      }
      for other in results.dropFirst() { #expect(other == results[0]) }
    }
  }

  /// Weights that stay are packed once; others, in the same memory too, are packed anew.
  @Test(arguments: Recurrence.Kind.allCases, [1, 4]) func changedWeightsAreSeen(
    _ kind: Recurrence.Kind, _ steps: Int
  ) throws {
    let test = Case(recurrence: Recurrence(kind), sizes: [steps, 2, 150])
    let program = try test.forward()
    var before: [[Double]] = []
    let plan = try CPUDevice.shared.compile(program)
    var inputs = program.parameters.map { test.random($0) }
    let buffers = zip(program.parameters, inputs).map { type, values in
      let buffer = CPUDevice.shared.allocate(byteCount: type.byteCount)
      ReferenceArray(type, .real(values)).write(to: buffer)
      return buffer
    }
    let types = program.outputs.map { program.type(of: $0) }
    for round in 0..<6 {
      if round == 3 {
        inputs[1] = test.random(program.parameters[1])
        ReferenceArray(program.parameters[1], .real(inputs[1])).write(to: buffers[1])
      }
      let outputs = types.map { CPUDevice.shared.allocate(byteCount: $0.byteCount) }
      try plan.run(inputs: buffers, outputs: outputs)
      let found = zip(outputs, types).map { ReferenceArray(reading: $0, as: $1).reals }
      // The same bits, packed before or on the way.
      if round % 3 > 0 { #expect(found == before) }
      before = found
      let expected = try run(program, on: ReferenceDevice(), inputs)
      for (found, expected) in zip(found, expected) {
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 2e-5 })
      }
    }
  }

  /// Gates take the place of what entered them, and the gradient at that takes theirs, unless somebody
  /// still wants to know what was there.
  @Test(arguments: Recurrence.Kind.allCases, [false, true]) func gatesTakePlaces(
    _ kind: Recurrence.Kind, _ hasMask: Bool
  ) throws {
    for isa in [PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2, PLUSH_ISA_AVX512] {
      let best = plush_matrix_isa()
      plush_set_isa(isa)
      defer { plush_set_isa(best) }
      for (sizes, showsGates) in [([4, 3, 37], false), ([4, 3, 37], true), ([1, 2, 5], false)] {
        let test = Case(recurrence: Recurrence(kind, hasMask: hasMask), sizes: sizes)
        let program = try test.amidOtherWork(showsGates: showsGates)
        let inputs = program.parameters.map { test.random($0) }
        let expected = try run(program, on: ReferenceDevice(), inputs)
        let found = try run(program, on: CPUDevice.shared, inputs)
        for (found, expected) in zip(found, expected) {
          #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 2e-5 * max(1, abs($1)) })
        }
      }
    }
  }

  /// An LSTM has six numbers for each unit and step in memory at most, in work whose results do not
  /// stay; with `recompute` it keeps one.
  @Test func gatesTakeLittleMemory() throws {
    func arena(_ program: Program) throws -> Int {
      let plan = "\(try CPUDevice.shared.compile(program))"
      let bytes = plan.prefix { $0 != "\n" }.split(separator: " ").compactMap { Int($0) }.last
      return try #require(bytes)
    }
    let (sizes, state) = ([100, 2, 64], 100 * 2 * 64 * 4)
    let whole = Case(recurrence: Recurrence(.lstm), sizes: sizes)
    let again = Case(recurrence: Recurrence(.lstm, recompute: 10), sizes: sizes)
    #expect(try arena(whole.amidOtherWork(showsGates: false)) < 13 * state / 2)
    #expect(try arena(whole.amidOtherWork(showsGates: true)) >= 10 * state)
    #expect(try arena(whole.gradient()) >= 6 * state)
    #expect(try arena(again.gradient()) < 3 * state / 2)
  }

  @Test func refusesOtherShapes() {
    let op = Op.recurrent(Recurrence(.lstm))
    let state = TensorType([2, 3])
    #expect(throws: TypeError.self) {
      try op.resultTypes([TensorType([4, 2, 12]), TensorType([3, 9]), state, state])
    }
    #expect(throws: TypeError.self) {
      try op.resultTypes([TensorType([4, 2, 12]), TensorType([3, 12]), state])
    }
    let again = Op.recurrent(Recurrence(.simple, recompute: 2))
    #expect(throws: TypeError.self) {
      try again.resultTypes([
        TensorType([4, 2, 7]), TensorType([3, 3]), state, TensorType([6, 3]),
      ])
    }
  }

  private func run(
    _ program: Program, on device: any Device, _ inputs: [[Double]]
  ) throws -> [[Double]] {
    let arrays = zip(program.parameters, inputs).map { type, values in
      ReferenceArray(
        type, type.dtype == .bool ? .integer(values.map { $0 > 0 ? 1 : 0 }) : .real(values))
    }
    let buffers = arrays.map { array in
      let buffer = device.allocate(byteCount: array.type.byteCount)
      array.write(to: buffer)
      return buffer
    }
    let types = program.outputs.map { program.type(of: $0) }
    let outputs = types.map { device.allocate(byteCount: $0.byteCount) }
    try device.compile(program).run(inputs: buffers, outputs: outputs)
    return zip(outputs, types).map { ReferenceArray(reading: $0, as: $1).reals }
  }
}

extension RecurrentTests.Case {
  private var operandTypes: [TensorType] {
    let (steps, batch, units) = (sizes[0], sizes[1], sizes[2])
    let width = recurrence.kind.gates * units
    let state = TensorType([batch, units], dtype)
    // Of half precision are states and inputs only.
    let computed: DType = dtype == .float64 ? .float64 : .float32
    var types = [
      recurrence.recompute == nil
        ? TensorType([steps, batch, width], computed) : TensorType([steps, batch, 9], dtype),
      TensorType([units, width], computed), state,
    ]
    if recurrence.kind == .lstm { types.append(TensorType([batch, units], computed)) }
    if recurrence.hasBias { types.append(TensorType([width], computed)) }
    if recurrence.hasMask { types.append(TensorType([steps, batch], .bool)) }
    if recurrence.recompute != nil { types.append(TensorType([9, width], computed)) }
    if recurrence.hasInputBias { types.append(TensorType([width], computed)) }
    return types
  }

  /// All results of the sequence.
  func forward() throws -> Program {
    var program = Program()
    let operands = operandTypes.map { program.appendParameter($0) }
    let value = try append(.recurrent(recurrence), operands, to: &program)
    program.outputs = program.instructions[value.instruction].types.indices.map {
      .init(value.instruction, $0)
    }
    return program
  }

  /// The gradients, from the sequence computed before them.
  func gradient() throws -> Program {
    var program = Program()
    let operands = operandTypes.map { program.appendParameter($0) }
    let forward = try append(.recurrent(recurrence), operands, to: &program)
    let results = program.instructions[forward.instruction].types.indices.map {
      Program.Value(forward.instruction, $0)
    }
    let isLSTM = recurrence.kind == .lstm
    let gradients = results.prefix(isLSTM ? 2 : 1).map {
      program.appendParameter(program.type(of: $0))
    }
    let gradient = RecurrenceGradient(recurrence, hasCellGradient: isLSTM)
    let value = try append(
      .recurrentGradient(gradient), operands + results + gradients, to: &program)
    program.outputs = program.instructions[value.instruction].types.indices.map {
      .init(value.instruction, $0)
    }
    return program
  }

  /// What becomes of the gradient at the inputs alone, or of the numbers kept for it too.
  func amidOtherWork(showsGates: Bool) throws -> Program {
    var program = Program()
    var operands = operandTypes.map { program.appendParameter($0) }
    operands[0] = try program.append(.binary(.add), [operands[0], operands[0]])
    let forward = try append(.recurrent(recurrence), operands, to: &program)
    let results = program.instructions[forward.instruction].types.indices.map {
      Program.Value(forward.instruction, $0)
    }
    let arriving = program.appendParameter(program.type(of: forward))
    let gradient = RecurrenceGradient(recurrence, hasCellGradient: false)
    let value = try append(
      .recurrentGradient(gradient), operands + results + [arriving], to: &program)
    program.outputs = [try program.append(.unary(.exp), [value])]
    if showsGates {
      program.outputs.append(try program.append(.unary(.exp), [results.last!]))
    }
    return program
  }

  private func append(
    _ op: Op, _ operands: [Program.Value], to program: inout Program
  ) throws -> Program.Value {
    let types = try op.resultTypes(operands.map { program.type(of: $0) })
    return program.append(.init(op, operands, types))
  }

  /// Numbers that keep sums of products small.
  func random(_ type: TensorType) -> [Double] {
    let scale = type.shape.count == 2 ? 1 / Double(sizes[2]).squareRoot() : 1
    return (0..<type.count).map { _ in
      let value = Double.random(in: -1...1) * scale
      return dtype == .float64 ? value : Double(Float(value))
    }
  }
}
