import PlushEngine
import Testing

@Suite struct ReferenceElementwiseTests {
  private func unary(_ operation: UnaryOperation, _ values: [Double]) throws -> [Double] {
    try evaluate(.unary(operation), reals(values)).reals
  }

  private func binary(
    _ operation: BinaryOperation, _ a: [Double], _ b: [Double]
  ) throws -> [Double] {
    try evaluate(.binary(operation), reals(a), reals(b)).reals
  }

  private func onIntegers(
    _ operation: BinaryOperation, _ a: [Int64], _ b: [Int64], _ dtype: DType = .int32
  ) throws -> [Int64] {
    try evaluate(.binary(operation), integers(a, nil, dtype), integers(b, nil, dtype)).integers
  }

  @Test func roundsAndSigns() throws {
    let x = [-2.5, -1.5, -0.2, 0, 0.5, 1.5, 2.5]
    #expect(try unary(.negate, x) == [2.5, 1.5, 0.2, 0, -0.5, -1.5, -2.5])
    #expect(try unary(.abs, x) == [2.5, 1.5, 0.2, 0, 0.5, 1.5, 2.5])
    #expect(try unary(.sign, x) == [-1, -1, -1, 0, 1, 1, 1])
    #expect(try unary(.floor, x) == [-3, -2, -1, 0, 0, 1, 2])
    #expect(try unary(.ceil, x) == [-2, -1, 0, 0, 1, 2, 3])
    #expect(try unary(.round, x) == [-2, -2, 0, 0, 0, 2, 2])
    #expect(try unary(.truncate, x) == [-2, -1, 0, 0, 0, 1, 2])
    #expect(try unary(.sign, [.nan])[0].isNaN)
  }

  @Test(arguments: [
    (UnaryOperation.exp, 1, 2.718281828459045), (.expm1, 1e-10, 1.00000000005e-10),
    (.log, 10, 2.302585092994046), (.log1p, 1e-10, 9.9999999995e-11),
    (.sqrt, 2, 1.4142135623730951),
    (.rsqrt, 4, 0.5), (.reciprocal, 8, 0.125), (.sin, 1, 0.8414709848078965),
    (.cos, 1, 0.5403023058681398), (.tan, 1, 1.5574077246549023), (.asin, 0.5, 0.5235987755982989),
    (.acos, 0.5, 1.0471975511965979), (.atan, 1, 0.7853981633974483),
    (.sinh, 1, 1.1752011936438014), (.cosh, 1, 1.5430806348152437),
    (.tanh, 1, 0.7615941559557649), (.asinh, 1, 0.881373587019543),
    (.acosh, 2, 1.3169578969248166), (.atanh, 0.5, 0.5493061443340549),
    (.sigmoid, 0.5, 0.6224593312018546), (.erf, 1, 0.8427007929497149),
  ])
  func functions(operation: UnaryOperation, x: Double, expected: Double) throws {
    #expect(isClose(try unary(operation, [x]), [expected]), "\(operation)")
  }

  @Test func sigmoidSaturates() throws {
    #expect(try unary(.sigmoid, [-1000, 0, 1000]) == [0, 0.5, 1])
  }

  @Test func erfInverseInvertsErf() throws {
    let x = [-5.5, -3, -1, -0.1, -1e-8, 0, 1e-300, 1e-8, 0.3, 0.47, 0.48, 1, 2, 3]
    let found = try unary(.erfInverse, try unary(.erf, x))
    // Near one erf keeps few digits of its argument: compare what comes back through erf.
    #expect(isClose(try unary(.erf, found), try unary(.erf, x), within: 1e-15))
    #expect(isClose(Array(found[3...10]), Array(x[3...10]), within: 1e-14))
    #expect(
      isClose(try unary(.erfInverse, [0.5, 0.999]), [0.4769362762044699, 2.326753765513525]))
    #expect(try unary(.erfInverse, [-1, 1]) == [-.infinity, .infinity])
    #expect(try unary(.erfInverse, [1.5, .nan]).allSatisfy(\.isNaN))
  }

  @Test func predicates() throws {
    let x = reals([0, .nan, .infinity, -.infinity, 3])
    #expect(try evaluate(.unary(.isNaN), x).integers == [0, 1, 0, 0, 0])
    #expect(try evaluate(.unary(.isFinite), x).integers == [1, 0, 0, 0, 1])
    #expect(try evaluate(.unary(.isInfinite), x).integers == [0, 0, 1, 1, 0])
    #expect(try evaluate(.unary(.logicalNot), x).integers == [1, 0, 0, 0, 0])
    #expect(try evaluate(.unary(.isFinite), integers([4])).integers == [1])
    #expect(try evaluate(.unary(.logicalNot), integers([0, 4])).integers == [1, 0])
  }

  @Test func unaryIntegers() throws {
    let low = Int64(Int32.min)
    let x = integers([-3, 0, 5, low])
    #expect(try evaluate(.unary(.negate), x).integers == [3, 0, -5, low])
    #expect(try evaluate(.unary(.abs), x).integers == [3, 0, 5, low])
    #expect(try evaluate(.unary(.sign), x).integers == [-1, 0, 1, -1])
    #expect(try evaluate(.unary(.bitNot), x).integers == [2, -1, -6, Int64(Int32.max)])
    #expect(try evaluate(.unary(.bitNot), integers([1], nil, .uint8)).integers == [254])
    #expect(throws: ExecutionError.self) { try evaluate(.unary(.exp), integers([1])) }
    #expect(throws: TypeError.self) { try evaluate(.unary(.bitNot), reals([1])) }
  }

  @Test func binaryReals() throws {
    let a: [Double] = [7, -7, 7, -7]
    let b: [Double] = [2, 2, -2, -2]
    #expect(try binary(.add, a, b) == [9, -5, 5, -9])
    #expect(try binary(.subtract, a, b) == [5, -9, 9, -5])
    #expect(try binary(.multiply, a, b) == [14, -14, -14, 14])
    #expect(try binary(.divide, a, b) == [3.5, -3.5, -3.5, 3.5])
    #expect(try binary(.floorDivide, a, b) == [3, -4, -4, 3])
    #expect(try binary(.modulo, a, b) == [1, 1, -1, -1])
    #expect(try binary(.remainder, a, b) == [1, -1, 1, -1])
    #expect(try binary(.power, a, b) == [49, 49, 1 / 49.0, 1 / 49.0])
    #expect(try binary(.maximum, a, b) == [7, 2, 7, -2])
    #expect(try binary(.minimum, a, b) == [2, -7, -2, -7])
    #expect(isClose(try binary(.atan2, [1, -1], [-1, -1]), [.pi * 0.75, .pi * -0.75]))
    for operation in [BinaryOperation.maximum, .minimum] {
      #expect(try binary(operation, [.nan, 1], [1, .nan]).allSatisfy(\.isNaN))
    }
    #expect(throws: TypeError.self) { try binary(.bitAnd, a, b) }
  }

  @Test func binaryIntegers() throws {
    let low = Int64(Int32.min)
    let a: [Int64] = [7, -7, 7, -7, 5, low]
    let b: [Int64] = [2, 2, -2, -2, 0, -1]
    #expect(try onIntegers(.divide, a, b) == [3, -3, -3, 3, 0, low])
    #expect(try onIntegers(.floorDivide, a, b) == [3, -4, -4, 3, 0, low])
    #expect(try onIntegers(.modulo, a, b) == [1, 1, -1, -1, 0, 0])
    #expect(try onIntegers(.remainder, a, b) == [1, -1, 1, -1, 0, 0])
    #expect(try onIntegers(.power, [3, -2, -1, 2, 1], [4, 3, -3, -1, -5]) == [81, -8, -1, 0, 1])
    #expect(try onIntegers(.maximum, a, b) == [7, 2, 7, -2, 5, -1])
    #expect(try onIntegers(.minimum, a, b) == [2, -7, -2, -7, 0, low])
    #expect(try onIntegers(.bitAnd, [12], [10]) == [8])
    #expect(try onIntegers(.bitOr, [12], [10]) == [14])
    #expect(try onIntegers(.bitXor, [12], [10]) == [6])
    #expect(throws: ExecutionError.self) { try onIntegers(.atan2, [Int64(1)], [2]) }
  }

  @Test func shifts() throws {
    #expect(
      try onIntegers(.shiftLeft, [1, 1, 1, 1], [4, 31, 32, -1]) == [16, Int64(Int32.min), 0, 0])
    #expect(try onIntegers(.shiftRight, [-1, -1, -1], [28, 31, 32]) == [15, 1, 0])
    #expect(try onIntegers(.shiftRight, [-1, -1], [60, 64], .int64) == [15, 0])
    #expect(try onIntegers(.shiftLeft, [Int64(1), 1], [63, 64], .int64) == [.min, 0])
    #expect(try onIntegers(.shiftLeft, [Int64(3)], [7], .uint8) == [128])
  }

  @Test func integersWrap() throws {
    #expect(try onIntegers(.add, [Int64(Int32.max)], [1]) == [Int64(Int32.min)])
    #expect(try onIntegers(.add, [Int64.max], [1], .int64) == [.min])
    #expect(try onIntegers(.multiply, [Int64(16)], [17], .uint8) == [16])
    #expect(try onIntegers(.subtract, [Int64(0)], [1], .uint8) == [255])
    #expect(try onIntegers(.add, [1, 0, 0], [1, 1, 0], .bool) == [1, 1, 0])
  }

  @Test func compares() throws {
    let a = reals([1, 2, 3, .nan])
    let b = reals([2, 2, 2, .nan])
    #expect(try evaluate(.compare(.equal), a, b).integers == [0, 1, 0, 0])
    #expect(try evaluate(.compare(.notEqual), a, b).integers == [1, 0, 1, 1])
    #expect(try evaluate(.compare(.less), a, b).integers == [1, 0, 0, 0])
    #expect(try evaluate(.compare(.lessEqual), a, b).integers == [1, 1, 0, 0])
    #expect(
      try evaluate(.compare(.less), integers([-1, 1]), integers([0, 0])).integers == [1, 0])
  }

  @Test func selects() throws {
    let condition = integers([1, 0, 1], nil, .bool)
    let chosen = try evaluate(.select, condition, reals([1, 2, 3]), reals([4, 5, 6]))
    #expect(chosen.reals == [1, 5, 3])
  }

  @Test func casts() throws {
    let x = reals([-1.9, 2.9, 3e10, -.infinity, .nan, 0.5])
    let (low, high) = (Int64(Int32.min), Int64(Int32.max))
    #expect(try evaluate(.cast(.int32), x).integers == [-1, 2, high, low, 0, 0])
    #expect(try evaluate(.cast(.int64), x).integers == [-1, 2, 30_000_000_000, .min, 0, 0])
    #expect(try evaluate(.cast(.uint8), x).integers == [255, 2, 255, 0, 0, 0])
    #expect(try evaluate(.cast(.bool), x).integers == [1, 1, 1, 1, 1, 1])
    #expect(
      try evaluate(.cast(.float16), reals([1 / 3.0, 70_000])).reals == [0.333251953125, .infinity])
    #expect(try evaluate(.cast(.bfloat16), reals([1 / 3.0])).reals == [0.333984375])
    #expect(try evaluate(.cast(.float32), reals([0.1])).reals == [Double(Float(0.1))])
    let wide = integers([1 << 32 + 5, -1], nil, .int64)
    #expect(try evaluate(.cast(.int32), wide).integers == [5, -1])
    #expect(try evaluate(.cast(.uint8), wide).integers == [5, 255])
    #expect(try evaluate(.cast(.float64), wide).reals == [4_294_967_301, -1])
  }
}
