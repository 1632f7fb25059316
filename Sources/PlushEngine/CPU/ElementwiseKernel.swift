import PlushKernels

/// A fused elementwise program of floor 0, with the memory that its description lives in.
final class ElementwiseKernel: Kernel, @unchecked Sendable {
  private let program: UnsafeMutablePointer<PlushElementwise>
  private let instructions: UnsafeMutableBufferPointer<PlushInstruction>
  private let views: UnsafeMutableBufferPointer<PlushView>

  init(
    dims: [Int], reducesRows: Bool, registerCount: Int, instructions: [PlushInstruction],
    views: [PlushView]
  ) {
    self.instructions = .allocate(capacity: max(instructions.count, 1))
    _ = self.instructions.initialize(from: instructions)
    self.views = .allocate(capacity: max(views.count, 1))
    _ = self.views.initialize(from: views)
    var description = PlushElementwise()
    description.rank = Int32(dims.count)
    description.register_count = Int32(registerCount)
    description.instruction_count = Int32(instructions.count)
    description.view_count = Int32(views.count)
    description.reduces_rows = reducesRows ? 1 : 0
    withUnsafeMutableBytes(of: &description.dims) { bytes in
      let sizes = bytes.bindMemory(to: Int64.self)
      for (axis, size) in dims.enumerated() { sizes[axis] = Int64(size) }
    }
    description.instructions = UnsafePointer(self.instructions.baseAddress!)
    description.views = UnsafePointer(self.views.baseAddress!)
    program = .allocate(capacity: 1)
    program.initialize(to: description)
  }

  /// Gets small programs ready to run; those that follow a product block by block if `isBlock`.
  func prepare(isBlock: Bool) { plush_elementwise_prepare(program, isBlock) }

  deinit {
    plush_elementwise_forget(program)
    instructions.deallocate()
    views.deallocate()
    program.deallocate()
  }

  override var summary: String {
    let dims = withUnsafeBytes(of: program.pointee.dims) {
      Array($0.bindMemory(to: Int64.self).prefix(Int(program.pointee.rank)))
    }
    return "elementwise \(instructions.count) instructions over \(dims)"
      + (program.pointee.reduces_rows == 1 ? ", rows reduced" : "")
  }

  override func run(_ slots: Slots) -> ExecutionError? {
    plush_elementwise(program, slots)
    return nil
  }

  /// What the callback of a finished block needs.
  private struct BlockContext {
    var program: UnsafePointer<PlushElementwise>
    var slots: Slots
    var rowsPerMatrix: Int
  }

  /// Calls `body` with a callback, and its context, that runs the program over a block of matrices
  /// that have so many rows each.
  func withBlocks(
    _ slots: Slots, rowsPerMatrix: Int,
    _ body: (PlushEpilogue, UnsafeMutableRawPointer) -> Void
  ) {
    var context = BlockContext(
      program: UnsafePointer(program), slots: slots, rowsPerMatrix: rowsPerMatrix)
    withUnsafeMutablePointer(to: &context) { context in
      let callback: PlushEpilogue = { context, batch, row, rows, column, columns in
        let context = context!.assumingMemoryBound(to: BlockContext.self)
        plush_elementwise_block(
          context.pointee.program, context.pointee.slots,
          batch * context.pointee.rowsPerMatrix + row, rows, column, columns)
      }
      body(callback, UnsafeMutableRawPointer(context))
    }
  }
}

/// A matrix product, with an elementwise program over each finished block if there is one.
final class MatmulKernel: Kernel, @unchecked Sendable {
  let dtype: DType
  /// Of the matrices in memory: products of bfloat16 read and write float32 too.
  let types: PlushGemmTypes
  let description: PlushGemm
  let a: ArrayOperand
  let b: ArrayOperand
  let c: ArrayOperand
  let epilogue: ElementwiseKernel?

  init(
    _ dtype: DType, _ types: PlushGemmTypes, _ description: PlushGemm, a: ArrayOperand,
    b: ArrayOperand, c: ArrayOperand, epilogue: ElementwiseKernel?
  ) {
    self.dtype = dtype
    self.types = types
    self.description = description
    self.a = a
    self.b = b
    self.c = c
    self.epilogue = epilogue
    epilogue?.prepare(isBlock: true)
  }

  override var summary: String {
    let d = description
    let layout = "\(d.a_column == 1 ? "n" : "t")\(d.b_column == 1 ? "n" : "t")"
    let product = "matmul \(dtype) \(layout) \(d.batch)×[\(d.m), \(d.n), \(d.k)]"
    return epilogue.map { "\(product) then \($0.summary)" } ?? product
  }

  private func multiply(_ gemm: inout PlushGemm) {
    if dtype == .bfloat16 {
      plush_gemm_bfloat16(types, &gemm)
    } else {
      plush_gemm(dtype.kernelType, &gemm)
    }
  }

  override func run(_ slots: Slots) -> ExecutionError? {
    var gemm = description
    gemm.a = UnsafeRawPointer(a.pointer(slots))
    gemm.b = UnsafeRawPointer(b.pointer(slots))
    gemm.c = c.pointer(slots)
    guard let epilogue else {
      multiply(&gemm)
      return nil
    }
    epilogue.withBlocks(slots, rowsPerMatrix: gemm.m) { callback, context in
      gemm.epilogue = callback
      gemm.context = context
      multiply(&gemm)
    }
    return nil
  }
}
