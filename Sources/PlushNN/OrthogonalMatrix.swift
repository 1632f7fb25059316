import PlushTensor

/// A random matrix whose rows or columns, whichever are fewer, are orthonormal; axes but the last
/// count as one. Saxe et al., "Exact solutions to the nonlinear dynamics of learning", 2013.
func orthogonalMatrix(_ shape: [Int]) -> Tensor {
  let columns = shape[shape.count - 1]
  let rows = shape.dropLast().reduce(1, *)
  let count = min(rows, columns)
  let length = max(rows, columns)
  let draws = Tensor.randomNormal([count, length], mean: 0, standardDeviation: 1).dataSync()
  var vectors = draws.map(Double.init)
  orthonormalize(&vectors, count: count, length: length)
  let matrix = Tensor(vectors.map(Float.init), shape: [count, length])
  return (rows > columns ? matrix.transpose() : matrix).reshape(shape)
}

/// Gram and Schmidt's procedure, modified, twice for accuracy.
private func orthonormalize(_ vectors: inout [Double], count: Int, length: Int) {
  vectors.withUnsafeMutableBufferPointer { vectors in
    for current in 0..<count {
      let row = current * length
      for earlier in 0..<2 * current {
        let other = earlier % current * length
        var product = 0.0
        for i in 0..<length { product += vectors[row + i] * vectors[other + i] }
        for i in 0..<length { vectors[row + i] -= product * vectors[other + i] }
      }
      var square = 0.0
      for i in 0..<length { square += vectors[row + i] * vectors[row + i] }
      let scale = 1 / max(square, 1e-300).squareRoot()
      for i in 0..<length { vectors[row + i] *= scale }
    }
  }
}
