import PlushKernels

/// Fourier transforms of lines of complex numbers.
final class FourierKernel: Kernel, @unchecked Sendable {
  let inverse: Bool
  let dtype: DType
  let count: Int
  let length: Int
  let input: ArrayOperand
  let output: ArrayOperand

  init(
    inverse: Bool, _ dtype: DType, count: Int, length: Int, input: ArrayOperand,
    output: ArrayOperand
  ) {
    self.inverse = inverse
    self.dtype = dtype
    self.count = count
    self.length = length
    self.input = input
    self.output = output
  }

  override var summary: String { "fft \(dtype) \(count) of \(length)" }

  override func run(_ slots: Slots) -> ExecutionError? {
    plush_fft(
      dtype.kernelType, input.pointer(slots), output.pointer(slots), count, length, inverse)
    return nil
  }
}
