import PlushEngine
import Testing

/// Convolutions and poolings: values by hand, then the CPU against the reference device.
@Suite struct WindowTests {
  private func motion(
    _ rank: Int, stride: Int = 1, dilation: Int = 1, low: Int = 0, high: Int = 0
  ) -> WindowMotion {
    func all(_ number: Int) -> [Int] { [Int](repeating: number, count: rank) }
    return WindowMotion(
      strides: all(stride), dilations: all(dilation), low: all(low), high: all(high))
  }

  @Test func convolves() throws {
    let line = reals([1, 2, 3, 4, 5], [1, 5, 1])
    let filter = reals([1, 10], [2, 1, 1])
    let plain = Convolution(motion(1))
    #expect(try evaluate(.convolution(plain), line, filter).reals == [21, 32, 43, 54])
    let moved = Convolution(motion(1, stride: 2, dilation: 2, low: 1))
    #expect(try evaluate(.convolution(moved), line, filter).reals == [20, 42])
    let gradient = reals([1, 100], [1, 2, 1])
    #expect(
      try evaluate(.convolutionInputGradient(moved, sizes: [5]), gradient, filter).reals
        == [0, 110, 0, 1000, 0])
    #expect(
      try evaluate(.convolutionFilterGradient(moved, sizes: [2]), line, gradient).reals
        == [200, 402])
  }

  @Test func convolvesChannelsInGroups() throws {
    // Two places of four channels, two groups, one filter each.
    let input = reals([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4])
    let filter = reals([1, 10, 100, 1000], [1, 2, 2])
    let grouped = Convolution(motion(1), groups: 2)
    #expect(
      try evaluate(.convolution(grouped), input, filter).reals == [201, 4030, 605, 8070])
  }

  @Test func pools() throws {
    let line = reals([3, 1, 4, 1, 5], [1, 5, 1])
    let largest = Pooling(.max, window: [3], motion(1, stride: 2, low: 1, high: 1))
    #expect(try evaluate(.pool(largest), line).reals == [3, 4, 5])
    let mean = Pooling(.average, window: [3], motion(1, stride: 2, low: 1, high: 1))
    #expect(try evaluate(.pool(mean), line).reals == [2, 2, 3])
    let gradient = reals([1, 10, 100], [1, 3, 1])
    #expect(
      try evaluate(.poolGradient(largest, sizes: [5]), gradient, line).reals == [1, 0, 10, 0, 100])
    let spread = try evaluate(.poolGradient(mean, sizes: [5]), gradient).reals
    #expect(isClose(spread, [0.5, 0.5 + 10.0 / 3, 10.0 / 3, 50 + 10.0 / 3, 50]))
  }

  @Test func poolsTheFirstAndNaN() throws {
    let all = Pooling(.max, window: [4], motion(1))
    let equal = reals([1, 7, 7, 2], [1, 4, 1])
    let one = reals([1], [1, 1, 1])
    #expect(try evaluate(.poolGradient(all, sizes: [4]), one, equal).reals == [0, 1, 0, 0])
    let broken = reals([1, .nan, 7, .nan], [1, 4, 1])
    #expect(try evaluate(.pool(all), broken).reals[0].isNaN)
    #expect(try evaluate(.poolGradient(all, sizes: [4]), one, broken).reals == [0, 1, 0, 0])
  }

  @Test func refusesWhatDoesNotFit() {
    let input = TensorType([1, 4, 2])
    let faults: [(Op, [TensorType])] = [
      (.convolution(Convolution(motion(2))), [input, TensorType([2, 2, 1])]),
      (.convolution(Convolution(motion(1))), [input, TensorType([2, 3, 1])]),
      (.convolution(Convolution(motion(1))), [input, TensorType([5, 2, 1])]),
      (.convolution(Convolution(motion(1), groups: 2)), [input, TensorType([2, 1, 3])]),
      (.convolution(Convolution(motion(1))), [input, TensorType([2, 2, 1], .float64)]),
      (.convolution(Convolution(motion(1, stride: 0))), [input, TensorType([2, 2, 1])]),
      (
        .convolutionInputGradient(Convolution(motion(1)), sizes: [4]),
        [TensorType([1, 2, 1]), TensorType([2, 2, 1])]
      ),
      (
        .convolutionFilterGradient(Convolution(motion(1)), sizes: [2]),
        [input, TensorType([1, 2, 1])]
      ),
      (.pool(Pooling(.max, window: [5], motion(1))), [input]),
      (.pool(Pooling(.max, window: [2], motion(1))), [TensorType([1, 4, 2], .int32)]),
      (.poolGradient(Pooling(.max, window: [2], motion(1)), sizes: [4]), [TensorType([1, 3, 2])]),
    ]
    for (op, operands) in faults {
      #expect(throws: TypeError.self, "\(op)") { try op.resultTypes(operands) }
    }
  }

  /// Operands and result of a random convolution, of one of its gradients, or of a pooling.
  private struct RandomWindow {
    var random: TestRandom

    init(seed: Int) { random = TestRandom(seed) }

    mutating func make() -> (ops: [Op], types: [[TensorType]]) {
      let rank = 1 + random.below(3)
      let groups = [1, 1, 2, 3][random.below(4)]
      let window = (0..<rank).map { _ in 1 + random.below(3) }
      let motion = WindowMotion(
        strides: (0..<rank).map { _ in 1 + random.below(3) },
        dilations: (0..<rank).map { _ in 1 + random.below(2) },
        low: window.map { random.below($0) }, high: window.map { random.below($0) })
      let sizes = (0..<rank).map { _ in 5 + random.below(rank == 1 ? 20 : 5) }
      let batch = 1 + random.below(2)
      let (channels, filters) = ((1 + random.below(4)) * groups, (1 + random.below(9)) * groups)
      let places = motion.places(of: window, in: sizes) ?? []
      let input = TensorType([batch] + sizes + [channels])
      let filter = TensorType(window + [channels / groups, filters])
      let output = TensorType([batch] + places + [filters])
      let pooled = TensorType([batch] + places + [channels])
      let convolution = Convolution(motion, groups: groups)
      let largest = Pooling(.max, window: window, motion)
      let mean = Pooling(.average, window: window, motion)
      return (
        [
          .convolution(convolution), .convolutionInputGradient(convolution, sizes: sizes),
          .convolutionFilterGradient(convolution, sizes: window), .pool(largest),
          .poolGradient(largest, sizes: sizes), .pool(mean), .poolGradient(mean, sizes: sizes),
        ],
        [
          [input, filter], [output, filter], [input, output], [input], [pooled, input], [input],
          [pooled],
        ]
      )
    }
  }

  @Test(arguments: 0..<60) func cpuAgreesWithReference(seed: Int) throws {
    var generator = RandomWindow(seed: seed)
    let (ops, types) = generator.make()
    for (op, types) in zip(ops, types) {
      // Alone, and with what may follow block by block: a value for each channel, and a function.
      for isFollowed in [false, true] {
        var program = Program()
        var value = try program.append(op, types.map { program.appendParameter($0) })
        if isFollowed {
          let type = program.type(of: value)
          let bias = program.appendParameter(TensorType([type.shape.last ?? 1]))
          let wide = try program.append(.broadcast(type.shape), [bias])
          value = try program.append(.binary(.add), [value, wide])
          value = try program.append(.unary(.tanh), [value])
        }
        program.outputs = [value]
        let inputs = program.parameters.map { type in
          (0..<type.count).map { _ in generator.random.real() }
        }
        let expected = try run(program, on: ReferenceDevice(), inputs)[0]
        let found = try run(program, on: CPUDevice.shared, inputs)[0]
        let isClose = zip(found, expected).allSatisfy { abs($0 - $1) <= 2e-4 * max(1, abs($1)) }
        #expect(isClose, "\(op) of \(types)")
      }
    }
  }

  @Test(arguments: [DType.float64, .float16, .bfloat16]) func otherTypes(dtype: DType) throws {
    var program = Program()
    let input = program.appendParameter(TensorType([1, 5, 5, 2]))
    let filter = program.appendParameter(TensorType([3, 3, 2, 4]))
    let operands = try [input, filter].map { try program.append(.cast(dtype), [$0]) }
    let convolution = Convolution(motion(2, low: 1, high: 1))
    let product = try program.append(.convolution(convolution), operands)
    let largest = Pooling(.max, window: [2, 2], motion(2, stride: 2))
    let pooled = try program.append(.pool(largest), [product])
    program.outputs = [try program.append(.cast(.float32), [pooled])]
    var random = TestRandom(5)
    let inputs = program.parameters.map { type in (0..<type.count).map { _ in random.real() } }
    let expected = try run(program, on: ReferenceDevice(), inputs)[0]
    let found = try run(program, on: CPUDevice.shared, inputs)[0]
    let tolerance: Float = dtype == .float64 ? 1e-6 : dtype == .float16 ? 1e-2 : 1e-1
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance * max(1, abs($1)) })
  }

  @Test func transposesThatUndoEachOtherVanish() throws {
    var program = Program()
    let x = program.appendParameter(TensorType([2, 3, 4, 5]))
    let first = try program.append(.transpose([0, 3, 1, 2]), [x])
    let second = try program.append(.transpose([0, 2, 3, 1]), [first])
    let third = try program.append(.transpose([3, 0, 1, 2]), [second])
    program.outputs = [try program.append(.unary(.tanh), [third])]
    let optimized = program.optimized()
    let orders = optimized.instructions.compactMap { instruction -> [Int]? in
      if case .transpose(let order) = instruction.op { order } else { nil }
    }
    #expect(orders == [[3, 0, 1, 2]])
    var random = TestRandom(3)
    let inputs = [(0..<120).map { _ in random.real() }]
    let (reference, cpu) = (
      try run(program, on: ReferenceDevice(), inputs)[0],
      try run(program, on: CPUDevice.shared, inputs)[0]
    )
    #expect(zip(reference, cpu).allSatisfy { abs($0 - $1) < 1e-6 })
  }
}
