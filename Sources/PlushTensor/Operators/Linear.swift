import PlushEngine

/// The product of matrices: [batch…, m, k] · [batch…, k, n] gives [batch…, m, n]; batch axes
/// broadcast, types meet.
///
/// A vector on the left is a row, on the right a column; its axis disappears from the result.
/// `transposeA` and `transposeB` exchange the last two axes of an operand first.
public func matmul(
  _ a: Tensor, _ b: Tensor, transposeA: Bool = false, transposeB: Bool = false
) -> Tensor {
  guard a.rank > 0, b.rank > 0 else {
    stop("matmul expects vectors or matrices; got shapes \(a.shape) and \(b.shape).")
  }
  let dtype = Tensor.commonType(a, b).arithmetic
  let left = Tensor.MatrixOperand(a.cast(to: dtype), transposed: transposeA, vectorAxis: 0)
  let right = Tensor.MatrixOperand(b.cast(to: dtype), transposed: transposeB, vectorAxis: 1)
  guard let batch = left.batch.broadcast(with: right.batch), left.columns == right.rows else {
    stop(
      "matmul expects [batch…, m, k] · [batch…, k, n]; got shapes \(a.shape)"
        + "\(transposeA ? " transposed" : "") and \(b.shape)\(transposeB ? " transposed" : "").",
      hint: "The last axis of the left side must be as long as the second last of the right.")
  }
  let product = Tensor.record(
    .matmul(transposeA: left.transposed, transposeB: right.transposed),
    [left.matrix(batch), right.matrix(batch)])
  var shape = product.shape
  if b.rank == 1 { shape.removeLast() }
  if a.rank == 1 { shape.remove(at: batch.count) }
  return product.reshape(shape)
}

extension Tensor {
  /// An operand of a matrix product; a transposition of its last axes becomes a flag.
  fileprivate struct MatrixOperand {
    var tensor: Tensor
    var transposed: Bool

    init(_ tensor: Tensor, transposed: Bool, vectorAxis: Int) {
      self.transposed = transposed
      if tensor.rank == 1 {
        self.tensor = tensor.expandDims(axis: vectorAxis)
        self.transposed = false
      } else if let source = tensor.beforeTransposingMatrices {
        self.tensor = source
        self.transposed.toggle()
      } else {
        self.tensor = tensor
      }
    }

    var batch: [Int] { tensor.shape.dropLast(2) }
    var rows: Int { tensor.shape[tensor.rank - (transposed ? 1 : 2)] }
    var columns: Int { tensor.shape[tensor.rank - (transposed ? 2 : 1)] }

    func matrix(_ batch: [Int]) -> Tensor { tensor.broadcast(to: batch + tensor.shape.suffix(2)) }
  }

  /// What this is the transposition of, if it only exchanges the last two axes and was not computed
  /// yet.
  private var beforeTransposingMatrices: Tensor? {
    guard case .operation(.transpose(let order)) = node.kind else { return nil }
    var plain = Array(shape.indices)
    plain.swapAt(rank - 1, rank - 2)
    guard order == plain else { return nil }
    return Graph.lock.withLock { node.buffer == nil ? node.inputs.first : nil }?.tensor
  }

  /// The product of matrices; see the function `matmul`.
  public func matmul(
    _ other: Tensor, transposeA: Bool = false, transposeB: Bool = false
  ) -> Tensor {
    PlushTensor.matmul(self, other, transposeA: transposeA, transposeB: transposeB)
  }
}

/// The sum of products of the last axis of `a` and the second last (or only) axis of `b`: [a…, k]
/// and [b…, k, n] give [a…, b…, n], two vectors a scalar.
public func dot(_ a: Tensor, _ b: Tensor) -> Tensor {
  if a.rank == 0 || b.rank == 0 { return a * b }
  return tensordot(a, b, axes: ([a.rank - 1], [Swift.max(0, b.rank - 2)]))
}

/// The products of all pairs of elements: shape `a.shape + b.shape`.
public func outer(_ a: Tensor, _ b: Tensor) -> Tensor {
  a.reshape(a.shape + [Int](repeating: 1, count: b.rank)) * b
}

/// The sum of products along pairs of axes; the other axes of `a`, then those of `b`, remain: [a,
/// k, l] and [k, l, b] along ([1, 2], [0, 1]) give [a, b].
public func tensordot(_ a: Tensor, _ b: Tensor, axes: ([Int], [Int])) -> Tensor {
  let left = axes.0.map { a.axis($0, "tensordot") }
  let right = axes.1.map { b.axis($0, "tensordot") }
  guard left.map({ a.shape[$0] }) == right.map({ b.shape[$0] }) else {
    stop("tensordot along \(axes.0) of \(a.shape) and \(axes.1) of \(b.shape): sizes differ.")
  }
  let keptLeft = a.shape.indices.filter { !left.contains($0) }
  let keptRight = b.shape.indices.filter { !right.contains($0) }
  let count = left.map { a.shape[$0] }.reduce(1, *)
  let rows = keptLeft.map { a.shape[$0] }
  let columns = keptRight.map { b.shape[$0] }
  let product = matmul(
    a.transpose(keptLeft + left).reshape([rows.reduce(1, *), count]),
    b.transpose(right + keptRight).reshape([count, columns.reduce(1, *)]))
  return product.reshape(rows + columns)
}
