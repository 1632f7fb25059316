import PlushKernels
import Testing

private let types = [
  PLUSH_FLOAT32, PLUSH_FLOAT16, PLUSH_BFLOAT16, PLUSH_FLOAT64, PLUSH_INT32, PLUSH_INT64,
  PLUSH_UINT8, PLUSH_BOOL,
]

/// The bytes of a small whole number, which every type holds exactly.
private func bytes(_ value: Int, _ type: PlushType) -> [UInt8] {
  func raw<T>(_ x: T) -> [UInt8] { withUnsafeBytes(of: x) { Array($0) } }
  let bits = Float(value).bitPattern
  switch type {
  case PLUSH_FLOAT32: return raw(Float(value))
  case PLUSH_FLOAT64: return raw(Double(value))
  case PLUSH_BFLOAT16: return raw(UInt16(bits >> 16))
  case PLUSH_FLOAT16:
    if value == 0 { return [0, 0] }
    return raw(UInt16(bits >> 16 & 0x8000) | UInt16(((bits & 0x7fff_ffff) - 0x3800_0000) >> 13))
  case PLUSH_INT32: return raw(Int32(value))
  case PLUSH_INT64: return raw(Int64(value))
  case PLUSH_UINT8: return raw(UInt8(truncatingIfNeeded: value))
  default: return [value == 0 ? 0 : 1]
  }
}

/// A matrix of small whole numbers with rows (or columns) longer than needed.
private struct Matrix {
  var values: [Int]
  var stride: Int
  var transposed: Bool
  var row: Int { transposed ? 1 : stride }
  var column: Int { transposed ? stride : 1 }

  init(
    _ batch: Int, _ rows: Int, _ columns: Int, transposed: Bool, pad: Int, range: ClosedRange<Int>
  ) {
    self.transposed = transposed
    stride = (transposed ? rows : columns) + pad
    let count = batch * stride * (transposed ? columns : rows)
    values = (0..<count).map { _ in Int.random(in: range) }
  }
}

private final class Coverage {
  var counts: [Int]
  let m: Int
  let n: Int
  init(batch: Int, m: Int, n: Int) {
    counts = Array(repeating: 0, count: batch * m * n)
    self.m = m
    self.n = n
  }
  func cover(_ batch: Int, _ row: Int, _ rows: Int, _ column: Int, _ columns: Int) {
    for i in row..<row + rows {
      for j in column..<column + columns { counts[(batch * m + i) * n + j] += 1 }
    }
  }
}

/// One product: its sizes, layouts and what the naive double loop makes of it.
private struct Product {
  var type = PLUSH_FLOAT32
  var batch = 1
  var m: Int
  var n: Int
  var k: Int
  var transposeA = false
  var transposeB = false
  var pad = 0
  var repeatsB = false

  /// Whether the kernel writes the bytes that the naive loop does, and no others.
  func isRight() -> Bool {
    let range =
      type == PLUSH_UINT8 ? 0...20 : type == PLUSH_BOOL ? 0...1 : k > 100 ? -1...1 : -1...2
    let a = Matrix(batch, m, k, transposed: transposeA, pad: pad, range: range)
    let b = Matrix(
      repeatsB ? 1 : batch, k, n, transposed: transposeB, pad: pad, range: range)
    let aBatch = a.values.count / batch
    let bBatch = repeatsB ? 0 : b.values.count / batch
    let cRow = n + pad
    let size = plush_type_size(type)
    var c = [UInt8](repeating: 0x77, count: batch * m * cRow * size)
    var expected = c
    for q in 0..<batch {
      for i in 0..<m {
        for j in 0..<n {
          var sum = 0
          for p in 0..<k {
            sum +=
              a.values[q * aBatch + i * a.row + p * a.column]
              * b.values[q * bBatch + p * b.row + j * b.column]
          }
          let at = ((q * m + i) * cRow + j) * size
          expected.replaceSubrange(at..<at + size, with: bytes(sum, type))
        }
      }
    }
    let aBytes = a.values.flatMap { bytes($0, type) }
    let bBytes = b.values.flatMap { bytes($0, type) }
    aBytes.withUnsafeBytes { aBytes in
      bBytes.withUnsafeBytes { bBytes in
        c.withUnsafeMutableBytes { c in
          var gemm = PlushGemm(
            batch: batch, m: m, n: n, k: k, a: aBytes.baseAddress, a_batch: aBatch, a_row: a.row,
            a_column: a.column, b: bBytes.baseAddress, b_batch: bBatch, b_row: b.row,
            b_column: b.column, c: c.baseAddress, c_batch: m * cRow, c_row: cRow, epilogue: nil,
            context: nil)
          plush_gemm(type, &gemm)
        }
      }
    }
    return c == expected
  }
}

private func multiply(
  _ a: [Float], _ b: [Float], m: Int, n: Int, k: Int, transposeB: Bool = false
) -> [Float] {
  var c = [Float](repeating: .nan, count: m * n)
  a.withUnsafeBytes { a in
    b.withUnsafeBytes { b in
      c.withUnsafeMutableBytes { c in
        var gemm = PlushGemm(
          batch: 1, m: m, n: n, k: k, a: a.baseAddress, a_batch: 0, a_row: k, a_column: 1,
          b: b.baseAddress, b_batch: 0, b_row: transposeB ? 1 : n, b_column: transposeB ? k : 1,
          c: c.baseAddress, c_batch: 0, c_row: n, epilogue: nil, context: nil)
        plush_gemm(PLUSH_FLOAT32, &gemm)
      }
    }
  }
  return c
}

private func randoms(_ count: Int) -> [Float] { (0..<count).map { _ in .random(in: -1...1) } }

@Suite(.serialized) struct GemmTests {
  @Test(arguments: types) func randomSmallSizes(type: PlushType) {
    forEachISA { isa in
      for i in 0..<120 {
        let product = Product(
          type: type, batch: i % 5 == 0 ? 3 : 1, m: .random(in: 1...67), n: .random(in: 1...67),
          k: .random(in: 0...67), transposeA: .random(), transposeB: .random(),
          pad: .random(in: 0...3), repeatsB: .random())
        #expect(product.isRight(), "\(isa) \(product)")
      }
    }
  }

  @Test(arguments: [
    (1, 200, 70), (1, 1100, 33), (130, 1, 90), (3, 97, 40), (97, 3, 40), (6, 6, 300),
    (1, 512, 784), (512, 1, 401), (4, 300, 500), (2, 4097, 70), (1, 64, 515), (1, 96, 40),
    (1, 128, 301), (1, 192, 77),
  ])
  func narrow(m: Int, n: Int, k: Int) {
    forEachISA { isa in
      for type in [PLUSH_FLOAT32, PLUSH_FLOAT64] {
        for layout in 0..<8 {
          let product = Product(
            type: type, m: m, n: n, k: k, transposeA: layout & 1 > 0, transposeB: layout & 2 > 0,
            pad: layout >> 2)
          #expect(product.isRight(), "\(isa) \(product)")
        }
      }
    }
  }

  /// Few rows times a matrix that no second-level cache holds.
  @Test(arguments: [(3, 1000, 1100), (4, 513, 2100), (8, 2100, 505), (16, 1040, 1010)])
  func fewRowsOfLarge(m: Int, n: Int, k: Int) {
    forEachISA { isa in
      for type in [PLUSH_FLOAT32, PLUSH_FLOAT64] {
        let product = Product(type: type, m: m, n: n, k: k, transposeA: m == 8, pad: m % 3)
        #expect(product.isRight(), "\(isa) \(product)")
      }
    }
  }

  /// Deep enough for several passes over k, large enough for several blocks.
  @Test(arguments: types) func largeSizes(type: PlushType) {
    let exact = type == PLUSH_FLOAT16 || type == PLUSH_BFLOAT16 ? 250 : 900
    forEachISA { isa in
      for layout in 0..<4 {
        let a = layout & 1 > 0
        let b = layout & 2 > 0
        let deep = Product(type: type, m: 45, n: 75, k: exact, transposeA: a, transposeB: b, pad: 1)
        #expect(deep.isRight(), "\(isa) \(deep)")
        let wide = Product(type: type, m: 530, n: 300, k: 21, transposeA: a, transposeB: b)
        #expect(wide.isRight(), "\(isa) \(wide)")
      }
    }
  }

  @Test func fractionsAreClose() {
    forEachISA { isa in
      let (m, n, k) = (61, 83, 1000)
      let (a, b) = (randoms(m * k), randoms(k * n))
      let c = multiply(a, b, m: m, n: n, k: k)
      for (i, j) in [(0, 0), (60, 82), (13, 64), (28, 31)] {
        let sum = (0..<k).reduce(0.0) { $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j]) }
        #expect(abs(Double(c[i * n + j]) - sum) < 1e-4, "\(isa)")
      }
    }
  }

  @Test(arguments: [
    (128, 512, 784), (1, 512, 784), (300, 40, 1000), (700, 700, 50), (1, 4000, 30),
    (600, 1100, 450), (8, 1100, 1000), (16, 5000, 250), (2, 1000, 1100),
  ])
  func sameBitsForAnyNumberOfThreads(m: Int, n: Int, k: Int) {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    let (a, b) = (randoms(m * k), randoms(k * n))
    forEachISA { isa in
      for transposeB in [false, true] {
        plush_set_thread_count(1)
        let alone = multiply(a, b, m: m, n: n, k: k, transposeB: transposeB)
        for threads: Int32 in [2, 3, 8] {
          plush_set_thread_count(threads)
          #expect(alone == multiply(a, b, m: m, n: n, k: k, transposeB: transposeB), "\(isa)")
        }
      }
    }
  }

  @Test(arguments: [
    (1, 1, 1, 0), (2, 1, 900, 300), (1, 900, 1, 300), (3, 37, 70, 5), (1, 700, 900, 80),
    (1, 1, 512, 784), (1, 512, 1, 784), (1, 3, 300, 500),
  ])
  func epilogueCoversEveryElementOnce(batch: Int, m: Int, n: Int, k: Int) {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    plush_set_thread_count(1)
    let a = randoms(batch * m * k)
    let b = randoms(batch * k * n)
    var c = [Float](repeating: .nan, count: batch * m * n)
    let coverage = Coverage(batch: batch, m: m, n: n)
    a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        c.withUnsafeMutableBytes { c in
          var gemm = PlushGemm(
            batch: batch, m: m, n: n, k: k, a: a.baseAddress, a_batch: m * k, a_row: k,
            a_column: 1, b: b.baseAddress, b_batch: k * n, b_row: n, b_column: 1,
            c: c.baseAddress, c_batch: m * n, c_row: n,
            epilogue: { context, batch, row, rows, column, columns in
              guard let context else { return }
              Unmanaged<Coverage>.fromOpaque(context).takeUnretainedValue()
                .cover(batch, row, rows, column, columns)
            }, context: Unmanaged.passUnretained(coverage).toOpaque())
          plush_gemm(PLUSH_FLOAT32, &gemm)
        }
      }
    }
    #expect(coverage.counts.allSatisfy { $0 == 1 })
    #expect(c.allSatisfy { k > 0 ? !$0.isNaN : $0 == 0 })
  }

  @Test func nothingToDo() {
    var gemm = PlushGemm()
    plush_gemm(PLUSH_FLOAT32, &gemm)
    gemm.batch = 1
    gemm.m = 3
    plush_gemm(PLUSH_FLOAT32, &gemm)
  }

  /// 0 + x · 1 gives back every 16-bit number but -0; subnormal ones of bfloat16 may count as 0.
  @Test(arguments: [(PLUSH_FLOAT16, 0x3c00, 0x7c00), (PLUSH_BFLOAT16, 0x3f80, 0x7f80)])
  func halvesSurvive(type: PlushType, one: UInt16, infinity: UInt16) {
    let all = (0...UInt16.max).map { $0 }
    let c = multiplyHalves(type, all, by: one)
    for (x, y) in zip(all, c) {
      if x & 0x7fff > infinity {
        #expect(y & 0x7fff > infinity)
      } else if x & 0x7f80 == 0, type == PLUSH_BFLOAT16 {
        #expect(y == 0 || y == x)
      } else {
        #expect(y == (x == 0x8000 ? 0 : x))
      }
    }
  }

  @Test func halvesRoundToEven() {
    // 1.0009765625 · 1.5 = 1.50146484375 lies between 1.5009765625 and 1.501953125.
    #expect(multiplyHalves(PLUSH_FLOAT16, [0x3c01, 0x3c03], by: 0x3e00) == [0x3e02, 0x3e04])
    // Too large, and half of the smallest subnormal.
    #expect(multiplyHalves(PLUSH_FLOAT16, [0x7bff, 0x0001], by: 0x4000) == [0x7c00, 0x0002])
    #expect(multiplyHalves(PLUSH_FLOAT16, [0x0001, 0x0003], by: 0x3800) == [0x0000, 0x0002])
    #expect(multiplyHalves(PLUSH_BFLOAT16, [0x3f81, 0x3f83], by: 0x3fc0) == [0x3fc2, 0x3fc4])
  }
}

private func multiplyHalves(_ type: PlushType, _ a: [UInt16], by factor: UInt16) -> [UInt16] {
  var c = [UInt16](repeating: 0, count: a.count)

  a.withUnsafeBytes { a in
    c.withUnsafeMutableBytes { c in
      var gemm = PlushGemm(
        batch: 1, m: c.count / 2, n: 1, k: 1, a: a.baseAddress, a_batch: 0, a_row: 1, a_column: 1,
        b: nil, b_batch: 0, b_row: 1, b_column: 1, c: c.baseAddress, c_batch: 0, c_row: 1,
        epilogue: nil, context: nil)
      withUnsafePointer(to: factor) { b in
        gemm.b = UnsafeRawPointer(b)
        plush_gemm(type, &gemm)
      }
    }
  }
  return c
}
