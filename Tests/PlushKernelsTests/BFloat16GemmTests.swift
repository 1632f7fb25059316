import PlushKernels
import Testing

/// A matrix in float32 or bfloat16, its rows or columns longer than needed.
private struct Matrix {
  let type: PlushType
  let values: [Float]
  let row: Int
  let column: Int

  init(_ type: PlushType, _ rows: Int, _ columns: Int, transposed: Bool, pad: Int) {
    self.type = type
    let stride = (transposed ? rows : columns) + pad
    row = transposed ? 1 : stride
    column = transposed ? stride : 1
    values = (0..<stride * (transposed ? columns : rows)).map { _ in .random(in: -1...1) }
  }

  var bytes: [UInt8] {
    values.flatMap { value in
      type == PLUSH_FLOAT32
        ? withUnsafeBytes(of: value.bitPattern) { Array($0) }
        : withUnsafeBytes(of: UInt16(value.bfloat16.bitPattern >> 16)) { Array($0) }
    }
  }

  /// An element as the product reads it.
  func element(_ i: Int, _ j: Int) -> Double { Double(values[i * row + j * column].bfloat16) }
}

extension Float {
  /// The nearest number that bfloat16 has.
  fileprivate var bfloat16: Float {
    let bits = bitPattern
    return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
  }
}

private struct Product {
  var m: Int
  var n: Int
  var k: Int
  var a = PLUSH_BFLOAT16
  var b = PLUSH_BFLOAT16
  var c = PLUSH_FLOAT32
  var layout = 0
  var pad = 0

  /// A, B and the rows of C, which are `pad` longer than needed and hold 77 there.
  func multiply() -> (Matrix, Matrix, [Float]) {
    let left = Matrix(a, m, k, transposed: layout & 1 > 0, pad: pad)
    let right = Matrix(b, k, n, transposed: layout & 2 > 0, pad: pad)
    return (left, right, multiply(left, right))
  }

  func multiply(_ left: Matrix, _ right: Matrix) -> [Float] {
    let size = plush_type_size(c)
    let mark = c == PLUSH_FLOAT32 ? Float(77).bitPattern : Float(77).bitPattern >> 16
    var bytes = (0..<m * (n + pad)).flatMap { _ in
      withUnsafeBytes(of: mark) { Array($0.prefix(size)) }
    }
    left.bytes.withUnsafeBytes { leftBytes in
      right.bytes.withUnsafeBytes { rightBytes in
        bytes.withUnsafeMutableBytes { bytes in
          var gemm = PlushGemm(
            batch: 1, m: m, n: n, k: k, a: leftBytes.baseAddress, a_batch: 0, a_row: left.row,
            a_column: left.column, b: rightBytes.baseAddress, b_batch: 0, b_row: right.row,
            b_column: right.column, c: bytes.baseAddress, c_batch: 0, c_row: n + pad,
            epilogue: nil, context: nil)
          plush_gemm_bfloat16(PlushGemmTypes(a: a, b: b, c: c), &gemm)
        }
      }
    }
    return bytes.withUnsafeBytes { bytes in
      (0..<m * (n + pad)).map {
        c == PLUSH_FLOAT32
          ? bytes.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self)
          : Float(
            bitPattern: UInt32(bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self)) << 16)
      }
    }
  }

  func isRight() -> Bool {
    let (left, right, found) = multiply()
    for i in 0..<m {
      for j in 0..<n + pad {
        let value = Double(found[i * (n + pad) + j])
        let sum =
          j < n ? (0..<k).reduce(0.0) { $0 + left.element(i, $1) * right.element($1, j) } : 77
        let tolerance = c == PLUSH_FLOAT32 ? 1e-4 : abs(sum) / 250 + 1e-4
        if !(abs(value - sum) <= tolerance) { return false }
      }
    }
    return true
  }
}

@Suite(.serialized) struct BFloat16GemmTests {
  @Test func mixedTypesAndLayouts() {
    let types = [PLUSH_FLOAT32, PLUSH_BFLOAT16]
    forEachISA { isa in
      for i in 0..<120 {
        let product = Product(
          m: .random(in: 1...70), n: .random(in: 1...70), k: .random(in: 0...90), a: types[i & 1],
          b: types[i >> 1 & 1], c: types[i >> 2 & 1], layout: .random(in: 0...3),
          pad: .random(in: 0...3))
        #expect(product.isRight(), "\(isa) \(product)")
      }
    }
  }

  /// Several passes along k and several blocks.
  @Test(arguments: 0..<4) func largeSizes(layout: Int) {
    forEachISA { isa in
      let deep = Product(m: 70, n: 50, k: 1100, c: PLUSH_BFLOAT16, layout: layout, pad: 1)
      #expect(deep.isRight(), "\(isa) \(deep)")
      let wide = Product(m: 40, n: 1500, k: 20, a: PLUSH_FLOAT32, layout: layout)
      #expect(wide.isRight(), "\(isa) \(wide)")
    }
  }

  @Test(arguments: [(128, 512, 784), (1, 512, 784), (700, 300, 50), (256, 1100, 600)])
  func sameBitsForAnyNumberOfThreads(m: Int, n: Int, k: Int) {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    forEachISA { isa in
      guard isa.rawValue >= PLUSH_ISA_AVX512.rawValue else { return }
      plush_set_thread_count(1)
      let product = Product(m: m, n: n, k: k, a: PLUSH_FLOAT32)
      let (left, right, first) = product.multiply()
      for threads in [2, 3, 8] {
        plush_set_thread_count(Int32(threads))
        let bits = product.multiply(left, right).map(\.bitPattern)
        #expect(bits == first.map(\.bitPattern), "\(isa), \(threads) threads")
      }
    }
  }
}
