import PlushEngine

// Linear algebra. Below, a gradient G at a result belongs to the sum of G times the result.

extension GradientRule {
  /// X = T⁻¹B: Giles, "Collected matrix derivative results for forward and reverse mode algorithmic
  /// differentiation", 2008.
  func solveTriangular(_ triangle: Triangle) -> [Tensor] {
    var other = triangle
    other.isTransposed.toggle()
    let right = Tensor.record(.solveTriangular(other), [x, g])
    let whole = triangle.isTransposed ? -product(y, right, .right) : -product(right, y, .right)
    let first = triangle.hasUnitDiagonal ? 1 : 0
    let part = triangle.isUpper ? whole.triangularUpper(first) : whole.triangularLower(-first)
    return [part, right]
  }

  func factorize(_ factorization: Factorization) -> Tensor {
    switch factorization {
    case .cholesky: cholesky()
    case .lu: lu()
    case .qr: qr()
    case .svd: svd()
    }
  }

  /// Murray, "Differentiation of the Cholesky decomposition", 2016. Only the lower triangle is read.
  private func cholesky() -> Tensor {
    let inner = halvingDiagonal(product(y, g, .left).triangularLower())
    let left = solved(y, inner, transposed: true)
    let sum = solved(y, left.swapAxes(-1, -2), transposed: true)
    return halvingDiagonal((sum + sum.swapAxes(-1, -2)).triangularLower())
  }

  /// With X = L⁻¹ dA U⁻¹, rows of dA permuted: dL = L · (X below its diagonal), dU = (the rest of
  /// X) · U. The reverse mode of de Hoog, Anderssen and Lukas, "Differentiation of matrix functionals
  /// using triangular factorization", 2011.
  private func lu() -> Tensor {
    let upper = y.triangularUpper()
    let lower = y.triangularLower(-1) + .eye(y.shape[y.rank - 1], dtype: y.dtype)
    let inner =
      product(lower, g.triangularLower(-1), .left).triangularLower(-1)
      + product(g.triangularUpper(), upper, .right).triangularUpper()
    let left = Tensor.record(
      .solveTriangular(Triangle(isUpper: false, isTransposed: true, hasUnitDiagonal: true)),
      [y, inner])
    let whole = solved(y, left.swapAxes(-1, -2), upper: true).swapAxes(-1, -2)
    return whole.permutingRows(outputs[1].argSort())
  }

  /// Roberts and Roberts, "QR and LQ decomposition matrix backpropagation algorithms for square, wide,
  /// and deep matrices", 2020.
  private func qr() -> Tensor {
    let (q, r) = (outputs[0], outputs[1])
    let (gq, gr) = (gradient(0), gradient(1))
    let inner = product(r, gr, .right) - product(gq, q, .left)
    let symmetric = inner.triangularLower() + inner.triangularLower(-1).swapAxes(-1, -2)
    let left = gq + q.matmul(symmetric)
    return solved(r, left.swapAxes(-1, -2), upper: true).swapAxes(-1, -2)
  }

  /// Townsend, "Differentiating the singular value decomposition", 2016. Equal values, whose vectors
  /// are not determined, share none of the vectors' gradients.
  private func svd() -> Tensor {
    let (u, s, v) = (outputs[0], outputs[1], outputs[2])
    var inner = gradient(1).diagonalMatrix()
    let (row, column) = (s.expandDims(axis: -2), s.expandDims(axis: -1))
    let gap = row.square() - column.square()
    let factor = (gap .== 0).select(0, (gap .== 0).select(1, gap).reciprocal())
    var outside: Tensor?
    if let gu = gradients[0] {
      let turn = product(u, gu, .left)
      inner = inner + factor * (turn - turn.swapAxes(-1, -2)) * row
      outside = (gu - u.matmul(turn)) / row
    }
    if let gv = gradients[2] {
      let turn = product(v, gv, .left)
      inner = inner + column * (factor * (turn - turn.swapAxes(-1, -2)))
    }
    let left = u.matmul(inner)
    return product(outside.map { left + $0 } ?? left, v, .right)
  }

  private enum Transposed { case left, right }

  private func product(_ a: Tensor, _ b: Tensor, _ side: Transposed) -> Tensor {
    PlushTensor.matmul(a, b, transposeA: side == .left, transposeB: side == .right)
  }

  private func gradient(_ index: Int) -> Tensor {
    gradients[index] ?? .zeros(like: outputs[index])
  }

  private func halvingDiagonal(_ matrix: Tensor) -> Tensor {
    matrix - matrix.diagonal().diagonalMatrix() * 0.5
  }

  private func solved(
    _ triangle: Tensor, _ right: Tensor, upper: Bool = false, transposed: Bool = false
  ) -> Tensor {
    .record(
      .solveTriangular(Triangle(isUpper: upper, isTransposed: transposed)), [triangle, right])
  }
}
