import PlushEngine

extension Tensor {
  /// The lower triangle of each matrix [batch…, m, n], up to diagonal `k`, 0 being the main one and
  /// 1 that above it; zeros above. The shape stays.
  public func triangularLower(_ k: Int = 0) -> Tensor {
    (rowMinusColumn .>= -k).select(self, Tensor.zeros(like: self))
  }

  /// The upper triangle of each matrix [batch…, m, n], from diagonal `k` on, 0 being the main one
  /// and 1 that above it; zeros below. The shape stays.
  public func triangularUpper(_ k: Int = 0) -> Tensor {
    (rowMinusColumn .<= -k).select(self, Tensor.zeros(like: self))
  }

  /// The diagonals of each matrix from `lower` below to `upper` above the main one, zeros elsewhere;
  /// a negative number keeps the whole triangle.
  public func bandPart(lower: Int, upper: Int) -> Tensor {
    let below = lower < 0 ? self : triangularUpper(-lower)
    return upper < 0 ? below : below.triangularLower(upper)
  }

  /// The matrices with the last axis as diagonal, zeros elsewhere: [batch…, n] gives [batch…, n,
  /// n].
  public func diagonalMatrix() -> Tensor {
    guard let size = shape.last else { stop("diagonalMatrix expects at least one axis.") }
    let matrix = expandDims(axis: -1).broadcast(to: shape + [size])
    return (matrix.rowMinusColumn .== 0).select(matrix, 0)
  }

  /// The diagonal of each matrix.
  public func diagonal() -> Tensor {
    guard rank >= 2 else { stop("diagonal expects at least two axes; got shape \(shape).") }
    let size = Swift.min(shape[rank - 2], shape[rank - 1])
    let square = narrowed(rank - 2, 0, size).narrowed(rank - 1, 0, size)
    return (square.rowMinusColumn .== 0).select(square, 0).sum(axis: -1)
  }

  /// The sum of the diagonal of the matrices in two axes.
  public func trace(axes: (Int, Int) = (-2, -1)) -> Tensor {
    let (row, column) = (axis(axes.0, "trace"), axis(axes.1, "trace"))
    let rest = shape.indices.filter { $0 != row && $0 != column }
    return transpose(rest + [row, column]).diagonal().sum(axis: -1)
  }

  private var rowMinusColumn: Tensor {
    guard rank >= 2 else { stop("Matrices have at least two axes; got shape \(shape).") }
    return .iota(shape, axis: rank - 2) - .iota(shape, axis: rank - 1)
  }
}
