import PlushEngine
import Testing

/// Rows of an embedding, multiplied by a matrix.
private struct Lookups {
  var program = Program()
  /// Token, table, matrix and bias.
  var inputs: [Program.Value] = []
  var product: Program.Value

  init(
    rows: Int = 7, columns: Int = 5, depth: Int = 3, indices: [Int] = [2, 4],
    dtype: DType = .float64, computed: DType = .float64, transposed: Bool = false
  ) throws {
    let types = [
      TensorType(indices, .int32), TensorType([rows, depth], dtype),
      TensorType(transposed ? [columns, depth] : [depth, columns], dtype),
      TensorType([columns], computed),
    ]
    for type in types { inputs.append(program.appendParameter(type)) }
    var rows = try program.append(.gather(axis: 0), [inputs[1], inputs[0]])
    rows = try program.append(.cast(computed), [rows])
    rows = try program.append(.transpose([1, 0, 2]), [rows])
    rows = try program.append(.reshape([indices.elementCount, depth]), [rows])
    let matrix = try program.append(.cast(computed), [inputs[2]])
    product = try program.append(
      .matmul(transposeA: false, transposeB: transposed), [rows, matrix])
    let wide = try program.append(.broadcast([indices.elementCount, columns]), [inputs[3]])
    let sum = try program.append(.binary(.add), [wide, product])
    program.outputs = [
      try program.append(.reshape([indices[1], indices[0], columns]), [sum])
    ]
  }

  func values() -> [ReferenceArray] {
    var random = TestRandom(3)
    return program.parameters.map { type in
      if type.dtype == .int32 {
        return integers((0..<type.count).map { Int64($0 * 5 % 7) }, type.shape)
      }
      return reals((0..<type.count).map { _ in Double(random.real()) }, type.shape, type.dtype)
    }
  }

  /// What the two programs make, one after the other.
  func inTwo() throws -> [ReferenceArray]? {
    guard let (tables, rest) = program.tabulated(steady: [1, 2, 3]) else { return nil }
    return try run(rest, values() + run(tables, values()))
  }
}

struct TabulateTests {
  @Test(arguments: [[2, 4], [1, 1], [3, 1], [1, 6]], [false, true])
  func twoProgramsMakeWhatOneMakes(indices: [Int], transposed: Bool) throws {
    for computed in [DType.float64, .float32] {
      let lookups = try Lookups(indices: indices, computed: computed, transposed: transposed)
      let found = try #require(try lookups.inTwo()),
        whole = try run(lookups.program, lookups.values())
      #expect(found.map(\.type) == whole.map(\.type))
      for (found, whole) in zip(found, whole) {
        #expect(isClose(found.reals, whole.reals, within: 1e-5))
      }
    }
  }

  /// The second program takes rows and moves them: nothing is multiplied or added.
  @Test func oneTableHoldsProductAndBias() throws {
    let (tables, rest) = try #require(try Lookups().program.tabulated(steady: [1, 2, 3]))
    #expect(tables.outputs.map { tables.type(of: $0).shape } == [[7, 5]])
    #expect(rest.parameters.count == 5)
    let names = rest.instructions.map(\.op.name)
    #expect(!names.contains("matmul") && !names.contains("add") && names.contains("gather"))
  }

  @Test func whatOthersReadIsMade() throws {
    var lookups = try Lookups()
    lookups.program.outputs.append(lookups.product)
    let found = try #require(try lookups.inTwo()),
      whole = try run(lookups.program, lookups.values())
    for (found, whole) in zip(found, whole) { #expect(isClose(found.reals, whole.reals)) }
  }

  @Test func onlyWhatStaysIsTabulated() throws {
    var lookups = try Lookups()
    for changing in 1...2 {
      #expect(lookups.program.tabulated(steady: Set(1...3).subtracting([changing])) == nil)
    }
    // A bias that changes is added to the rows.
    let rest = try #require(lookups.program.tabulated(steady: [1, 2])).rest
    #expect(rest.instructions.contains { $0.op == .binary(.add) })
    lookups.program.updates = [.init(parameter: 2, value: lookups.inputs[2])]
    #expect(lookups.program.tabulated(steady: [1, 2, 3]) == nil)
  }

  /// Rows that are the same in every run are few: those of all positions are not multiplied for them.
  @Test func rowsThatStayAreNoLookups() throws {
    var program = Program()
    let tokens = program.appendParameter(TensorType([2], .int32))
    let table = program.appendParameter(TensorType([9, 3]))
    let matrix = program.appendParameter(TensorType([3, 4]))
    let positions = try program.append(.iota(axis: 0, TensorType([2], .int32)))
    for indices in [positions, tokens] {
      let rows = try program.append(.gather(axis: 0), [table, indices])
      program.outputs.append(
        try program.append(.matmul(transposeA: false, transposeB: false), [rows, matrix]))
    }
    let rest = try #require(program.tabulated(steady: [1, 2])).rest
    let products = rest.instructions.filter {
      $0.op == .matmul(transposeA: false, transposeB: false)
    }
    #expect(products.map { $0.types[0].shape } == [[2, 4]])
  }

  @Test func largeTablesStayRows() throws {
    #expect(try Lookups(rows: 1024, columns: 1024).program.tabulated(steady: [1, 2, 3]) != nil)
    #expect(try Lookups(rows: 1025, columns: 1024).program.tabulated(steady: [1, 2, 3]) == nil)
  }

  /// Sums over the columns of a row, or rows that meet one another, are no product with a matrix.
  @Test func otherWorkStaysAsItIs() throws {
    var program = Program()
    let tokens = program.appendParameter(TensorType([4], .int32))
    let table = program.appendParameter(TensorType([9, 6]))
    let matrix = program.appendParameter(TensorType([3, 2]))
    let rows = try program.append(.gather(axis: 0), [table, tokens])
    let split = try program.append(.reshape([8, 3]), [rows])
    program.outputs = [
      try program.append(.matmul(transposeA: false, transposeB: false), [split, matrix]),
      try program.append(.matmul(transposeA: false, transposeB: true), [rows, rows]),
      try program.append(.matmul(transposeA: true, transposeB: false), [rows, rows]),
    ]
    #expect(program.tabulated(steady: [1, 2]) == nil)
  }
}
