import PlushKernels

/// What linear algebra does with a matrix.
enum MatrixOperation {
  case factorize(Factorization)
  case solve(Triangle)
}

/// A factorization or a triangular system, for each matrix of a batch.
final class MatricesKernel: Kernel, @unchecked Sendable {
  let operation: MatrixOperation
  let dtype: DType
  let batch: Int
  let rows: Int
  let columns: Int
  let inputs: [ArrayOperand]
  let outputs: [ArrayOperand]

  /// `rows` and `columns` are those of the last input.
  init(
    _ operation: MatrixOperation, _ dtype: DType, batch: Int, rows: Int, columns: Int,
    inputs: [ArrayOperand], outputs: [ArrayOperand]
  ) {
    self.operation = operation
    self.dtype = dtype
    self.batch = batch
    self.rows = rows
    self.columns = columns
    self.inputs = inputs
    self.outputs = outputs
  }

  override var summary: String { "\(operation) \(dtype) \(batch) of [\(rows), \(columns)]" }

  override func run(_ slots: Slots) -> ExecutionError? {
    let (type, input) = (dtype.kernelType, inputs[0].pointer(slots))
    func output(_ index: Int) -> UnsafeMutableRawPointer { outputs[index].pointer(slots) }
    switch operation {
    case .factorize(.cholesky): plush_cholesky(type, input, output(0), batch, rows)
    case .factorize(.lu):
      plush_lu(type, input, output(0), output(1).assumingMemoryBound(to: Int32.self), batch, rows)
    case .factorize(.qr): plush_qr(type, input, output(0), output(1), batch, rows, columns)
    case .factorize(.svd):
      plush_svd(type, input, output(0), output(1), output(2), batch, rows, columns)
    case .solve(let triangle):
      plush_solve_triangular(
        type,
        PlushTriangle(
          upper: triangle.isUpper, transposed: triangle.isTransposed,
          unit_diagonal: triangle.hasUnitDiagonal),
        input, inputs[1].pointer(slots), output(0), batch, rows, columns)
    }
    return nil
  }
}
