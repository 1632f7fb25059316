import PlushEngine
import PlushTensor
import Testing

/// Factors are judged by their products.
@Suite struct LinearAlgebraTests {
  static let types: [DType] = [.float32, .float64]

  private func random(_ shape: [Int], _ dtype: DType, seed: Int = 1) -> Tensor {
    withRandomKey(seed: seed) { Tensor.randomNormal(shape, dtype: dtype) }
  }

  private func onEachDevice(_ body: () -> Void) {
    for device in devices { withDevice(device, body) }
  }

  private func expectClose(
    _ actual: Tensor, _ expected: Tensor, _ comment: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let tolerance = expected.dtype == .float64 ? 1e-12 : 1e-5
    PlushTensorTests.expectClose(
      actual, expected, relative: tolerance * 10, absolute: tolerance * 10, comment,
      sourceLocation: sourceLocation)
    #expect(actual.dtype == expected.dtype, sourceLocation: sourceLocation)
  }

  private func expectOrthonormal(_ q: Tensor) {
    let size = q.shape[q.rank - 1]
    let identity = Tensor.eye(size, dtype: q.dtype)
    expectClose(
      matmul(q, q, transposeA: true), identity.broadcast(to: q.shape.dropLast(2) + [size, size]))
  }

  @Test(arguments: types) func cholesky(_ dtype: DType) {
    onEachDevice {
      let a = random([3, 5, 5], dtype)
      let positive = matmul(a, a, transposeB: true) + Tensor.eye(5, dtype: dtype)
      let l = positive.cholesky()
      expectClose(l, l.triangularLower())
      expectClose(matmul(l, l, transposeB: true), positive)
      // Only the lower triangle is read.
      expectClose(positive.triangularLower().cholesky(), l)
      #expect(Tensor([[-1.0]]).cholesky().item().isNaN)
    }
  }

  @Test(arguments: types) func lu(_ dtype: DType) {
    onEachDevice {
      let a = random([2, 6, 6], dtype)
      let (lu, permutation) = a.lu()
      let l = lu.triangularLower(-1) + .eye(6, dtype: dtype)
      #expect(l.abs().max().item() <= 1)
      let rows = a.gather(permutation, axis: 1, batchAxes: 1)
      expectClose(l.matmul(lu.triangularUpper()), rows)
    }
  }

  @Test(arguments: types, [[4, 4], [6, 3], [3, 6], [2, 3, 2], [1, 1]])
  func qr(_ dtype: DType, _ shape: [Int]) {
    onEachDevice {
      let a = random(shape, dtype)
      for full in [false, true] {
        let (q, r) = a.qr(fullMatrices: full)
        let (m, n) = (shape[shape.count - 2], shape[shape.count - 1])
        #expect(q.shape.suffix(2) == [m, full ? m : min(m, n)])
        #expect(r.shape.suffix(2) == [full ? m : min(m, n), n])
        expectOrthonormal(q)
        expectClose(r, r.triangularUpper())
        expectClose(q.matmul(r), a)
      }
    }
    let zeros = Tensor.zeros([3, 2]).qr()
    expectClose(zeros.r, Tensor.zeros([2, 2]))
    expectOrthonormal(zeros.q)
  }

  @Test(arguments: types, [[5, 5], [7, 3], [2, 3, 6], [1, 4]])
  func svd(_ dtype: DType, _ shape: [Int]) {
    onEachDevice {
      let a = random(shape, dtype, seed: 4)
      let (u, values, v) = a.svd()
      expectOrthonormal(u)
      expectOrthonormal(v)
      expectClose(matmul(u * values.expandDims(axis: -2), v, transposeB: true), a)
      expectClose(values, values.sort(descending: true))
      #expect(values.min().item() >= 0)
    }
  }

  @Test func svdOfDeficientMatrices() {
    onEachDevice {
      let a = outer(Tensor([1.0, 2, 3, 4]), Tensor([1.0, -1, 2]))
      let (u, values, v) = a.svd()
      expectOrthonormal(u)
      expectOrthonormal(v)
      expectClose(values, Tensor([Float(180).squareRoot(), 0, 0]))
      expectClose(matmul(u * values, v, transposeB: true), a)
    }
  }

  /// Of full rank, and of rank 5 with noise of noise beside it.
  @Test func svdOfLargeMatrices() {
    let rows = Tensor.range(0, 120).expandDims(axis: -1)
    let pattern = (rows * 7 + Tensor.range(0, 110) * 3).modulo(5)
    for a in [random([120, 110], .float32, seed: 6), pattern, pattern * 1e-30] {
      let (u, values, v) = a.svd()
      expectOrthonormal(u)
      expectOrthonormal(v)
      let scale = a.abs().max()
      expectClose(matmul(u * (values / scale), v, transposeB: true), a / scale)
    }
  }

  @Test(arguments: types) func solving(_ dtype: DType) {
    onEachDevice {
      let a = random([2, 4, 4], dtype)
      let b = random([4, 3], dtype, seed: 2)
      expectClose(a.matmul(a.solve(b)), b.broadcast(to: [2, 4, 3]))
      let vector = random([4], dtype, seed: 3)
      let x = a.solve(vector)
      #expect(x.shape == [2, 4])
      expectClose(
        a.matmul(x.expandDims(axis: -1)).squeeze(axis: -1), vector.broadcast(to: [2, 4]))
      expectClose(
        a.matmul(a.inverse()), Tensor.eye(4, dtype: dtype).broadcast(to: [2, 4, 4]))
      for upper in [false, true] {
        for transposed in [false, true] {
          for unit in [false, true] {
            let whole = upper ? a.triangularUpper() : a.triangularLower()
            let eye = Tensor.eye(4, dtype: dtype)
            let triangle = unit ? whole * (1 - eye) + eye : whole
            let x = a.solveTriangular(
              b, upper: upper, transposed: transposed, unitDiagonal: unit)
            expectClose(
              matmul(triangle, x, transposeA: transposed), b.broadcast(to: [2, 4, 3]),
              "upper \(upper), transposed \(transposed), unit \(unit)")
          }
        }
      }
    }
  }

  @Test func determinants() {
    onEachDevice {
      let a = Tensor([[[1.0, 2], [3, 4]], [[0, 1], [1, 0]]], dtype: .float64)
      expectClose(a.determinant(), Tensor([-2.0, -1], dtype: .float64))
      let (sign, logarithm) = a.logDeterminant()
      expectClose(sign, Tensor([-1.0, -1], dtype: .float64))
      expectClose(logarithm, Tensor([0.6931471805599453, 0], dtype: .float64))
      #expect(Tensor([[1.0, 2], [2, 4]]).determinant().item() == 0)
      let permutation = Tensor.eye(4).gather(Tensor([1, 2, 0, 3]))
      #expect(permutation.determinant().item() == 1)
    }
  }

  @Test func gramSchmidt() {
    onEachDevice {
      let q = random([3, 5], .float64).gramSchmidt()
      expectOrthonormal(q.transpose())
    }
  }

  /// Larger than a block of anything.
  @Test func devicesAgree() {
    let a = random([40, 40], .float64)
    let results = devices.map { device in
      withDevice(device) {
        [a.qr().r, a.inverse(), a.svd().values, a.determinant()].map {
          $0.dataSync(as: Double.self)
        }
      }
    }
    for (expected, actual) in zip(results[0], results[1]) {
      let expected = Tensor(expected, dtype: .float64)
      let scale = expected.abs().max().item(as: Double.self)
      PlushTensorTests.expectClose(
        Tensor(actual, dtype: .float64), expected, relative: 1e-9, absolute: 1e-10 * scale)
    }
  }

  /// The rules of the primitives, of which the operators only ask what fits.
  @Test func typesAreChecked() throws {
    let wide = TensorType([2, 3, 4])
    let high = TensorType([2, 4, 3])
    let square = TensorType([2, 3, 3])
    #expect(try Op.factorize(.qr).resultTypes([high]) == [high, square])
    #expect(try Op.factorize(.svd).resultTypes([high]) == [high, TensorType([2, 3]), square])
    #expect(
      try Op.factorize(.lu).resultTypes([square]) == [square, TensorType([2, 3], .int32)])
    let solve = Op.solveTriangular(Triangle(isUpper: true))
    #expect(try solve.resultTypes([square, wide]) == [wide])
    #expect(try Op.fft(inverse: true).resultTypes([TensorType([5, 2])]) == [TensorType([5, 2])])
    let wrong: [(Op, [TensorType])] = [
      (.factorize(.qr), [wide]), (.factorize(.cholesky), [high]), (.factorize(.svd), [wide]),
      (.factorize(.lu), [TensorType([3, 3], .int32)]), (.factorize(.lu), [TensorType([3])]),
      (solve, [square, high]), (solve, [high, high]), (solve, [square]),
      (.fft(inverse: false), [square]), (.fft(inverse: false), [TensorType([4, 2], .float16)]),
    ]
    for (op, operands) in wrong {
      #expect(throws: TypeError.self, "\(op.name) of \(operands)") {
        try op.resultTypes(operands)
      }
    }
  }
}
