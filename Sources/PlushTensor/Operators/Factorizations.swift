import PlushEngine

// Matrices, in the last two axes, as products of simpler ones. Integers and half precision become
// float32; arithmetic happens in double precision.

extension Tensor {
  /// L, lower triangular, with L·Lᵀ the symmetric positive definite matrix [batch…, n, n] whose lower
  /// triangle this has; NaN where it is not positive definite. The gradient is that of the lower
  /// triangle.
  public func cholesky() -> Tensor { .record(.factorize(.cholesky), [precise("cholesky")]) }

  /// L·U, the square matrices [batch…, n, n] with rows permuted: L without its diagonal of ones and
  /// U in one matrix, and for each row where it was (int32, [batch…, n]).
  public func lu() -> (lu: Tensor, permutation: Tensor) {
    let results = Tensor.recordAll(.factorize(.lu), [precise("lu")])
    return (results[0], results[1])
  }

  /// Q, with orthonormal columns, and R, upper triangular, with Q·R this [batch…, m, n]: Q is [m, k]
  /// and R [k, n], where k is the smaller of m and n, or m with `fullMatrices`.
  ///
  /// By Householder's reflections, signs as TensorFlow.js has them. Where R is singular, as with
  /// `fullMatrices` of a high matrix, there is no gradient.
  public func qr(fullMatrices: Bool = false) -> (q: Tensor, r: Tensor) {
    let matrix = precise("qr")
    let (rows, columns) = (shape[rank - 2], shape[rank - 1])
    if rows > columns {
      if !fullMatrices { return matrix.thinQR() }
      // Columns of zeros leave the vectors that are still free.
      let widths = shape.indices.map { ($0 == rank - 1 ? (0, rows - columns) : (0, 0)) }
      let (q, r) = matrix.pad(widths).thinQR()
      return (q, r.narrowed(rank - 1, 0, columns))
    }
    if rows == columns { return matrix.thinQR() }
    let (q, r) = matrix.narrowed(rank - 1, 0, rows).thinQR()
    let rest = q.matmul(matrix.narrowed(rank - 1, rows, columns - rows), transposeA: true)
    return (q, concatenate([r, rest], axis: -1))
  }

  private func thinQR() -> (q: Tensor, r: Tensor) {
    let results = Tensor.recordAll(.factorize(.qr), [self])
    return (results[0], results[1])
  }

  /// The singular value decomposition U·diag(s)·Vᵀ of [batch…, m, n]: U [m, k] and V [n, k] with
  /// orthonormal columns and s [k], descending, where k is the smaller of m and n.
  ///
  /// One-sided Jacobi rotations: exact also for small values, made for small matrices.
  public func svd() -> (u: Tensor, values: Tensor, v: Tensor) {
    let matrix = precise("svd")
    if shape[rank - 2] < shape[rank - 1] {
      let (u, values, v) = matrix.swapAxes(-1, -2).svd()
      return (v, values, u)
    }
    let results = Tensor.recordAll(.factorize(.svd), [matrix])
    return (results[0], results[1], results[2])
  }

  /// The matrices in a type that linear algebra works on.
  func precise(_ name: String) -> Tensor {
    guard rank >= 2 else { stop("\(name) expects matrices [batch…, m, n]; got shape \(shape).") }
    return precise
  }

  /// The tensor in float64 if it is that, else in float32.
  var precise: Tensor { dtype == .float64 ? self : cast(to: .float32) }
}
