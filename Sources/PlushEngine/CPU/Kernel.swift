import PlushKernels

/// The table of base pointers that a plan's kernels find their memory in. Behind them stand the stamps
/// of the inputs.
typealias Slots = UnsafePointer<UnsafeMutableRawPointer?>

/// One call into floor 0 with everything but the addresses decided.
///
/// A kernel is made once and run many times, from several threads at once: it never changes.
class Kernel: @unchecked Sendable {
  /// What it does, for people.
  var summary: String { "\(Self.self)" }

  /// Does it.
  ///
  /// - Returns: nil, or what was wrong with the values.
  func run(_ slots: Slots) -> ExecutionError? {
    preconditionFailure("A kernel must say what it does.")
  }
}

/// An operand of a kernel other than an elementwise program: contiguous memory.
struct ArrayOperand {
  var slot: Int
  var byteOffset = 0

  func pointer(_ slots: Slots) -> UnsafeMutableRawPointer { slots[slot]! + byteOffset }
}

/// An array seen as [outer, length, inner] around one axis.
struct AxisLayout {
  var outer: Int
  var length: Int
  var inner: Int

  init(_ shape: [Int], axis: Int) { self.init(shape, axes: axis..<axis + 1) }

  init(_ shape: [Int], axes: Range<Int>) {
    outer = shape[..<axes.lowerBound].reduce(1, *)
    length = shape[axes].reduce(1, *)
    inner = shape[axes.upperBound...].reduce(1, *)
  }
}

/// Gathering or scattering along an axis.
final class IndexingKernel: Kernel, @unchecked Sendable {
  /// Which of the four.
  enum Operation { case gather, scatterAdd, gatherElements, scatterAddElements }

  let operation: Operation
  let dtype: DType
  let layout: AxisLayout
  let count: Int
  let input: ArrayOperand
  let indices: ArrayOperand
  let output: ArrayOperand

  /// `layout` is that of the array with the indexed axis; `count` the number of indices.
  init(
    _ operation: Operation, _ dtype: DType, _ layout: AxisLayout, count: Int, input: ArrayOperand,
    indices: ArrayOperand, output: ArrayOperand
  ) {
    self.operation = operation
    self.dtype = dtype
    self.layout = layout
    self.count = count
    self.input = input
    self.indices = indices
    self.output = output
  }

  override var summary: String { "\(operation) \(dtype) \(count) of \(layout.length)" }

  override func run(_ slots: Slots) -> ExecutionError? {
    let call =
      switch operation {
      case .gather: plush_gather
      case .scatterAdd: plush_scatter_add
      case .gatherElements: plush_gather_elements
      case .scatterAddElements: plush_scatter_add_elements
      }
    let positions = indices.pointer(slots).assumingMemoryBound(to: Int32.self)
    let wrong = call(
      dtype.kernelType, input.pointer(slots), positions, output.pointer(slots), layout.outer,
      layout.length, layout.inner, count)
    guard wrong >= 0 else { return nil }
    return ExecutionError(
      "\(operation) expects indices in 0..<\(layout.length); index \(positions[wrong]) stands at "
        + "position \(wrong).",
      hint: "check the indices (labels, tokens) against the size of the axis that they select from")
  }
}
