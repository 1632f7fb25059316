import PlushKernels

/// What goes along one axis, a reduction along adjacent ones.
final class AxisKernel: Kernel, @unchecked Sendable {
  /// Which.
  enum Operation {
    case reduce(Reduction)
    /// The index of the largest or smallest element.
    case argReduce(ArgReduction)
    /// A running reduction.
    case scan(Reduction, exclusive: Bool, reverse: Bool)
    /// The order of the elements.
    case argsort(descending: Bool)
  }

  let operation: Operation
  let dtype: DType
  let layout: AxisLayout
  let input: ArrayOperand
  let output: ArrayOperand

  init(
    _ operation: Operation, _ dtype: DType, _ layout: AxisLayout, input: ArrayOperand,
    output: ArrayOperand
  ) {
    self.operation = operation
    self.dtype = dtype
    self.layout = layout
    self.input = input
    self.output = output
  }

  override var summary: String {
    "\(operation) \(dtype) [\(layout.outer), \(layout.length), \(layout.inner)]"
  }

  override func run(_ slots: Slots) -> ExecutionError? {
    let (x, y) = (input.pointer(slots), output.pointer(slots))
    let (outer, length, inner) = (layout.outer, layout.length, layout.inner)
    let type = dtype.kernelType
    switch operation {
    case .reduce(let reduction):
      plush_reduce(reduction.kernelValue, type, x, y, outer, length, inner)
    case .argReduce(let reduction):
      let places = y.assumingMemoryBound(to: Int32.self)
      plush_arg_reduce(reduction == .min, type, x, places, outer, length, inner)
    case .scan(let reduction, let exclusive, let reverse):
      plush_scan(reduction.kernelValue, type, x, y, outer, length, inner, exclusive, reverse)
    case .argsort(let descending):
      let places = y.assumingMemoryBound(to: Int32.self)
      plush_argsort(type, x, places, outer, length, inner, descending)
    }
    return nil
  }
}

extension Reduction {
  var kernelValue: PlushReduction { PlushReduction(UInt32(rawValue)) }
}
