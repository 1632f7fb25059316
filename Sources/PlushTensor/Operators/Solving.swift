import PlushEngine

extension Tensor {
  /// X with T·X = B, T being the lower triangles (or upper, or transposed) of these square matrices.
  ///
  /// - Parameters:
  ///   - right: [batch…, n, k], or one vector [n]; batch axes broadcast.
  ///   - upper: take the upper triangles.
  ///   - transposed: take the triangles transposed.
  ///   - unitDiagonal: take the diagonal as ones.
  public func solveTriangular(
    _ right: Tensor, upper: Bool = false, transposed: Bool = false, unitDiagonal: Bool = false
  ) -> Tensor {
    let triangle = Triangle(
      isUpper: upper, isTransposed: transposed, hasUnitDiagonal: unitDiagonal)
    return withRightSide(right, "solveTriangular") { t, b in
      .record(.solveTriangular(triangle), [t, b])
    }
  }

  /// X with A·X = B for these square matrices A.
  ///
  /// - Parameter right: [batch…, n, k], or one vector [n]; batch axes broadcast. Where A is singular
  ///   the result is infinite or NaN.
  public func solve(_ right: Tensor) -> Tensor {
    withRightSide(right, "solve") { a, b in
      let (lu, permutation) = a.lu()
      return lu.solveTriangular(b.permutingRows(permutation), unitDiagonal: true)
        .solvedUpper(by: lu)
    }
  }

  private func solvedUpper(by lu: Tensor) -> Tensor { lu.solveTriangular(self, upper: true) }

  /// The inverses of the square matrices [batch…, n, n]; infinite or NaN where one is singular.
  public func inverse() -> Tensor {
    let matrix = precise("inverse")
    return matrix.solve(.eye(matrix.shape[rank - 1], dtype: matrix.dtype))
  }

  /// The determinants of the square matrices: [batch…, n, n] gives [batch…]. The gradient needs
  /// them to be regular.
  public func determinant() -> Tensor {
    let (lu, permutation) = precise("determinant").lu()
    return lu.diagonal().product(axis: -1) * permutation.sign(of: lu.dtype)
  }

  /// Signs and logarithms of absolute values of the determinants: [batch…, n, n] gives [batch…]
  /// each.
  public func logDeterminant() -> (sign: Tensor, logarithm: Tensor) {
    let (lu, permutation) = precise("logDeterminant").lu()
    let diagonal = lu.diagonal()
    let sign = diagonal.sign().product(axis: -1) * permutation.sign(of: lu.dtype)
    return (sign.stopGradient(), diagonal.abs().log().sum(axis: -1))
  }

  /// The rows of a matrix made orthonormal one after the other (modified Gram-Schmidt).
  public func gramSchmidt() -> Tensor {
    guard rank == 2, shape[0] <= shape[1] else {
      stop("gramSchmidt expects a matrix no higher than wide; got shape \(shape).")
    }
    var rows: [Tensor] = []
    for row in floating.unstack() {
      let rest = rows.reduce(row) { $0 - $1 * ($0 * $1).sum() }
      rows.append(rest / rest.norm())
    }
    return rows.isEmpty ? floating : stack(rows)
  }

  /// The rows of each matrix in the order that the indices, [batch…, rows], tell.
  func permutingRows(_ order: Tensor) -> Tensor {
    let column = order.expandDims(axis: -1)
    return gatherElements(column.broadcast(to: shape), axis: -2)
  }

  /// 1 for permutations of even, -1 for those of odd numbers of exchanges: they have as many pairs
  /// in the wrong order.
  private func sign(of dtype: DType) -> Tensor {
    let isWrong = expandDims(axis: -1) .> expandDims(axis: -2)
    let pairs = isWrong.triangularUpper().sum(axes: [-2, -1])
    return (1 - pairs.modulo(2) * 2).cast(to: dtype)
  }

  /// Brings both sides of a system into one type and batch, vectors as columns.
  private func withRightSide(
    _ right: Tensor, _ name: String, _ body: (Tensor, Tensor) -> Tensor
  ) -> Tensor {
    let isVector = right.rank == 1
    let column = isVector ? right.expandDims(axis: -1) : right
    let matrix = precise(name)
    let size = shape[rank - 1]
    guard size == shape[rank - 2], column.rank >= 2, column.shape[column.rank - 2] == size,
      let batch = Array(shape.dropLast(2)).broadcast(with: column.shape.dropLast(2))
    else {
      stop(
        "\(name) expects square matrices [batch…, n, n] and [batch…, n, k] or [n]; got "
          + "\(shape) and \(right.shape).")
    }
    let dtype = matrix.dtype.promoted(with: column.precise.dtype)
    let result = body(
      matrix.cast(to: dtype).broadcast(to: batch + [size, size]),
      column.cast(to: dtype).broadcast(to: batch + column.shape.suffix(2)))
    return isVector ? result.squeeze(axis: -1) : result
  }
}
