import PlushKernels

/// A convolution, a pooling or a gradient of one, with an elementwise program over each finished
/// block if there is one.
final class WindowKernel: Kernel, @unchecked Sendable {
  /// Which, and how the window moves.
  enum Operation {
    case convolve(PlushConvolution)
    case convolveInputGradient(PlushConvolution)
    case convolveFilterGradient(PlushConvolution)
    case maxPool(PlushPooling)
    case maxPoolGradient(PlushPooling)
    case averagePool(PlushPooling)
    case averagePoolGradient(PlushPooling)
  }

  let operation: Operation
  let dtype: DType
  let inputs: [ArrayOperand]
  let output: ArrayOperand
  let epilogue: ElementwiseKernel?

  init(
    _ operation: Operation, _ dtype: DType, inputs: [ArrayOperand], output: ArrayOperand,
    epilogue: ElementwiseKernel?
  ) {
    self.operation = operation
    self.dtype = dtype
    self.inputs = inputs
    self.output = output
    self.epilogue = epilogue
    epilogue?.prepare(isBlock: true)
  }

  override var summary: String {
    let name = "\(operation.name) \(dtype) \(operation.sizes)"
    return epilogue.map { "\(name) then \($0.summary)" } ?? name
  }

  override func run(_ slots: Slots) -> ExecutionError? {
    guard let epilogue else {
      run(slots, nil, nil)
      return nil
    }
    // Rows count through the whole batch.
    epilogue.withBlocks(slots, rowsPerMatrix: 0) { run(slots, $0, $1) }
    return nil
  }

  private func run(
    _ slots: Slots, _ callback: PlushEpilogue?, _ context: UnsafeMutableRawPointer?
  ) {
    let (type, a, c) = (dtype.kernelType, inputs[0].pointer(slots), output.pointer(slots))
    func b() -> UnsafeMutableRawPointer { inputs[1].pointer(slots) }
    func with(_ convolution: PlushConvolution) -> PlushConvolution {
      var convolution = convolution
      convolution.epilogue = callback
      convolution.context = context
      return convolution
    }
    func with(_ pooling: PlushPooling) -> PlushPooling {
      var pooling = pooling
      pooling.epilogue = callback
      pooling.context = context
      return pooling
    }
    switch operation {
    case .convolve(let convolution):
      withUnsafePointer(to: with(convolution)) { plush_convolve(type, $0, a, b(), c) }
    case .convolveInputGradient(let convolution):
      withUnsafePointer(to: with(convolution)) {
        plush_convolve_input_gradient(type, $0, a, b(), c)
      }
    case .convolveFilterGradient(let convolution):
      withUnsafePointer(to: with(convolution)) {
        plush_convolve_filter_gradient(type, $0, a, b(), c)
      }
    case .maxPool(let pooling):
      withUnsafePointer(to: with(pooling)) { plush_max_pool(type, $0, a, c) }
    case .maxPoolGradient(let pooling):
      withUnsafePointer(to: with(pooling)) { plush_max_pool_gradient(type, $0, b(), a, c) }
    case .averagePool(let pooling):
      withUnsafePointer(to: with(pooling)) { plush_average_pool(type, $0, a, c) }
    case .averagePoolGradient(let pooling):
      withUnsafePointer(to: with(pooling)) { plush_average_pool_gradient(type, $0, a, c) }
    }
  }
}

extension WindowKernel.Operation {
  /// Whether it can leave the maxima of 2×2 squares of its results, of float32, instead of them.
  var canPool: Bool {
    guard case .convolve(let convolution) = self else { return false }
    return withUnsafePointer(to: convolution) { plush_convolution_can_pool(PLUSH_FLOAT32, $0) }
  }

  fileprivate var name: String {
    switch self {
    case .convolve(let convolution):
      convolution.pools ? "convolution with maximum pooling" : "convolution"
    case .convolveInputGradient: "convolution, gradient at input"
    case .convolveFilterGradient: "convolution, gradient at filter"
    case .maxPool: "maximum pooling"
    case .maxPoolGradient: "maximum pooling, gradient"
    case .averagePool: "average pooling"
    case .averagePoolGradient: "average pooling, gradient"
    }
  }

  /// Input, window and result.
  fileprivate var sizes: String {
    switch self {
    case .convolve(let c), .convolveInputGradient(let c), .convolveFilterGradient(let c):
      let axes = [c.depth, c.height, c.width]
      return "\(c.batch)×\(axes.map(\.input))×\(c.channels) by \(axes.map(\.window))×\(c.filters)"
    case .maxPool(let p), .maxPoolGradient(let p), .averagePool(let p),
      .averagePoolGradient(let p):
      let axes = [p.depth, p.height, p.width]
      return "\(p.batch)×\(axes.map(\.input))×\(p.channels) by \(axes.map(\.window))"
    }
  }
}

extension Pooling {
  /// Whether it takes the maxima of the 2×2 squares that an image falls into.
  var isMaximumOfSquares: Bool {
    let tiling = WindowMotion(strides: [2, 2], dilations: [1, 1], low: [0, 0], high: [0, 0])
    return kind == .max && window == [2, 2] && motion == tiling
  }
}

extension WindowMotion {
  /// Depth, height and width as floor 0 has them.
  private func axes(
    input: ArraySlice<Int>, window: [Int], output: ArraySlice<Int>
  ) -> (PlushAxis, PlushAxis, PlushAxis) {
    let axes = window.indices.map { axis in
      PlushAxis(
        input: input[input.startIndex + axis], output: output[output.startIndex + axis],
        window: window[axis], stride: strides[axis], dilation: dilations[axis],
        padding: low[axis])
    }
    let all = [PlushAxis](repeating: plush_no_axis, count: 3 - axes.count) + axes
    return (all[0], all[1], all[2])
  }

  /// A convolution of arrays of these shapes as floor 0 has it.
  func convolution(
    groups: Int, input: [Int], filter: [Int], output: [Int]
  ) -> PlushConvolution {
    var result = PlushConvolution()
    result.batch = input[0]
    result.channels = input[input.count - 1]
    result.filters = output[output.count - 1]
    result.groups = groups
    // With few channels the transforms of Winograd's way cost more than they save.
    let isNarrow = min(result.channels, result.filters) < 16
    result.precision = isNarrow ? PLUSH_PRECISION_HIGH : PLUSH_PRECISION_DEFAULT
    (result.depth, result.height, result.width) = axes(
      input: input.dropFirst().dropLast(), window: filter.dropLast(2),
      output: output.dropFirst().dropLast())
    return result
  }

  /// A pooling of arrays of these shapes as floor 0 has it.
  func pooling(window: [Int], input: [Int], output: [Int]) -> PlushPooling {
    var result = PlushPooling()
    result.batch = input[0]
    result.channels = input[input.count - 1]
    (result.depth, result.height, result.width) = axes(
      input: input.dropFirst().dropLast(), window: window,
      output: output.dropFirst().dropLast())
    return result
  }
}

extension Op {
  /// What floor 0 does for a window's operation on operands of these shapes.
  func windowOperation(_ operands: [[Int]], _ result: [Int]) -> WindowKernel.Operation {
    switch self {
    case .convolution(let c):
      .convolve(
        c.motion.convolution(
          groups: c.groups, input: operands[0], filter: operands[1], output: result))
    case .convolutionInputGradient(let c, _):
      .convolveInputGradient(
        c.motion.convolution(
          groups: c.groups, input: result, filter: operands[1], output: operands[0]))
    case .convolutionFilterGradient(let c, _):
      .convolveFilterGradient(
        c.motion.convolution(
          groups: c.groups, input: operands[0], filter: result, output: operands[1]))
    case .pool(let p):
      p.kind == .max
        ? .maxPool(p.motion.pooling(window: p.window, input: operands[0], output: result))
        : .averagePool(p.motion.pooling(window: p.window, input: operands[0], output: result))
    case .poolGradient(let p, _):
      p.kind == .max
        ? .maxPoolGradient(
          p.motion.pooling(window: p.window, input: result, output: operands[0]))
        : .averagePoolGradient(
          p.motion.pooling(window: p.window, input: result, output: operands[0]))
    default: preconditionFailure("\(name) moves no window.")
    }
  }
}
