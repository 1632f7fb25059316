import Foundation
import PlushKernels
import Testing

/// Distance of a float32 result from the exact value, in units of the last place.
private func distance(_ found: Float, _ exact: Double) -> Double {
  if exact.isNaN { return found.isNaN ? 0 : .infinity }
  if found.isNaN { return .infinity }
  let limit = Double(Float.greatestFiniteMagnitude)
  if abs(exact) > limit || found.isInfinite {
    let close = abs(exact) > limit * (1 - 1e-6) && abs(Double(found)) >= limit * (1 - 1e-6)
    return close && (exact < 0) == (found < 0) ? 0 : .infinity
  }
  let unit = max(Float(exact).ulp, .leastNonzeroMagnitude)
  return abs(Double(found) - exact) / Double(unit)
}

private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

/// Newton's method on whichever of erf and erfc keeps its digits.
private func inverseErrorFunction(_ x: Double) -> Double {
  let a = abs(x)
  if !(a < 1) { return a == 1 ? (x < 0 ? -.infinity : .infinity) : .nan }
  if a < 1e-9 { return x * 0.886226925452758 }
  let w = -log((1 - a) * (1 + a))
  let t = 4.33074 - 0.5 * w
  var y = max(0, sqrt(t * t + w / 0.147) - t).squareRoot()
  for _ in 0..<5 {
    let error = a < 0.5 ? erf(y) - a : (1 - a) - erfc(y)
    let step = error / (1.1283791670955126 * exp(-y * y))
    y -= step / (1 + y * step)
  }
  return x < 0 ? -y : y
}

/// `repeated` is a last operand that is the same for all elements.
private func run(
  _ opcode: PlushOpcode, _ operands: [[Float]], repeated: Float? = nil
) -> [Float] {
  let count = operands[0].count
  var program = ElementwiseProgram(dims: [count])
  let layout = Layout(strides: [1])
  var registers = operands.map { values -> Int in
    let memory = Memory(PLUSH_FLOAT32, count: count)
    values.withUnsafeBytes { memory.base.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    return program.emit(PLUSH_LOAD, PLUSH_F32, program.view(memory, layout))
  }
  if let repeated {
    let view = program.view(Memory(PLUSH_FLOAT32, [Double(repeated)]), Layout(strides: [0]))
    registers.append(program.emit(PLUSH_LOAD, PLUSH_F32, view))
  }
  let y = Memory(PLUSH_FLOAT32, count: count)
  let b = registers.count > 1 ? registers[1] : 0
  let c = registers.count > 2 ? registers[2] : 0
  let result = program.emit(opcode, PLUSH_F32, registers[0], b, c)
  program.emit(PLUSH_STORE, PLUSH_F32, result, program.view(y, layout))
  program.run()
  return (0..<count).map { y.base.load(fromByteOffset: $0 * 4, as: Float.self) }
}

/// Bit patterns of all magnitudes and signs, and the values where things change.
private let sweep: [Float] =
  stride(from: UInt64(0), to: 1 << 32, by: 4001).map { Float(bitPattern: UInt32($0)) }
  + stride(from: -20, to: 20, by: 0.0003).map { Float($0) }
  + [
    0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
    .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .leastNormalMagnitude, 0.5, -0.5,
    88.72283, 88.72284, -87.33655, -103.97208, -104, 1.5707964, 3.1415927, 262143.98, 262144,
  ]

private let functions: [(PlushOpcode, String, @Sendable (Double) -> Double, Double)] = [
  (PLUSH_EXP, "exp", exp, 4), (PLUSH_EXPM1, "expm1", expm1, 4), (PLUSH_LOG, "log", log, 4),
  (PLUSH_LOG1P, "log1p", log1p, 4), (PLUSH_SIN, "sin", sin, 4), (PLUSH_COS, "cos", cos, 4),
  (PLUSH_TAN, "tan", tan, 4), (PLUSH_ASIN, "asin", asin, 4), (PLUSH_ACOS, "acos", acos, 4),
  (PLUSH_ATAN, "atan", atan, 4), (PLUSH_SINH, "sinh", sinh, 4), (PLUSH_COSH, "cosh", cosh, 4),
  (PLUSH_TANH, "tanh", tanh, 4), (PLUSH_ASINH, "asinh", asinh, 4), (PLUSH_ACOSH, "acosh", acosh, 4),
  (PLUSH_ATANH, "atanh", atanh, 4), (PLUSH_SIGMOID, "sigmoid", sigmoid, 4),
  (PLUSH_ERF, "erf", { erf($0) }, 4),
  (PLUSH_ERF_INVERSE, "inverse of erf", inverseErrorFunction, 4),
  (PLUSH_SQRT, "sqrt", { $0.squareRoot() }, 0.5),
  (PLUSH_RSQRT, "rsqrt", { 1 / $0.squareRoot() }, 4),
  (PLUSH_RECIPROCAL, "reciprocal", { 1 / $0 }, 0.5),
  (PLUSH_FLOOR, "floor", { $0.rounded(.down) }, 0), (PLUSH_CEIL, "ceil", { $0.rounded(.up) }, 0),
  (PLUSH_ROUND, "round", { $0.rounded(.toNearestOrEven) }, 0),
  (PLUSH_TRUNCATE, "truncate", { $0.rounded(.towardZero) }, 0),
  (PLUSH_NEGATE, "negate", { -$0 }, 0), (PLUSH_ABS, "abs", { abs($0) }, 0),
  (PLUSH_SIGN, "sign", { $0.isNaN || $0 == 0 ? $0 : $0 < 0 ? -1 : 1 }, 0),
]

@Suite struct MathTests {
  @Test(arguments: functions.indices) func functionsAreAccurate(number: Int) {
    let (opcode, name, exact, tolerance) = functions[number]
    let references = sweep.map { exact(Double($0)) }
    forEachISA { isa in
      let found = run(opcode, [sweep])
      var worst = 0.0
      var at: Float = 0
      for (i, reference) in references.enumerated() {
        let error = distance(found[i], reference)
        let signed = reference == 0 && found[i] == 0 && reference.sign != found[i].sign
        if error > worst || signed {
          worst = signed ? .infinity : error
          at = sweep[i]
        }
      }
      #expect(worst <= tolerance + 0.001, "\(isa): \(name)(\(at)) is off by \(worst) ulp")
    }
  }

  private static let special: [Float] = [
    0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, .infinity, -.infinity, .nan, 0x1p-133, -0x1p-133,
    1e38,
    -1e38, 1e9, 16_777_215, -16_777_215, 0.99999994, 1.0000001, 33, -33,
  ]

  /// All pairs of special values, then pairs of all magnitudes, then usual ones.
  private static let pairs: ([Float], [Float]) = {
    var x: [Float] = []
    var y: [Float] = []
    for a in special {
      for b in special {
        x.append(a)
        y.append(b)
      }
    }
    var random = Generator(1)
    for i in 0..<400_000 {
      if i % 2 == 0 {
        x.append(Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random)))
        y.append(Float(bitPattern: UInt32.random(in: 0 ... .max, using: &random)))
      } else {
        let whole = i % 8 == 1
        let base = Float.random(in: whole ? -50...50 : 0...50, using: &random)
        let exponent = Float.random(in: -25...25, using: &random)
        x.append(base)
        y.append(whole ? exponent.rounded() : exponent)
      }
    }
    return (x, y)
  }()

  private typealias PairFunction = @Sendable (Double, Double) -> Double

  private static let pairFunctions: [(PlushOpcode, String, PairFunction, Double)] = [
    (PLUSH_POWER, "pow", { pow($0, $1) }, 4), (PLUSH_ATAN2, "atan2", { atan2($0, $1) }, 4),
    (PLUSH_ADD, "add", { $0 + $1 }, 0.5), (PLUSH_MULTIPLY, "multiply", { $0 * $1 }, 0.5),
    (PLUSH_DIVIDE, "divide", { $0 / $1 }, 0.5),
    (PLUSH_REMAINDER, "remainder", { fmod($0, $1) }, 0.5),
  ]

  @Test(arguments: pairFunctions.indices) func functionsOfTwoAreAccurate(number: Int) {
    let (opcode, name, exact, tolerance) = Self.pairFunctions[number]
    let (x, y) = Self.pairs
    forEachISA { isa in
      let found = run(opcode, [x, y])
      for i in x.indices {
        let reference = exact(Double(x[i]), Double(y[i]))
        let error = distance(found[i], reference)
        let signed = reference == 0 && found[i] == 0 && reference.sign != found[i].sign
        if error > tolerance + 0.001 || signed {
          Issue.record(
            "\(isa): \(name)(\(x[i]), \(y[i])) is \(found[i]), not \(reference)")
          return
        }
      }
    }
  }

  @Test func divisionOfFloatsKeepsItsLaw() {
    forEachISA { isa in
      let x: [Float] = [7, -7, 7, -7, 6, -6, 0, 5.5, -5.5, .infinity, 3]
      let y: [Float] = [3, 3, -3, -3, 3, 3, -2, 2, 2, 2, .infinity]
      #expect(
        run(PLUSH_FLOOR_DIVIDE, [x, y]).prefix(9) == [2, -3, -3, 2, 2, -2, 0, 2, -3], "\(isa)")
      let modulo = run(PLUSH_MODULO, [x, y])
      #expect(modulo.prefix(9) == [1, 2, -2, -1, 0, 0, 0, 1.5, 0.5], "\(isa)")
      #expect(modulo[9].isNaN && modulo[10] == 3, "\(isa)")
    }
  }

  @Test func integersFollowTheirRules() {
    let edges: [Int64] = [0, 1, -1, 2, -2, 3, 7, -7, 31, 32, 33, 63, 64, 100]
    for (type, used, lowest, highest) in [
      (PLUSH_INT32, PLUSH_I32, Int64(Int32.min), Int64(Int32.max)),
      (PLUSH_INT64, PLUSH_I64, Int64.min, Int64.max),
    ] {
      let values = edges + [lowest, highest]
      let pairs = values.flatMap { a in values.map { (a, $0) } }
      let bits = type == PLUSH_INT32 ? 32 : 64
      func wrap(_ value: Int64) -> Int64 {
        type == PLUSH_INT32 ? Int64(Int32(truncatingIfNeeded: value)) : value
      }
      func logical(_ a: Int64) -> UInt64 {
        type == PLUSH_INT32 ? UInt64(UInt32(truncatingIfNeeded: a)) : UInt64(bitPattern: a)
      }
      func power(_ a: Int64, _ b: Int64) -> Int64 {
        if b < 0 { return a == 1 ? 1 : a == -1 ? (b & 1 == 0 ? 1 : -1) : 0 }
        var result: Int64 = 1
        var factor = a
        var rest = b
        while rest > 0 {
          if rest & 1 == 1 { result = result &* factor }
          factor = factor &* factor
          rest >>= 1
        }
        return result
      }
      func remainder(_ a: Int64, _ b: Int64) -> Int64 { b == 0 || b == -1 ? 0 : a % b }
      func quotient(_ a: Int64, _ b: Int64) -> Int64 { b == 0 ? 0 : b == -1 ? 0 &- a : a / b }
      func isUneven(_ a: Int64, _ b: Int64) -> Bool {
        remainder(a, b) != 0 && (remainder(a, b) < 0) != (b < 0)
      }
      let operations: [(PlushOpcode, (Int64, Int64) -> Int64)] = [
        (PLUSH_ADD, { $0 &+ $1 }), (PLUSH_SUBTRACT, { $0 &- $1 }), (PLUSH_MULTIPLY, { $0 &* $1 }),
        (PLUSH_DIVIDE, quotient),
        (PLUSH_FLOOR_DIVIDE, { quotient($0, $1) - (isUneven($0, $1) ? 1 : 0) }),
        (PLUSH_MODULO, { remainder($0, $1) + (isUneven($0, $1) ? $1 : 0) }),
        (PLUSH_REMAINDER, remainder), (PLUSH_POWER, power),
        (PLUSH_MAXIMUM, { max($0, $1) }), (PLUSH_MINIMUM, { min($0, $1) }),
        (PLUSH_BIT_AND, { $0 & $1 }), (PLUSH_BIT_OR, { $0 | $1 }), (PLUSH_BIT_XOR, { $0 ^ $1 }),
        (PLUSH_SHIFT_LEFT, { logical($1) >= bits ? 0 : $0 << $1 }),
        (
          PLUSH_SHIFT_RIGHT,
          { logical($1) >= bits ? 0 : Int64(truncatingIfNeeded: logical($0) >> UInt64($1)) }
        ),
        (PLUSH_EQUAL, { $0 == $1 ? 1 : 0 }), (PLUSH_LESS_EQUAL, { $0 <= $1 ? 1 : 0 }),
      ]
      forEachISA { isa in
        for (opcode, exact) in operations {
          let count = pairs.count
          let predicate = opcode == PLUSH_EQUAL || opcode == PLUSH_LESS_EQUAL
          let x = Memory(type, count: count)
          let y = Memory(type, count: count)
          let z = Memory(type, count: count)
          func write(_ memory: Memory, _ i: Int, _ value: Int64) {
            if bits == 32 {
              memory.base.storeBytes(of: Int32(value), toByteOffset: 4 * i, as: Int32.self)
            } else {
              memory.base.storeBytes(of: value, toByteOffset: 8 * i, as: Int64.self)
            }
          }
          for (i, pair) in pairs.enumerated() {
            write(x, i, pair.0)
            write(y, i, pair.1)
          }
          var program = ElementwiseProgram(dims: [count])
          let layout = Layout(strides: [1])
          let a = program.emit(PLUSH_LOAD, used, program.view(x, layout))
          let b = program.emit(PLUSH_LOAD, used, program.view(y, layout))
          let result = program.emit(opcode, used, a, b)
          let storeClass = predicate ? PLUSH_I32 : used
          program.emit(PLUSH_STORE, storeClass, result, program.view(z, layout))
          program.run()
          for (i, pair) in pairs.enumerated() {
            let found =
              bits == 32
              ? Int64(z.base.load(fromByteOffset: 4 * i, as: Int32.self))
              : z.base.load(fromByteOffset: 8 * i, as: Int64.self)
            let expected = wrap(exact(pair.0, pair.1))
            if found != expected {
              Issue.record("\(isa) \(opcode) \(bits) bits of \(pair): \(found), not \(expected)")
              return
            }
          }
        }
      }
    }
  }

  @Test func conversionsSaturate() {
    let values: [Double] = [
      0, 1.9, -1.9, 2147483646, 2147483648, -2147483648, -2147483904, 1e18, -1e18, 1e19, -1e19,
      .infinity, -.infinity, .nan, 300, -5,
    ]
    forEachISA { isa in
      for (type, used) in [(PLUSH_FLOAT32, PLUSH_F32), (PLUSH_FLOAT64, PLUSH_F64)] {
        let x = Memory(type, values)
        let ints = Memory(PLUSH_INT32, count: values.count)
        let longs = Memory(PLUSH_INT64, count: values.count)
        var program = ElementwiseProgram(dims: [values.count])
        let layout = Layout(strides: [1])
        let a = program.emit(PLUSH_LOAD, used, program.view(x, layout))
        for (memory, to) in [(ints, PLUSH_I32), (longs, PLUSH_I64)] {
          let b = program.emit(PLUSH_CONVERT, to, a, Int(used.rawValue))
          program.emit(PLUSH_STORE, to, b, program.view(memory, layout))
        }
        program.run()
        for i in values.indices {
          let value = x[i]
          let int = value.isNaN ? 0 : Int32(max(-0x1p31, min(0x1p31 - 1, value)))
          let found = longs.base.load(fromByteOffset: 8 * i, as: Int64.self)
          let long: Int64 =
            value.isNaN ? 0 : value >= 0x1p63 ? .max : value < -0x1p63 ? .min : Int64(value)
          #expect(ints[i] == Double(int), "\(isa) \(value)")
          #expect(found == long, "\(isa) \(value)")
        }
      }
    }
  }

  @Test func doublesUseTheSystemsFunctions() {
    let x = (1..<300).map { Double($0) / 301 }
    forEachISA { isa in
      for (opcode, name, exact, tolerance) in functions where opcode != PLUSH_ERF_INVERSE {
        let memory = Memory(PLUSH_FLOAT64, x)
        let y = Memory(PLUSH_FLOAT64, count: x.count)
        var program = ElementwiseProgram(dims: [x.count])
        let a = program.emit(PLUSH_LOAD, PLUSH_F64, program.view(memory, Layout(strides: [1])))
        let b = program.emit(opcode, PLUSH_F64, a)
        program.emit(PLUSH_STORE, PLUSH_F64, b, program.view(y, Layout(strides: [1])))
        program.run()
        for (i, value) in x.enumerated() {
          let reference = exact(value)
          let error = abs(y[i] - reference)
          let close = error <= 1e-14 * abs(reference) || (y[i].isNaN && reference.isNaN)
          #expect(close, "\(isa): \(name)(\(value)), tolerance \(tolerance)")
        }
      }
    }
  }

  /// x / (√y + z), with z the same for all elements and not.
  @Test func divisionByRootIsAccurate() {
    let specials: [Float] = [
      0, -0, 1, 4, 2, 1e-38, 1e-30, 1e-20, 3e38, .infinity, -.infinity, -1, .nan,
    ]
    var random = Generator(7)
    let squares =
      specials
      + (0..<4000).map { _ in Float.random(in: -60...60, using: &random) }
      .map { Float.random(in: 1...2, using: &random) * exp2($0) }
    let numerators = squares.indices.map { i in
      i % 9 == 0 ? 0 : Float.random(in: -1e3...1e3, using: &random)
    }
    for shift: Float in [1e-7, 1e-3, 1, 0, 1e-12, 1e30] {
      let references = squares.indices.map {
        Double(numerators[$0]) / (Double(squares[$0]).squareRoot() + Double(shift))
      }
      forEachISA { isa in
        let shifts = [Float](repeating: shift, count: squares.count)
        for found in [
          run(PLUSH_DIVIDE_ROOT, [numerators, squares], repeated: shift),
          run(PLUSH_DIVIDE_ROOT, [numerators, squares, shifts]),
        ] {
          let worst = references.indices.max {
            distance(found[$0], references[$0]) < distance(found[$1], references[$1])
          }!
          let error = distance(found[worst], references[worst])
          #expect(error <= 2.5, "\(isa): \(numerators[worst]) / (√\(squares[worst]) + \(shift))")
        }
      }
    }
  }
}
