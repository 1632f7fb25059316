import PlushKernels
import Testing

private func valueClass(of type: PlushType) -> PlushClass { plush_class_of(type) }

/// Small integers: every operation on them is exact in every type.
private func smallIntegers(_ count: Int, _ type: PlushType, _ random: inout Generator) -> [Double] {
  let lowest = type == PLUSH_UINT8 || type == PLUSH_BOOL ? 0 : -4
  let highest = type == PLUSH_BOOL ? 1 : 4
  return (0..<count).map { _ in Double(Int.random(in: lowest...highest, using: &random)) }
}

/// A memory and a layout of it with permuted, repeated and reversed dimensions and margins.
private func randomOperand(
  _ dims: [Int], _ type: PlushType, writable: Bool, _ random: inout Generator
) -> (Memory, Layout) {
  var layout = Layout(contiguous: dims)
  var count = dims.reduce(1, *)
  switch Int.random(in: 0..<(writable ? 3 : 4), using: &random) {
  case 0: break
  case 1:
    // Permuted dimensions with margins, some reversed.
    var stride = Int.random(in: 1...2, using: &random)
    for d in dims.indices.shuffled(using: &random) {
      let step = Int.random(in: 0..<4, using: &random) == 0 ? -stride : stride
      layout.strides[d] = step
      if step < 0 { layout.offset += stride * (dims[d] - 1) }
      stride *= dims[d] + (Int.random(in: 0..<3, using: &random) == 0 ? 1 : 0)
    }
    let margin = Int.random(in: 0..<5, using: &random)
    layout.offset += margin
    count = stride + margin
  case 2:
    let margin = Int.random(in: 0..<20, using: &random)
    layout.offset = margin
    count += margin
  default:
    var stride = 1
    for d in dims.indices.reversed() {
      let repeated = Bool.random(using: &random)
      layout.strides[d] = repeated ? 0 : stride
      stride *= repeated ? 1 : dims[d]
    }
    count = stride
  }
  return (Memory(type, smallIntegers(count, type, &random)), layout)
}

private func randomDims(_ random: inout Generator) -> [Int] {
  // Now and then enough for several threads, or rows of whole vectors.
  switch Int.random(in: 0..<40, using: &random) {
  case 3...8:
    return [10, 32].map { $0 * Int.random(in: 1...5, using: &random) }
  case 0: return [Int.random(in: 100...400, using: &random), 300]
  case 1: return [70, 20, Int.random(in: 1...80, using: &random)]
  case 2: return [Int.random(in: 50_000...120_000, using: &random)]
  default: break
  }
  let rank = Int.random(in: 0...4, using: &random)
  let limit = [1, 5000, 90, 30, 9][rank]
  return (0..<rank).map { _ in
    Int.random(in: 0..<6, using: &random) == 0 ? 1 : Int.random(in: 1...limit, using: &random)
  }
}

/// Loads, a few operations and stores of random layouts and types.
private func randomProgram(_ random: inout Generator) -> ElementwiseProgram {
  let dims = randomDims(&random)
  var program = ElementwiseProgram(dims: dims)
  let classes = [PLUSH_F32, PLUSH_F32, PLUSH_F32, PLUSH_F64, PLUSH_I32, PLUSH_I64]
  let used = classes.randomElement(using: &random) ?? PLUSH_F32
  func register(_ registers: [Int], _ random: inout Generator) -> Int {
    registers.randomElement(using: &random) ?? 0
  }
  var registers: [Int] = []
  var inPlace: (Memory, Layout)?
  for _ in 0..<Int.random(in: 1...4, using: &random) {
    let type = allTypes.randomElement(using: &random) ?? PLUSH_FLOAT32
    let native = [PLUSH_FLOAT32, PLUSH_FLOAT64, PLUSH_INT32, PLUSH_INT64][Int(used.rawValue)]
    let chosen = Bool.random(using: &random) ? native : type
    let (memory, layout) = randomOperand(dims, chosen, writable: false, &random)
    let isWritable = !zip(layout.strides, dims).contains { $0 == 0 && $1 > 1 }
    if isWritable { inPlace = (memory, layout) }
    registers.append(program.emit(PLUSH_LOAD, used, program.view(memory, layout)))
  }
  for _ in 0..<Int.random(in: 0...5, using: &random) {
    let a = register(registers, &random)
    let b = register(registers, &random)
    let c = register(registers, &random)
    let result: Int
    switch Int.random(in: 0..<9, using: &random) {
    case 0: result = program.emit(PLUSH_FILL, used, real: used.rawValue < 2 ? 3 : nil, integer: 3)
    case 1 where !dims.isEmpty:
      result = program.emit(PLUSH_IOTA, used, Int.random(in: 0..<dims.count, using: &random))
    case 2: result = program.emit(PLUSH_SUBTRACT, used, a, b)
    case 3: result = program.emit(PLUSH_MAXIMUM, used, a, b)
    case 7 where used.rawValue < 2:
      let opcode = [PLUSH_LERP, PLUSH_LERP_SQUARE].randomElement(using: &random) ?? PLUSH_LERP
      result = program.emit(opcode, used, a, b, c)
    case 4:
      let condition = program.emit(PLUSH_LESS, used, a, b)
      result = program.emit(PLUSH_SELECT, used, condition, c, a)
    case 5:
      let wide = program.emit(PLUSH_CONVERT, PLUSH_F64, a, Int(used.rawValue))
      let sum = program.emit(PLUSH_ADD, PLUSH_F64, wide, wide)
      result = program.emit(PLUSH_CONVERT, used, sum, Int(PLUSH_F64.rawValue))
    case 6:
      // Into an operand's own register.
      result = program.emit(PLUSH_ADD, used, a, b, into: a)
    default: result = program.emit(PLUSH_ADD, used, a, b)
    }
    registers.append(result)
  }
  for _ in 0..<Int.random(in: 1...2, using: &random) {
    let type = Bool.random(using: &random) ? PLUSH_FLOAT32 : PLUSH_INT32
    var (memory, layout) = randomOperand(dims, type, writable: true, &random)
    if let shared = inPlace, Bool.random(using: &random) {
      (memory, layout) = shared
      inPlace = nil
    }
    program.emit(PLUSH_STORE, used, register(registers, &random), program.view(memory, layout))
  }
  return program
}

@Suite struct ElementwiseTests {
  @Test func randomProgramsAgreeWithTheObviousWay() {
    forEachISA { name in
      for seed in 0..<400 {
        var random = Generator(seed)
        let program = randomProgram(&random)
        let expected = program.expected()
        program.run()
        let found = program.contents
        #expect(found == expected, "\(name), seed \(seed), dims \(program.dims)")
        #expect(program.isIntact, "\(name), seed \(seed)")
        if found != expected { return }
      }
    }
  }

  @Test(arguments: [false, true])
  func preparedProgramsDoTheSame(isBlock: Bool) {
    forEachISA { name in
      for seed in 2000..<2400 {
        var random = Generator(seed)
        let program = randomProgram(&random)
        let expected = program.expected()
        program.runPrepared(isBlock: isBlock)
        #expect(program.contents == expected, "\(name), seed \(seed), dims \(program.dims)")
        #expect(program.isIntact, "\(name), seed \(seed)")
      }
    }
  }

  @Test func blocksMakeTheWhole() {
    forEachISA { name in
      for seed in 1000..<1200 {
        var random = Generator(seed)
        let program = randomProgram(&random)
        guard let columns = program.dims.last else { continue }
        let rows = program.dims.dropLast().reduce(1, *)
        let expected = program.expected()
        let rowCut = Int.random(in: 0...rows, using: &random)
        var columnCut = Int.random(in: 0...columns, using: &random)
        if columns % 32 == 0 { columnCut -= columnCut % 16 }
        for rowRange in [0..<rowCut, rowCut..<rows] {
          for columnRange in [0..<columnCut, columnCut..<columns] {
            program.runBlock(rows: rowRange, columns: columnRange)
          }
        }
        #expect(program.contents == expected, "\(name), seed \(seed)")
        #expect(program.isIntact, "\(name), seed \(seed)")
      }
    }
  }

  @Test(arguments: [
    [1, 1], [3, 1], [1, 40], [5, 10], [7, 33], [4, 600], [3, 2, 100], [2, 5000],
  ])
  func rowsAreReduced(dims: [Int]) {
    forEachISA { name in
      for (reduction, type) in [
        (PLUSH_ROW_SUM, PLUSH_FLOAT32), (PLUSH_ROW_MAX, PLUSH_FLOAT32),
        (PLUSH_ROW_MIN, PLUSH_FLOAT64), (PLUSH_ROW_SUM, PLUSH_INT32),
        (PLUSH_ROW_MAX, PLUSH_INT64), (PLUSH_ROW_SUM, PLUSH_FLOAT16),
      ] {
        var random = Generator(dims.reduce(0, +))
        let count = dims.reduce(1, *)
        let used = valueClass(of: type)
        let x = Memory(type, smallIntegers(count, type, &random))
        let y = Memory(PLUSH_FLOAT32, count: count)
        let bias = Memory(type, smallIntegers(count / dims[dims.count - 1], type, &random))
        let sums = Memory(PLUSH_FLOAT32, count: bias.count)
        var rowLayout = Layout(contiguous: Array(dims.dropLast()))
        rowLayout.strides.append(0)
        var program = ElementwiseProgram(dims: dims)
        program.reducesRows = true
        let a = program.emit(PLUSH_LOAD, used, program.view(x, Layout(contiguous: dims)))
        let b = program.emit(PLUSH_LOAD, used, program.view(bias, rowLayout), perRow: true)
        var row = program.emit(reduction, used, a, perRow: true)
        row = program.emit(PLUSH_ADD, used, row, b, perRow: true)
        let wide = program.emit(PLUSH_EXPAND, used, row)
        let difference = program.emit(PLUSH_SUBTRACT, used, a, wide)
        program.emit(PLUSH_STORE, used, difference, program.view(y, Layout(contiguous: dims)))
        program.emit(PLUSH_STORE, used, row, program.view(sums, rowLayout), perRow: true)
        let expected = program.expected()
        program.run()
        #expect(program.contents == expected, "\(name) \(dims) \(type)")
        #expect(program.isIntact)
      }
    }
  }

  @Test func emptyRowsHaveAnEmptySum() {
    let sums = Memory(PLUSH_FLOAT32, [5, 5, 5])
    let x = Memory(PLUSH_FLOAT32, [])
    var program = ElementwiseProgram(dims: [3, 0])
    program.reducesRows = true
    let a = program.emit(PLUSH_LOAD, PLUSH_F32, program.view(x, Layout(strides: [0, 1])))
    let sum = program.emit(PLUSH_ROW_SUM, PLUSH_F32, a, perRow: true)
    let view = program.view(sums, Layout(strides: [1, 0]))
    program.emit(PLUSH_STORE, PLUSH_F32, sum, view, perRow: true)
    program.run()
    #expect(sums.values == [0, 0, 0])
  }

  /// Large enough for chunks on several threads: sums of rows, and random bits beside them.
  @Test func bitsDoNotDependOnThreads() {
    let dims = [700, 301]
    let count = dims[0] * dims[1]
    let x = Memory(PLUSH_FLOAT32, (0..<count).map { Double(($0 * 7919) % 1000) / 300 - 1.5 })
    let key = Memory(PLUSH_INT64, [42, 7])
    forEachISA { name in
      let results = onThreads([1, 2, 3, 8]) {
        let y = Memory(PLUSH_FLOAT32, count: count)
        let bits = Memory(PLUSH_INT32, count: count)
        var program = ElementwiseProgram(dims: dims)
        program.reducesRows = true
        let layout = Layout(contiguous: dims)
        let a = program.emit(PLUSH_LOAD, PLUSH_F32, program.view(x, layout))
        let e = program.emit(PLUSH_EXP, PLUSH_F32, a)
        let sum = program.emit(PLUSH_ROW_SUM, PLUSH_F32, e, perRow: true)
        let wide = program.emit(PLUSH_EXPAND, PLUSH_F32, sum)
        let share = program.emit(PLUSH_DIVIDE, PLUSH_F32, e, wide)
        program.emit(PLUSH_STORE, PLUSH_F32, share, program.view(y, layout))
        let keyView = program.view(key, Layout(strides: [0, 0]))
        let random = program.emit(PLUSH_RANDOM, PLUSH_I32, keyView, integer: 3)
        program.emit(PLUSH_STORE, PLUSH_I32, random, program.view(bits, layout))
        program.run()
        return y.values + bits.values
      }
      #expect(results.allSatisfy { $0 == results[0] }, "\(name)")
    }
  }

  @Test func rememberedMemoryIsReadBeforeItIsOverwritten() {
    // v = 2v, then w = w - (old v): the store must not reach the old values early.
    forEachISA { name in
      let count = 3000
      let v = Memory(PLUSH_FLOAT32, (0..<count).map { Double($0 % 50) })
      let w = Memory(PLUSH_FLOAT32, (0..<count).map { Double($0 % 7) })
      var program = ElementwiseProgram(dims: [count])
      let vView = program.view(v, Layout(strides: [1]))
      let wView = program.view(w, Layout(strides: [1]))
      let old = program.emit(PLUSH_LOAD, PLUSH_F32, vView)
      let doubled = program.emit(PLUSH_ADD, PLUSH_F32, old, old)
      program.emit(PLUSH_STORE, PLUSH_F32, doubled, vView)
      let weight = program.emit(PLUSH_LOAD, PLUSH_F32, wView)
      let next = program.emit(PLUSH_SUBTRACT, PLUSH_F32, weight, old)
      program.emit(PLUSH_STORE, PLUSH_F32, next, wView)
      let expected = program.expected()
      program.run()
      #expect(program.contents == expected, "\(name)")
    }
  }

  @Test func narrowTypesRoundToNearestEven() {
    let values: [Double] =
      [
        0, -0.0, 1, 1 + 0x1p-11, 1 + 3 * 0x1p-11, 65504, 65519, 65520, 1e6, -1e6, 0x1p-24,
        0x1p-25, 3 * 0x1p-25, 0x1p-14, 0x1.ffcp-15, 1e-10, .infinity, -.infinity, .nan, 3.14159,
        1 + 0x1p-8, 1 + 3 * 0x1p-8, 3.3895e38, 3.4e38,
      ] + (0..<200).map { Double(Float($0 * $0) * 1.7e-3) }
    forEachISA { name in
      for type in [PLUSH_FLOAT16, PLUSH_BFLOAT16] {
        let x = Memory(PLUSH_FLOAT32, values)
        let y = Memory(type, count: values.count)
        let narrowed = Memory(PLUSH_FLOAT32, count: values.count)
        let back = Memory(PLUSH_FLOAT32, count: values.count)
        let layout = Layout(strides: [1])
        var program = ElementwiseProgram(dims: [values.count])
        let a = program.emit(PLUSH_LOAD, PLUSH_F32, program.view(x, layout))
        program.emit(PLUSH_STORE, PLUSH_F32, a, program.view(y, layout))
        let b = program.emit(PLUSH_NARROW, PLUSH_F32, a, Int(type.rawValue))
        program.emit(PLUSH_STORE, PLUSH_F32, b, program.view(narrowed, layout))
        program.run()
        var reader = ElementwiseProgram(dims: [values.count])
        let c = reader.emit(PLUSH_LOAD, PLUSH_F32, reader.view(y, layout))
        reader.emit(PLUSH_STORE, PLUSH_F32, c, reader.view(back, layout))
        reader.run()
        for (i, value) in values.enumerated() {
          let expected = Memory.rounded(Double(Float(value)), to: type)
          let same = [y[i], narrowed[i], back[i]].allSatisfy {
            expected.isNaN ? $0.isNaN : $0 == expected && $0.sign == expected.sign
          }
          #expect(same, "\(name) \(value) gives \(y[i]) \(narrowed[i]) \(back[i]), \(expected)")
        }
      }
    }
  }

  @Test func notANumberWinsInMaximumAndMinimum() {
    forEachISA { _ in
      for count in [1, 5, 40] {
        let x = Memory(PLUSH_FLOAT32, (0..<count).map { $0 == count / 2 ? .nan : Double($0) })
        let y = Memory(PLUSH_FLOAT32, (0..<count).map { $0 == 0 ? .nan : 2 })
        let z = Memory(PLUSH_FLOAT32, count: 4)
        var program = ElementwiseProgram(dims: [1, count])
        program.reducesRows = true
        let a = program.emit(
          PLUSH_LOAD, PLUSH_F32, program.view(x, Layout(contiguous: [1, count])))
        let b = program.emit(
          PLUSH_LOAD, PLUSH_F32, program.view(y, Layout(contiguous: [1, count])))
        for (i, opcode) in [PLUSH_MAXIMUM, PLUSH_MINIMUM].enumerated() {
          for (j, operands) in [(a, b), (b, a)].enumerated() {
            let best = program.emit(opcode, PLUSH_F32, operands.0, operands.1)
            let reduction = i == 0 ? PLUSH_ROW_MIN : PLUSH_ROW_MAX
            let row = program.emit(reduction, PLUSH_F32, best, perRow: true)
            let view = program.view(z, Layout(offset: 2 * i + j, strides: [1, 0]))
            program.emit(PLUSH_STORE, PLUSH_F32, row, view, perRow: true)
          }
        }
        program.run()
        #expect(z.values.allSatisfy { $0.isNaN })
      }
    }
  }
}
