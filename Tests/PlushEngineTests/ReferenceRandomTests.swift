import PlushEngine
import PlushKernels
import Testing

@Suite struct ReferenceRandomTests {
  /// The known answers that the authors publish.
  @Test func philoxGivesTheKnownAnswers() {
    #expect(
      philox(counter: [0, 0, 0, 0], key: [0, 0])
        == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
    let ones = UInt32.max
    #expect(
      philox(counter: [ones, ones, ones, ones], key: [ones, ones])
        == [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD])
    #expect(
      philox(
        counter: [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344],
        key: [0xA409_3822, 0x299F_31D0])
        == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
  }

  @Test(
    arguments: [
      (key: [0, 0], stream: 0), (key: [0x0123_4567_89AB_CDEF, -2], stream: 0x1_0000_0005),
      (key: [-1, 1 << 40], stream: 3),
    ] as [(key: [Int64], stream: Int)])
  func bitsEqualTheKernels(key: [Int64], stream: Int) throws {
    let op = Op.randomBits(stream: stream, shape: [7, 43])
    let found = try evaluate(op, integers(key, nil, .int64))
    #expect(found.type == TensorType([7, 43], .int32))
    #expect(found.integers.map { Int32($0) } == kernelBits(key, stream, rows: 7, columns: 43))
  }

  private func kernelBits(_ key: [Int64], _ stream: Int, rows: Int, columns: Int) -> [Int32] {
    var key = key
    var bits = [Int32](repeating: 0, count: rows * columns)
    var random = PlushInstruction()
    random.opcode = UInt16(PLUSH_RANDOM.rawValue)
    random.class_ = UInt8(PLUSH_I32.rawValue)
    random.immediate.i = Int64(stream)
    var store = random
    store.opcode = UInt16(PLUSH_STORE.rawValue)
    store.b = 1
    var keyView = PlushView()
    keyView.type = Int32(PLUSH_INT64.rawValue)
    var bitsView = PlushView()
    bitsView.slot = 1
    bitsView.type = Int32(PLUSH_INT32.rawValue)
    (bitsView.strides.0, bitsView.strides.1) = (Int64(columns), 1)
    var program = PlushElementwise()
    (program.rank, program.register_count) = (2, 1)
    (program.instruction_count, program.view_count) = (2, 2)
    (program.dims.0, program.dims.1) = (Int64(rows), Int64(columns))
    let instructions = [random, store]
    let views = [keyView, bitsView]
    instructions.withUnsafeBufferPointer { instructions in
      views.withUnsafeBufferPointer { views in
        program.instructions = instructions.baseAddress
        program.views = views.baseAddress
        key.withUnsafeMutableBytes { key in
          bits.withUnsafeMutableBytes { bits in
            plush_elementwise(&program, [key.baseAddress, bits.baseAddress])
          }
        }
      }
    }
    return bits
  }
}
