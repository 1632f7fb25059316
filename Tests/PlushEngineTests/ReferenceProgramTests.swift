import PlushEngine
import Testing

/// Whole programs: sources, updates, fusions, types in memory.
@Suite struct ReferenceProgramTests {
  @Test func sources() throws {
    #expect(try evaluate(.fill(.real(2.5), TensorType([2]))).reals == [2.5, 2.5])
    #expect(try evaluate(.fill(.integer(7), TensorType([], .int64))).integers == [7])
    #expect(try evaluate(.iota(axis: 1, TensorType([2, 3]))).reals == [0, 1, 2, 0, 1, 2])
    #expect(try evaluate(.iota(axis: 0, TensorType([2, 2], .int32))).integers == [0, 0, 1, 1])
  }

  @Test func readsAndWritesEveryType() throws {
    let values: [Double] = [0, 1, -2, 0.5]
    for dtype in DType.allCases {
      let operand =
        dtype.isFloating
        ? reals(values, nil, dtype) : integers([0, 1, 2, 5], nil, dtype)
      #expect(try evaluate(.reshape([2, 2]), operand).value == operand.value, "\(dtype)")
    }
  }

  @Test func roundsOnlyWhatItStores() throws {
    var program = Program()
    let x = program.appendParameter(TensorType([1]))
    let big = try program.append(.fill(.real(0x1p60), TensorType([1])))
    let sum = try program.append(.binary(.add), [x, big])
    program.outputs = [try program.append(.binary(.subtract), [sum, big]), sum]
    let found = try run(program, [reals([1024], nil, .float32)])
    // float32 would have lost the 1024.
    #expect(found.map(\.reals) == [[1024], [0x1p60]])
  }

  @Test func updatesInputsAfterEverythingIsComputed() throws {
    var program = Program()
    let type = TensorType([2], .float64)
    let a = program.appendParameter(type)
    let b = program.appendParameter(type)
    program.outputs = [try program.append(.binary(.add), [a, b])]
    program.updates = [.init(parameter: 0, value: b), .init(parameter: 1, value: a)]
    let buffers = [reals([1, 2]), reals([3, 4])].map { array in
      let buffer = Buffer(byteCount: 16)
      array.write(to: buffer)
      return buffer
    }
    let output = Buffer(byteCount: 16)
    try ReferenceDevice().compile(program).run(inputs: buffers, outputs: [output])
    let found = (buffers + [output]).map { ReferenceArray(reading: $0, as: type).reals }
    #expect(found == [[3, 4], [1, 2], [4, 6]])
  }

  @Test func runsTheBodyOfAFusion() throws {
    var body = Program()
    let x = body.appendParameter(TensorType([2, 2], .float64))
    let sum = try body.append(.reduce(.sum, axes: [1]), [x])
    let square = try body.append(.binary(.multiply), [x, x])
    body.outputs = [square, sum]

    var program = Program()
    let y = program.appendParameter(TensorType([1, 2, 2], .float64))
    let fusion = Fusion(body: body, space: [2, 2], columnAxes: 1)
    let types = [TensorType([1, 2, 2], .float64), TensorType([2, 1], .float64)]
    let value = program.append(.init(.fused(fusion), [y], types))
    program.outputs = [value, .init(value.instruction, 1)]
    let found = try run(program, [reals([1, 2, 3, 4], [1, 2, 2])])
    #expect(found.map(\.reals) == [[1, 4, 9, 16], [3, 7]])
    #expect(found.map(\.shape) == [[1, 2, 2], [2, 1]])
  }
}
