import PlushEngine
import PlushTensor
import Testing

/// Gradients against central differences, on the reference device in double precision.
@Suite struct GradientTests {
  typealias Function = @Sendable ([Tensor]) -> Tensor

  /// A function with arguments at which it is smooth.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var arguments: [[Double]]
    var shapes: [[Int]]
    var function: Function

    init(_ name: String, _ arguments: [[Double]], _ shapes: [[Int]], _ function: @escaping Function)
    {
      self.name = name
      self.arguments = arguments
      self.shapes = shapes
      self.function = function
    }

    var testDescription: String { name }

    var tensors: [Tensor] {
      zip(arguments, shapes).map { Tensor($0, shape: $1, dtype: .float64) }
    }
  }

  static let line = [-1.7, -0.9, -0.3, 0.2, 0.75, 1.4]
  static let inside = [-0.9, -0.5, -0.1, 0.2, 0.6, 0.85]
  static let positive = [0.2, 0.5, 0.9, 1.3, 2.1, 3.7]
  static let other = [0.7, -1.2, 0.4, 1.9, -0.6, 1.1]

  static func of(
    _ name: String, _ x: [Double] = line, shape: [Int] = [2, 3],
    _ f: @escaping @Sendable (Tensor) -> Tensor
  ) -> Case { Case(name, [x], [shape]) { f($0[0]) } }

  static func of2(
    _ name: String, _ a: [Double] = line, _ b: [Double] = other,
    shapes: [[Int]] = [[2, 3], [2, 3]],
    _ f: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> Case { Case(name, [a, b], shapes) { f($0[0], $0[1]) } }

  static let elementary: [Case] = [
    of("negate") { -$0 }, of("abs") { $0.abs() }, of("floor") { $0.floor() * $0 },
    of("exp") { $0.exp() }, of("expm1") { $0.expm1() }, of("log", positive) { $0.log() },
    of("log1p", positive) { $0.log1p() }, of("sqrt", positive) { $0.sqrt() },
    of("rsqrt", positive) { $0.rsqrt() }, of("reciprocal") { $0.reciprocal() },
    of("sin") { $0.sin() }, of("cos") { $0.cos() }, of("tan", inside) { $0.tan() },
    of("asin", inside) { $0.asin() }, of("acos", inside) { $0.acos() }, of("atan") { $0.atan() },
    of("sinh") { $0.sinh() }, of("cosh") { $0.cosh() }, of("tanh") { $0.tanh() },
    of("asinh") { $0.asinh() }, of("acosh", positive) { ($0 + 1).acosh() },
    of("atanh", inside) { $0.atanh() }, of("sigmoid") { $0.sigmoid() }, of("erf") { $0.erf() },
    of("erfInverse", inside) { $0.erfInverse() }, of("square") { $0.square() },
    of("relu") { $0.relu() }, of("softplus") { $0.softplus() }, of("elu") { $0.elu() },
    of("gelu") { $0.gelu() }, of("tanh gelu") { $0.gelu(approximate: true) },
    of("mish") { $0.mish() }, of("silu") { $0.silu() }, of("softmax") { $0.softmax() },
    of("softmax of columns") { $0.softmax(axis: 0) }, of("logSoftmax") { $0.logSoftmax() },
    of("pow 3") { $0.pow(3) },
    of("clip") { $0.clip(min: -1, max: 0.5) },
  ]

  static let binary: [Case] = [
    of2("add") { $0 + $1 }, of2("subtract") { $0 - $1 }, of2("multiply") { $0 * $1 },
    of2("divide") { $0 / $1 }, of2("power", positive) { $0.pow($1) },
    of2("modulo") { $0.modulo($1) }, of2("remainder") { $0.remainder($1) },
    of2("maximum") { $0.maximum($1) }, of2("minimum") { $0.minimum($1) },
    of2("atan2") { $0.atan2($1) }, of2("select") { ($0 .> $1).select($0 * $0, $1.exp()) },
    of2("broadcast", shapes: [[2, 3, 1], [6]]) { $0 * $1 },
    of2("broadcast of rows", shapes: [[6, 1], [1, 6]]) { $0.squaredDifference($1) },
  ]

  static let axes: [Case] = [
    of("sum") { $0.sum(axis: 0) }, of("mean") { $0.mean(axis: 1, keepDims: true) },
    of("product") { $0.product(axis: 1) },
    of("product with a zero", [0, 2, 3, 4, 5, 6]) { $0.product(axis: 1) },
    of("product with zeros", [0, 2, 0, 4, 5, 0]) { $0.product() },
    of("product of outer axes", shape: [3, 1, 2]) { $0.product(axes: [0, 1]) },
    of("max") { $0.max(axis: 1) }, of("min") { $0.min(axis: 0) },
    of("variance") { $0.variance(axis: 1) }, of("logSumExp") { $0.logSumExp(axis: 1) },
    of("median") { $0.median(axis: 1) }, of("norm") { $0.norm(axis: 0) },
    of("sort") { $0.sort(axis: 1, descending: true) }, of("topK") { $0.topK(2).values },
  ]

  static var scans: [Case] {
    var cases: [Case] = []
    let withZeros = [0.5, 0, -1.2, 0.7, 0, 2, 1.5]
    for exclusive in [false, true] {
      for reverse in [false, true] {
        let name = "\(exclusive ? "exclusive" : "") \(reverse ? "reverse" : "")"
        cases += [
          of("cumulativeSum \(name)") {
            $0.cumulativeSum(axis: 1, exclusive: exclusive, reverse: reverse)
          },
          of("cumulativeProduct \(name)") {
            $0.cumulativeProduct(axis: 1, exclusive: exclusive, reverse: reverse)
          },
          of("cumulativeProduct of columns \(name)") {
            $0.cumulativeProduct(axis: 0, exclusive: exclusive, reverse: reverse)
          },
          of("cumulativeProduct with zeros \(name)", withZeros, shape: [7]) {
            $0.cumulativeProduct(exclusive: exclusive, reverse: reverse)
          },
        ]
      }
    }
    return cases + [
      of("cumulativeMax") { $0.cumulativeMax() },
      of("cumulativeMax reverse", other) { $0.cumulativeMax(reverse: true) },
      of("cumulativeMin", other) { $0.cumulativeMin(axis: 0) },
    ]
  }

  static let movement: [Case] = [
    of("reshape") { $0.reshape([3, 2]) },
    of("transpose", shape: [1, 2, 3]) { $0.transpose([2, 0, 1]) },
    of("slice") { $0[0..<1, 1...] },
    of("strided slice", shape: [6]) { $0[.stride(from: 1, by: 2)] },
    of("long stride", shape: [6]) { $0[.stride(from: 0, by: 4)] },
    of("backwards", shape: [6]) { $0[.stride(from: 4, to: 0, by: -2)] },
    of("pad") { $0.pad([(1, 0), (2, 1)], value: 3) },
    of("reflect") { $0.pad([(1, 1), (2, 1)], mode: .reflect) },
    of("edge") { $0.pad([(1, 2), (2, 0)], mode: .edge) },
    of("reverse") { $0.reverse(axes: [0, 1]) }, of("tile") { $0.tile([2, 1, 3]) },
    of("repeat") { $0.repeat(3, axis: 0) }, of("roll") { $0.roll(-2, axis: 1) },
    of2("concatenate") { concatenate([$0, $1, $0], axis: 1) },
    of2("stack") { stack([$0, $1], axis: -1) },
    of("split") { $0.split(sizes: [1, -1], axis: 1)[1] },
    of("gather") { $0.gather(Tensor([[0, 2], [2, 2]]), axis: 1) },
    of("scatterAdd") { $0.scatterAdd(Tensor([3, 3, 1]), axis: 1, length: 5) },
    of("gatherElements") { $0.gatherElements(Tensor([[0, 0], [2, 1]]), axis: 1) },
    of("scatterAddElements") {
      $0.scatterAddElements(Tensor([[0, 0, 3], [2, 1, 2]]), axis: 1, length: 4)
    },
    of("triangle") { $0.triangularLower() }, of("diagonal") { $0.diagonal() },
  ]

  /// A regular matrix; a symmetric one from a triangle; vectors for the right sides.
  static let regular = [2.0, -0.3, 0.5, 0.4, 1.6, -0.7, -0.2, 0.9, 1.3]
  static let high = [1.2, -0.4, 0.3, 0.8, -1.1, 0.6, 0.5, 0.9]

  static let linearAlgebra: [Case] = [
    of("cholesky", regular, shape: [3, 3]) {
      (matmul($0, $0, transposeB: true) + Tensor.eye(3, dtype: .float64)).cholesky()
    },
    of("cholesky of the triangle", [2, 9, 0.5, 1.5], shape: [2, 2]) { $0.cholesky() },
    of("lu", regular, shape: [3, 3]) { $0.lu().lu },
    of("lu with exchanges", regular.reversed(), shape: [3, 3]) { $0.swapAxes(0, 1).lu().lu },
    of("q", high, shape: [4, 2]) { $0.qr().q }, of("r", high, shape: [4, 2]) { $0.qr().r },
    of("q of a batch", high, shape: [2, 2, 2]) { $0.qr().q },
    of("wide qr", high, shape: [2, 4]) {
      let (q, r) = $0.qr()
      return concatenate([q, r], axis: 1)
    },
    of("singular values", high, shape: [4, 2]) { $0.svd().values },
    of("wide svd", high, shape: [2, 4]) {
      // Signs of vectors are arbitrary: squares have none.
      let (u, values, v) = $0.svd()
      return concatenate([u.square() * values, v.square()], axis: 0)
    },
    of2("solve", regular, line, shapes: [[3, 3], [3, 2]]) { $0.solve($1) },
    of2("solve of a batch", high, line, shapes: [[2, 2, 2], [2, 3]]) { $0.solve($1) },
    of("inverse", regular, shape: [3, 3]) { $0.inverse() },
    of("determinant", regular, shape: [3, 3]) { $0.determinant() },
    of("logDeterminant", regular, shape: [3, 3]) { $0.logDeterminant().logarithm },
    of("gramSchmidt", high, shape: [2, 4]) { $0.gramSchmidt() },
    of("spectral norm", high, shape: [2, 4]) { $0.matrixNorm(order: .spectral) },
  ]

  static var triangles: [Case] {
    [(false, false), (false, true), (true, false), (true, true)].flatMap { upper, transposed in
      [false, true].map { unit in
        of2("triangle \(upper) \(transposed) \(unit)", regular, line, shapes: [[3, 3], [3, 2]]) {
          $0.solveTriangular($1, upper: upper, transposed: transposed, unitDiagonal: unit)
        }
      }
    }
  }

  static let composed: [Case] = [
    of("gatherND") { $0.gatherND(Tensor([[1, 2], [0, 0], [1, 2]])) },
    of("gather in batches") { $0.gather(Tensor([[0, 0], [2, 1]]), axis: 1, batchAxes: 1) },
    of("scatterND", shape: [3, 2]) { $0.scatterND(Tensor([[1], [1], [3]]), shape: [4, 2]) },
    of2("scatterUpdate", shapes: [[6], [6]]) {
      $0.scatterUpdate(Tensor([[1], [1], [5], [0], [2], [1]]), $1)
    },
    of2("scatterUpdateElements", shapes: [[2, 3], [2, 3]]) {
      $0.scatterUpdateElements(Tensor([[1, 1, 0], [2, 0, 2]]), $1, axis: 1)
    },
    of("rows of different lengths", shape: [6]) {
      RaggedTensor(values: $0, rowSplits: [[0, 2, 2, 6]]).gather([2, 0, 2]).dense(sizes: [-1, 3])
    },
    of("sparse", shape: [6]) {
      let places: Tensor = [[0, 1], [2, 0], [2, 2], [4, 1], [4, 2], [0, 0]]
      return SparseTensor(indices: places, values: $0, shape: [5, 3]).fillEmptyRows(2).filled
        .dense()
    },
    of("segmentSum", shape: [3, 2]) { $0.segmentSum(Tensor([1, 1, 0]), count: 2) },
    of("segmentMean", shape: [3, 2]) { $0.segmentMean(Tensor([1, 1, -1]), count: 2) },
    of("quantile") { $0.quantile(0.3, axis: 1) }, of("one norm") { $0.norm(order: .one) },
    of("infinity norm") { $0.norm(order: .infinity, axis: 1) },
    of("norm of order 3") { $0.norm(order: .p(3)) },
    of("matrix norm") { $0.matrixNorm(order: .one) },
    of("bandPart") { $0.bandPart(lower: 0, upper: 1) },
    of("spaceToBatch", shape: [1, 6]) { $0.spaceToBatch(blockShape: [2], paddings: [(1, 1)]) },
    of("batchToSpace", shape: [2, 3]) { $0.batchToSpace(blockShape: [2], crops: [(1, 0)]) },
    of2("prelu") { $0.prelu($1) }, of2("divideNoNaN") { $0.divideNoNaN($1) },
    of("localResponseNormalization") { $0.localResponseNormalization(depthRadius: 1) },
    of2("layerNormalization", shapes: [[2, 3], [6]]) {
      $0.layerNormalization(scale: $1[0..<3], offset: $1[3..<6])
    },
    of("rmsNormalization") { $0.rmsNormalization() },
    of("groupNormalization", shape: [1, 6]) { $0.groupNormalization(groups: 2) },
    of("unitNormalization") { $0.unitNormalization() },
    of2("attention", shapes: [[1, 3, 1, 2], [1, 3, 1, 2]]) {
      dotProductAttention(query: $0, key: $1, value: $0 * $1, isCausal: true)
    },
  ]

  static let signal: [Case] = [
    of2("fft") {
      let x = ComplexTensor(real: $0, imaginary: $1).fft()
      return x.real + x.imaginary * 2
    },
    of2("ifft", shapes: [[6], [6]]) { ComplexTensor(real: $0, imaginary: $1).ifft().real },
    of("rfft", shape: [6]) { $0.rfft(length: 5).imaginary },
    of2("irfft") { ComplexTensor(real: $0, imaginary: $1).irfft() },
    of2("irfft of odd length") { ComplexTensor(real: $0, imaginary: $1).irfft(length: 5) },
    of2("complex quotient") {
      (ComplexTensor(real: $0, imaginary: $1) / ComplexTensor(real: $1, imaginary: $0 * 2)).abs()
    },
    of("frame", shape: [6]) { $0.frame(length: 4, step: 1) },
    of("stft", shape: [6]) {
      let x = $0.stft(frameLength: 4, frameStep: 1, window: .hammingWindow(4), center: true)
      return x.real.square() + x.imaginary
    },
  ]

  static var products: [Case] {
    var cases: [Case] = [
      of2("vectors", shapes: [[6], [6]]) { dot($0, $1) },
      of2("outer", shapes: [[6], [2, 3]]) { outer($0, $1) },
      of2("batches", shapes: [[1, 2, 3], [3, 2]]) { matmul($0, $1) },
      of2("broadcast batches", shapes: [[2, 1, 1, 3], [2, 3, 1]]) { matmul($0, $1) },
      of2("transposed operand", shapes: [[3, 2], [3, 2]]) { matmul($0.transpose(), $1) },
      of2("einsum", shapes: [[2, 3], [3, 2]]) { einsum("ij,jk->ki", $0, $1) },
      of2("tensordot", shapes: [[2, 3], [3, 2]]) { tensordot($0, $1, axes: ([0, 1], [1, 0])) },
    ]
    for (transposeA, transposeB) in [(false, false), (false, true), (true, false), (true, true)] {
      let shapes = [transposeA ? [3, 2] : [2, 3], transposeB ? [2, 3] : [3, 2]]
      cases.append(
        of2("matmul \(transposeA) \(transposeB)", shapes: shapes) {
          matmul($0, $1, transposeA: transposeA, transposeB: transposeB)
        })
    }
    return cases
  }

  @Test(
    arguments: elementary + binary + axes + scans + movement + products + linearAlgebra + triangles
      + composed + signal + windows)
  func agreesWithDifferences(_ test: Case) {
    withDevice(ReferenceDevice()) {
      check(test)
      // The gradient's own gradient.
      let second = Case("second \(test.name)", test.arguments, test.shapes) { arguments in
        let inner = gradient(at: arguments) { weighted(test.function($0)) }
        return concatenate(inner.map { $0.flatten() })
      }
      check(second, tolerance: 1e-4)
    }
  }

  func check(_ test: Case, tolerance: Double = 2e-5) {
    let arguments = test.tensors
    let results = gradient(at: arguments) { weighted(test.function($0)) }
    for (index, result) in results.enumerated() {
      let numeric = test.arguments[index].indices.map { place in
        let step = 1e-5
        let value = { (offset: Double) -> Double in
          var moved = test.arguments
          moved[index][place] += offset
          let tensors = zip(moved, test.shapes).map { Tensor($0, shape: $1, dtype: .float64) }
          return weighted(test.function(tensors)).item(as: Double.self)
        }
        return (value(step) - value(-step)) / (2 * step)
      }
      expectClose(
        result, Tensor(numeric, shape: test.shapes[index], dtype: .float64), relative: tolerance,
        absolute: tolerance, test.name)
    }
  }

  @Test func kinksFollowJAX() {
    let zero = Tensor([0.0, 1])
    #expect(gradient(at: zero) { $0.abs().sum() }.dataSync() == [0, 1])
    #expect(gradient(at: zero) { $0.relu().sum() }.dataSync() == [0, 1])
    #expect(gradient(at: zero) { $0.maximum(0).sum() }.dataSync() == [0.5, 1])
    #expect(gradient(at: zero) { $0.pow(0.0).sum() }.dataSync() == [0, 0])
    #expect(gradient(at: zero) { $0.pow(Tensor([1.0, 2])).sum() }.dataSync() == [1, 2])
    #expect(gradient(at: Tensor([2.0, 2, 1])) { $0.max() }.dataSync() == [0.5, 0.5, 0])
    #expect(gradient(at: zero) { Tensor([0.0, 2]).pow($0).sum() }.item(1) == 0.6931472 * 2)
    let power = gradient(at: Tensor([3.0, 1])) { Tensor([-1.0, 0]).pow($0).sum() }
    #expect(power.dataSync() == [0, 0])
  }

  /// Constants are what a bias is at first: broadcast, cast or in another shape they are still it.
  @Test func constantsHaveGradients() throws {
    let x = Tensor([[1, 2], [3, 4], [5, 6]] as [[Float]])
    for use in [
      { x * $0 }, { x + $0.reshape([1, 2]) }, { x.cast(to: .float64) * $0.cast(to: .float64) },
    ] as [(Tensor) -> Tensor] {
      let zeros = Tensor.zeros([2])
      let varied = Tensor([0, 0] as [Float])
      let found = gradients(
        of: use(zeros).square().sum() + use(zeros).sum(), withRespectTo: [zeros])
      let expected = gradient(at: varied) { use($0).square().sum() + use($0).sum() }
      #expect(found[0].dataSync() == expected.dataSync())
      #expect(found[0].dataSync() != [0, 0])
    }
    let bias = Variable(Tensor.zeros([2]), name: "bias")
    let (_, slopes) = valueAndGradient(of: [bias]) { (x + bias.value).sum() }
    #expect(slopes[0].dataSync() == [3, 3])
  }

  @Test func independentTensorsGetZeros() {
    let x = Tensor([1.0, 2])
    let (gx, gy) = gradient(at: x, x) { a, _ in (a * x).sum() }
    // The captured x is a constant.
    #expect(gx.dataSync() == [1, 2])
    #expect(gy.dataSync() == [0, 0])
  }

  @Test func valuesMayBeReadInside() {
    let result = gradient(at: Tensor(3.0, dtype: .float32)) { x in
      let y = x * x
      return y.item() > 5 ? y * x : y
    }
    #expect(result.item() == 27)
  }

  @Test func customGradientsReplaceTheirOperators() {
    let clipped: @Sendable (Tensor) -> Tensor = { x in
      customGradient([x], forward: { [$0[0] * 2] }) { _, _, g in
        [g[0].clip(min: -1, max: 1)]
      }[0]
    }
    #expect(gradient(at: Tensor([1.0, 2])) { (clipped($0) * 7).sum() }.dataSync() == [1, 1])
    let two = gradient(at: Tensor([3.0])) { x in
      let both = customGradient([x], forward: { [$0[0] * 2, $0[0] * 5] }) { _, _, g in
        [g[0] * 10 + g[1]]
      }
      return (both[0] + both[1] * 3).sum()
    }
    #expect(two.dataSync() == [13])
    #expect(gradient(at: Tensor([3.0])) { ($0 * $0.stopGradient()).sum() }.dataSync() == [3])
  }

  @Test func castsKeepTheArgumentsType() {
    let result = gradient(at: Tensor([0.5, 2], dtype: .float64)) { x in
      (x.cast(to: .float32) * 3).sum() + x.cast(to: .int32).cast(to: .float32).sum()
    }
    #expect(result.dtype == .float64)
    #expect(result.dataSync() == [3, 3])
  }

  @Test func boundsOfClipCountAsInside() {
    let result = gradient(at: [Tensor([0.0, 1, 2, 3]), Tensor(1.0), Tensor(2.0)]) { x in
      (x[0].clip(min: x[1], max: x[2]) * Tensor([1, 10, 100, 1000])).sum()
    }
    #expect(result.map { $0.dataSync() } == [[0, 10, 100, 0], [1], [1000]])
  }

  @Test func rowsOfTablesGetTheirGradients() {
    for device in devices {
      withDevice(device) {
        let table = Tensor.range(0, 6, dtype: .float32).reshape([3, 2])
        let rows = gradient(at: table) { ($0.gather(Tensor([2, 0, 2])) * 3).sum() }
        #expect(rows.dataSync() == [3, 3, 0, 0, 6, 6])
        let elements = gradient(at: table) {
          $0.gatherElements(Tensor([[1], [1], [0]]), axis: 1).square().sum()
        }
        #expect(elements.dataSync() == [0, 2, 0, 6, 8, 0])
      }
    }
  }

  @Test func seedsWeighTheResults() {
    let x = Tensor([1.0, 2, 3])
    let y = x * x
    let result = gradients(of: y, withRespectTo: [x], seed: Tensor([1.0, 10, 100]))
    #expect(result[0].dataSync() == [2, 40, 600])
  }
}

/// A scalar that depends on each element differently.
private func weighted(_ y: Tensor) -> Tensor {
  let weights = (Tensor.range(0, y.count, dtype: .float64) * 0.7 + 0.4).sin() + 1.3
  return (y.flatten() * weights).sum()
}

extension Tensor {
  fileprivate func item(_ index: Int) -> Float { self[index].item() }
}
