extension ReferenceArray {
  func matmul(
    _ other: ReferenceArray, _ transposeA: Bool, _ transposeB: Bool, _ result: [Int]
  ) -> ReferenceValue {
    let product = MatrixProduct(
      rows: result[result.count - 2], columns: result[result.count - 1],
      depth: shape[shape.count - (transposeA ? 2 : 1)],
      batch: result.dropLast(2).reduce(1, *), transposeA: transposeA, transposeB: transposeB)
    return switch value {
    case .real(let a): .real(product.of(a, other.reals, zero: 0) { $0 + $1 * $2 })
    case .integer(let a): .integer(product.of(a, other.integers, zero: 0) { $0 &+ $1 &* $2 })
    }
  }
}

/// Sizes and layouts of a batch of matrix products.
private struct MatrixProduct {
  let rows: Int
  let columns: Int
  let depth: Int
  let batch: Int
  let transposeA: Bool
  let transposeB: Bool

  func of<T>(_ a: [T], _ b: [T], zero: T, _ multiplyAdd: (T, T, T) -> T) -> [T] {
    var result: [T] = []
    for matrix in 0..<batch {
      let startA = matrix * rows * depth
      let startB = matrix * depth * columns
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = zero
          for k in 0..<depth {
            let left = a[startA + (transposeA ? k * rows + row : row * depth + k)]
            let right = b[startB + (transposeB ? column * depth + k : k * columns + column)]
            sum = multiplyAdd(sum, left, right)
          }
          result.append(sum)
        }
      }
    }
    return result
  }
}
