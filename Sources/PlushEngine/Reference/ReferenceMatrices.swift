/// One matrix of a batch.
private struct Matrix {
  var rows: Int
  var columns: Int
  var elements: [Double]

  init(_ rows: Int, _ columns: Int, _ element: (Int, Int) -> Double) {
    self.rows = rows
    self.columns = columns
    elements = (0..<rows).flatMap { i in (0..<columns).map { element(i, $0) } }
  }

  init(_ rows: Int, _ columns: Int, _ elements: ArraySlice<Double>) {
    self.rows = rows
    self.columns = columns
    self.elements = Array(elements)
  }

  static func identity(_ size: Int) -> Matrix { Matrix(size, size) { $0 == $1 ? 1 : 0 } }

  subscript(_ row: Int, _ column: Int) -> Double {
    get { elements[row * columns + column] }
    set { elements[row * columns + column] = newValue }
  }

  func column(_ index: Int) -> [Double] { (0..<rows).map { self[$0, index] } }

  var transposed: Matrix { Matrix(columns, rows) { self[$1, $0] } }

  /// The first rows and columns.
  func top(_ rows: Int, _ columns: Int) -> Matrix { Matrix(rows, columns) { self[$0, $1] } }

  static func * (a: Matrix, b: Matrix) -> Matrix {
    Matrix(a.rows, b.columns) { i, j in
      (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
    }
  }
}

private func dot(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
}

extension ReferenceArray {
  func factorize(_ factorization: Factorization) -> [ReferenceValue] {
    let matrices = matrices
    switch factorization {
    case .cholesky: return [joined(matrices.map(cholesky))]
    case .lu:
      let factors = matrices.map(lu)
      return [
        joined(factors.map(\.0)), .integer(factors.flatMap { $0.1.map { Int64($0) } }),
      ]
    case .qr:
      let factors = matrices.map(qr)
      return [joined(factors.map(\.0)), joined(factors.map(\.1))]
    case .svd:
      let factors = matrices.map(svd)
      return [
        joined(factors.map(\.0)), .real(factors.flatMap(\.1)), joined(factors.map(\.2)),
      ]
    }
  }

  func solve(_ right: ReferenceArray, _ triangle: Triangle) -> ReferenceValue {
    joined(zip(matrices, right.matrices).map { triangular($0, $1, triangle) })
  }

  private var matrices: [Matrix] {
    let (rows, columns) = (shape[shape.count - 2], shape[shape.count - 1])
    let size = rows * columns
    return (0..<shape.dropLast(2).reduce(1, *)).map {
      Matrix(rows, columns, reals[$0 * size..<($0 + 1) * size])
    }
  }

  private func joined(_ matrices: [Matrix]) -> ReferenceValue {
    .real(matrices.flatMap(\.elements))
  }
}

private func cholesky(_ a: Matrix) -> Matrix {
  var l = Matrix(a.rows, a.rows) { _, _ in 0 }
  for i in 0..<a.rows {
    for j in 0...i {
      let rest = a[i, j] - (0..<j).reduce(0) { $0 + l[i, $1] * l[j, $1] }
      l[i, j] = i == j ? rest.squareRoot() : rest / l[j, j]
    }
  }
  return l
}

private func lu(_ matrix: Matrix) -> (Matrix, [Int]) {
  var a = matrix
  var order = Array(0..<a.rows)
  for k in 0..<a.rows {
    let pivot = (k..<a.rows).reduce(k) { abs(a[$1, k]) > abs(a[$0, k]) ? $1 : $0 }
    order.swapAt(k, pivot)
    for j in 0..<a.rows { (a[k, j], a[pivot, j]) = (a[pivot, j], a[k, j]) }
    if a[k, k] == 0 { continue }
    for i in k + 1..<max(a.rows, k + 1) {
      a[i, k] /= a[k, k]
      for j in k + 1..<a.rows { a[i, j] -= a[i, k] * a[k, j] }
    }
  }
  return (a, order)
}

/// Each reflection as a matrix: R = … H₂ H₁ A, Q = H₁ H₂ ….
private func qr(_ a: Matrix) -> (Matrix, Matrix) {
  var r = a
  var q = Matrix.identity(a.rows)
  for k in 0..<a.columns {
    var v = (0..<a.rows).map { $0 < k ? 0 : r[$0, k] }
    let length = dot(v, v).squareRoot()
    if length == 0 { continue }
    v[k] += r[k, k] > 0 ? length : -length
    let square = dot(v, v)
    let reflection = Matrix(a.rows, a.rows) { ($0 == $1 ? 1 : 0) - 2 * v[$0] * v[$1] / square }
    r = reflection * r
    q = q * reflection
  }
  let upper = Matrix(a.columns, a.columns) { $0 > $1 ? 0 : r[$0, $1] }
  return (q.top(a.rows, a.columns), upper)
}

/// Rotates pairs of columns until all are orthogonal.
private func svd(_ a: Matrix) -> (Matrix, [Double], Matrix) {
  var u = a
  var v = Matrix.identity(a.columns)
  for _ in 0..<60 {
    for p in 0..<a.columns {
      for q in p + 1..<max(a.columns, p + 1) {
        let (x, y) = (u.column(p), u.column(q))
        let product = dot(x, y)
        if abs(product) <= 1e-16 * (dot(x, x) * dot(y, y)).squareRoot() { continue }
        let zeta = (dot(y, y) - dot(x, x)) / (2 * product)
        let t = (zeta < 0 ? -1 : 1) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
        let c = 1 / (1 + t * t).squareRoot()
        for i in 0..<u.rows {
          (u[i, p], u[i, q]) = (c * u[i, p] - c * t * u[i, q], c * t * u[i, p] + c * u[i, q])
        }
        for i in 0..<v.rows {
          (v[i, p], v[i, q]) = (c * v[i, p] - c * t * v[i, q], c * t * v[i, p] + c * v[i, q])
        }
      }
    }
  }
  let lengths = (0..<a.columns).map { dot(u.column($0), u.column($0)).squareRoot() }
  let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
  var columns: [[Double]] = []
  for j in order {
    let isZero = lengths[j] <= 1e-15 * lengths[order[0]]
    columns.append(isZero ? orthogonal(to: columns, u.rows) : u.column(j).map { $0 / lengths[j] })
  }
  return (
    Matrix(a.rows, a.columns) { columns[$1][$0] }, order.map { lengths[$0] },
    Matrix(a.columns, a.columns) { v[$0, order[$1]] }
  )
}

/// A vector of length 1 that is orthogonal to orthonormal ones.
private func orthogonal(to columns: [[Double]], _ size: Int) -> [Double] {
  let rests = (0..<size).map { axis in
    columns.reduce((0..<size).map { $0 == axis ? 1.0 : 0 }) { rest, column in
      let part = dot(rest, column)
      return zip(rest, column).map { $0 - part * $1 }
    }
  }
  let longest = rests.max { dot($0, $0) < dot($1, $1) } ?? []
  let length = dot(longest, longest).squareRoot()
  return longest.map { $0 / length }
}

private func triangular(_ matrix: Matrix, _ right: Matrix, _ triangle: Triangle) -> Matrix {
  let t = triangle.isTransposed ? matrix.transposed : matrix
  let isUpper = triangle.isUpper != triangle.isTransposed
  var x = right
  let order = isUpper ? Array((0..<t.rows).reversed()) : Array(0..<t.rows)
  for (step, i) in order.enumerated() {
    for column in 0..<x.columns {
      for j in order[..<step] { x[i, column] -= t[i, j] * x[j, column] }
      if !triangle.hasUnitDiagonal { x[i, column] /= t[i, i] }
    }
  }
  return x
}
