import PlushKernels
import Testing

/// Philox4x32-10, one counter at a time.
private func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
  var c = counter
  var k = key
  for _ in 0..<10 {
    let a = UInt64(0xD251_1F53) * UInt64(c[0])
    let b = UInt64(0xCD9E_8D57) * UInt64(c[2])
    c = [
      UInt32(b >> 32) ^ c[1] ^ k[0], UInt32(truncatingIfNeeded: b),
      UInt32(a >> 32) ^ c[3] ^ k[1], UInt32(truncatingIfNeeded: a),
    ]
    k = [k[0] &+ 0x9E37_79B9, k[1] &+ 0xBB67_AE85]
  }
  return c
}

private func bits(dims: [Int], layout: Layout, key: [Int64], stream: Int64) -> [UInt32] {
  let count = dims.reduce(1, *)
  let keys = Memory(PLUSH_INT64, count: 2)
  for i in 0..<2 { keys.base.storeBytes(of: key[i], toByteOffset: 8 * i, as: Int64.self) }
  let y = Memory(PLUSH_INT32, count: count)
  var program = ElementwiseProgram(dims: dims)
  let view = program.view(keys, Layout(strides: dims.map { _ in 0 }))
  let random = program.emit(PLUSH_RANDOM, PLUSH_I32, view, integer: stream)
  program.emit(PLUSH_STORE, PLUSH_I32, random, program.view(y, layout))
  program.run()
  return (0..<count).map { y.base.load(fromByteOffset: 4 * $0, as: UInt32.self) }
}

@Suite struct RandomTests {
  /// The known answers that the authors publish.
  @Test func philoxGivesTheKnownAnswers() {
    #expect(
      philox([0, 0, 0, 0], [0, 0]) == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    let ones: UInt32 = .max
    #expect(
      philox([ones, ones, ones, ones], [ones, ones])
        == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
    forEachISA { isa in
      let found = bits(dims: [4], layout: Layout(strides: [1]), key: [0, 0], stream: 0)
      #expect(found == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8], "\(isa)")
    }
  }

  @Test func bitsDependOnThePositionAlone() {
    let key: [Int64] = [0x0123_4567_89AB_CDEF, -2]
    let stream: Int64 = 0x1_0000_0005
    let expected = (0..<100_003).map { (position: Int) -> UInt32 in
      let counter: [UInt32] = [UInt32(position / 4), 5, 0xFFFF_FFFE, 0xFFFF_FFFF]
      return philox(counter, [0x89AB_CDEF, 0x0123_4567])[position % 4]
    }
    forEachISA { isa in
      for count in [1, 3, 4, 63, 64, 65, 1000, 100_003] {
        let found = bits(
          dims: [count], layout: Layout(strides: [1]), key: key, stream: stream)
        #expect(found == Array(expected.prefix(count)), "\(isa), \(count)")
      }
      // Written transposed, position [i, j] still counts in row-major order.
      let found = bits(
        dims: [37, 53], layout: Layout(strides: [1, 37]), key: key, stream: stream)
      let isRight = found.indices.allSatisfy { (p: Int) -> Bool in
        found[p] == expected[p % 37 * 53 + p / 37]
      }
      #expect(isRight, "\(isa)")
    }
  }
}
