import PlushEngine
import PlushKernels
import Testing

/// A convolution, a bias for each filter, a bound and maxima of windows.
private struct PooledLayer {
  var program = Program()
  var convolution: Program.Value
  var activation: Program.Value
  var pooled: Program.Value

  init(
    height: Int = 14, width: Int = 11, channels: Int = 16, filters: Int = 24, window: Int = 2,
    stride: Int = 2, padding: Int = 0, biasShape: [Int] = [24]
  ) throws {
    let x = program.appendParameter(TensorType([3, height, width, channels]))
    let filter = program.appendParameter(TensorType([3, 3, channels, filters]))
    let bias = program.appendParameter(TensorType(biasShape))
    let steps = WindowMotion(strides: [1, 1], dilations: [1, 1], low: [0, 0], high: [0, 0])
    convolution = try program.append(.convolution(Convolution(steps)), [x, filter])
    let type = program.type(of: convolution)
    let wide = try program.append(.broadcast(type.shape), [bias])
    let sum = try program.append(.binary(.add), [wide, convolution])
    let zero = try program.append(.fill(.real(0), type))
    activation = try program.append(.binary(.maximum), [sum, zero])
    let motion = WindowMotion(
      strides: [stride, stride], dilations: [1, 1], low: [padding, padding],
      high: [padding, padding])
    let pooling = Pooling(.max, window: [window, window], motion)
    pooled = try program.append(.pool(pooling), [activation])
    program.outputs = [pooled]
  }

  /// Whether the CPU gives what the reference device gives.
  func agrees() throws -> Bool {
    var random = TestRandom(7)
    let inputs = program.parameters.map { type in (0..<type.count).map { _ in random.real() } }
    let expected = try run(program, on: ReferenceDevice(), inputs)
    let found = try run(program, on: CPUDevice.shared, inputs)
    return zip(found, expected).allSatisfy { found, expected in
      zip(found, expected).allSatisfy { abs($0 - $1) <= 2e-4 * max(1, abs($1)) }
    }
  }

  /// Kernels that take maxima after a convolution, and those that take them alone.
  func poolings() throws -> (inConvolution: Int, alone: Int) {
    let lines = "\(try CPUDevice.shared.compile(program))".split(separator: "\n")
    return (
      lines.count { $0.contains("convolution with maximum pooling") },
      lines.count { $0.contains("  maximum pooling float32") }
    )
  }

  /// Positions of the pooling and of the bound in the optimized program, the bound in its fusion.
  func comesFirst() -> Bool {
    let instructions = program.optimized().instructions
    let pool = instructions.firstIndex { if case .pool = $0.op { true } else { false } }
    let fused = instructions.firstIndex { if case .fused = $0.op { true } else { false } }
    return pool! < fused!
  }
}

@Suite(.serialized) struct PoolFirstTests {
  @Test(arguments: [(14, 11), (26, 26), (12, 12), (4, 5), (9, 40)])
  func convolutionsTakeMaxima(height: Int, width: Int) throws {
    let before = plush_matrix_isa()
    defer { plush_set_isa(before) }
    let layer = try PooledLayer(height: height, width: width)
    let (inConvolution, alone) = try layer.poolings()
    #expect(inConvolution == 1 && alone == 0)
    for isa in [PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2, PLUSH_ISA_AVX512] {
      plush_set_isa(isa)
      #expect(try layer.agrees())
    }
  }

  @Test func oneKernelDoesALayer() throws {
    let kernels = "\(try CPUDevice.shared.compile(PooledLayer().program))".split(separator: "\n")
    #expect(kernels.count == 2, "a heading and \(kernels)")
  }

  /// A gradient reads what was before the maxima.
  @Test func whatOthersReadIsMade() throws {
    var layer = try PooledLayer()
    layer.program.outputs.append(layer.activation)
    #expect(!layer.comesFirst())
    #expect(try layer.poolings() == (0, 1))
    #expect(try layer.agrees())
    layer = try PooledLayer()
    layer.program.outputs.append(layer.convolution)
    #expect(try layer.poolings() == (0, 1))
    #expect(try layer.agrees())
  }

  /// Order is kept by what is the same for all pixels alone, and padding is no pixel.
  @Test func onlyWhatKeepsOrderChangesPlaces() throws {
    let padded = try PooledLayer(padding: 1)
    #expect(!padded.comesFirst())
    #expect(try padded.agrees())
    let different = try PooledLayer(biasShape: [12, 9, 24])
    #expect(!different.comesFirst())
    #expect(try different.agrees())
    var scaled = try PooledLayer()
    let factors = scaled.program.appendParameter(TensorType([24]))
    let wide = try scaled.program.append(.broadcast([3, 12, 9, 24]), [factors])
    let product = try scaled.program.append(.binary(.multiply), [scaled.convolution, wide])
    let pooling = scaled.program.instructions[scaled.pooled.instruction].op
    scaled.program.outputs = [try scaled.program.append(pooling, [product])]
    #expect(!scaled.comesFirst())
    #expect(try scaled.agrees())
  }

  @Test func otherWindowsAreTakenAfterwards() throws {
    for layer in try [PooledLayer(window: 3), PooledLayer(stride: 1), PooledLayer(channels: 3)] {
      #expect(layer.comesFirst())
      #expect(try layer.poolings() == (0, 1))
      #expect(try layer.agrees())
    }
  }
}
