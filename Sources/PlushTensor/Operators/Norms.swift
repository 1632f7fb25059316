import PlushEngine

/// How elements make up a length.
public enum NormOrder: Sendable, Hashable {
  /// The sum of absolute values.
  case one
  /// The square root of the sum of squares: Euclid's, and of matrices Frobenius's.
  case two
  /// The largest absolute value.
  case infinity
  /// The smallest absolute value.
  case minusInfinity
  /// The p-th root of the sum of the p-th powers of absolute values.
  case p(Double)
}

/// How a matrix's elements make up its size.
public enum MatrixNormOrder: Sendable, Hashable {
  /// The square root of the sum of squares.
  case frobenius
  /// The largest sum of absolute values of a column.
  case one
  /// The largest sum of absolute values of a row.
  case infinity
  /// The largest singular value.
  case spectral
  /// The sum of the singular values.
  case nuclear
}

extension Tensor {
  /// The length of the vectors along some axes, or of all elements; integers give float32.
  public func norm(
    order: NormOrder = .two, axes: [Int]? = nil, keepDims: Bool = false
  ) -> Tensor {
    let x = floating
    switch order {
    case .one: return x.abs().sum(axes: axes, keepDims: keepDims)
    case .two: return x.square().sum(axes: axes, keepDims: keepDims).sqrt()
    case .infinity: return x.abs().max(axes: axes, keepDims: keepDims)
    case .minusInfinity: return x.abs().min(axes: axes, keepDims: keepDims)
    case .p(let p):
      return x.abs().pow(p).sum(axes: axes, keepDims: keepDims).pow(1 / p)
    }
  }

  /// The length of the vectors along an axis.
  public func norm(order: NormOrder = .two, axis: Int, keepDims: Bool = false) -> Tensor {
    norm(order: order, axes: [axis], keepDims: keepDims)
  }

  /// The size of the matrices in two axes: rows, then columns.
  public func matrixNorm(
    order: MatrixNormOrder = .frobenius, axes: (Int, Int) = (-2, -1), keepDims: Bool = false
  ) -> Tensor {
    let (row, column) = (axis(axes.0, "matrixNorm"), axis(axes.1, "matrixNorm"))
    let size: Tensor
    switch order {
    case .frobenius: size = norm(axes: [row, column], keepDims: true)
    case .one:
      size = norm(order: .one, axis: row, keepDims: true).max(axis: column, keepDims: true)
    case .infinity:
      size = norm(order: .one, axis: column, keepDims: true).max(axis: row, keepDims: true)
    case .spectral, .nuclear:
      let rest = shape.indices.filter { $0 != row && $0 != column }
      let values = transpose(rest + [row, column]).svd().values
      let sizes = order == .spectral ? values.max(axis: -1) : values.sum(axis: -1)
      size = sizes.restoring([row, column].sorted())
    }
    return keepDims ? size : size.squeeze(axes: [row, column])
  }
}
