import PlushEngine
import Testing

/// Reductions, movement, products and indexing.
@Suite struct ReferenceArrayTests {
  private let matrix = reals([1, 2, 3, 4, 5, 6], [2, 3])

  @Test func reduces() throws {
    #expect(try evaluate(.reduce(.sum, axes: [0]), matrix).reals == [5, 7, 9])
    #expect(try evaluate(.reduce(.sum, axes: [1]), matrix).reals == [6, 15])
    #expect(try evaluate(.reduce(.product, axes: [0, 1]), matrix).reals == [720])
    #expect(try evaluate(.reduce(.max, axes: [1]), matrix).reals == [3, 6])
    #expect(try evaluate(.reduce(.min, axes: [0]), matrix).reals == [1, 2, 3])
    #expect(try evaluate(.reduce(.sum, axes: []), matrix).reals == matrix.reals)
    let cube = reals((0..<8).map { Double($0) }, [2, 2, 2])
    #expect(try evaluate(.reduce(.sum, axes: [0, 2]), cube).reals == [10, 18])
  }

  @Test func reducesNothing() throws {
    let empty = reals([], [2, 0])
    let expected: [(Reduction, Double)] = [
      (.sum, 0), (.product, 1), (.max, -.infinity), (.min, .infinity),
    ]
    for (reduction, value) in expected {
      #expect(try evaluate(.reduce(reduction, axes: [1]), empty).reals == [value, value])
    }
    let bytes = integers([], [0], .uint8)
    #expect(try evaluate(.reduce(.max, axes: [0]), bytes).integers == [0])
    #expect(try evaluate(.reduce(.min, axes: [0]), bytes).integers == [255])
    let none = integers([], [0], .int32)
    #expect(try evaluate(.reduce(.max, axes: [0]), none).integers == [Int64(Int32.min)])
  }

  @Test func reducesInItsOwnType() throws {
    let truths = integers([1, 1, 0, 1, 1, 1, 0, 0, 0], [3, 3], .bool)
    #expect(try evaluate(.reduce(.sum, axes: [1]), truths).integers == [1, 1, 0])
    #expect(try evaluate(.reduce(.product, axes: [1]), truths).integers == [0, 1, 0])
    let bytes = integers([200, 100], nil, .uint8)
    #expect(try evaluate(.reduce(.sum, axes: [0]), bytes).integers == [44])
    let numbers = reals([1, .nan, 3])
    #expect(try evaluate(.reduce(.max, axes: [0]), numbers).reals[0].isNaN)
    #expect(try evaluate(.reduce(.min, axes: [0]), numbers).reals[0].isNaN)
  }

  @Test func argReduces() throws {
    let x = reals([3, 1, 3, 1, 2, 2], [2, 3])
    #expect(try evaluate(.argReduce(.max, axis: 1), x).integers == [0, 1])
    #expect(try evaluate(.argReduce(.min, axis: 1), x).integers == [1, 0])
    #expect(try evaluate(.argReduce(.max, axis: 0), x).integers == [0, 1, 0])
    let numbers = reals([1, .nan, 9, .nan])
    #expect(try evaluate(.argReduce(.max, axis: 0), numbers).integers == [1])
    #expect(try evaluate(.argReduce(.min, axis: 0), numbers).integers == [1])
  }

  @Test func scans() throws {
    func scan(_ reduction: Reduction, _ axis: Int, _ exclusive: Bool, _ reverse: Bool) throws
      -> [Double]
    {
      let op = Op.scan(reduction, axis: axis, exclusive: exclusive, reverse: reverse)
      return try evaluate(op, matrix).reals
    }
    #expect(try scan(.sum, 1, false, false) == [1, 3, 6, 4, 9, 15])
    #expect(try scan(.sum, 1, true, false) == [0, 1, 3, 0, 4, 9])
    #expect(try scan(.sum, 1, false, true) == [6, 5, 3, 15, 11, 6])
    #expect(try scan(.sum, 1, true, true) == [5, 3, 0, 11, 6, 0])
    #expect(try scan(.product, 0, false, false) == [1, 2, 3, 4, 10, 18])
    #expect(try scan(.max, 1, true, false) == [-.infinity, 1, 2, -.infinity, 4, 5])
    #expect(try scan(.min, 1, false, true) == [1, 2, 3, 4, 5, 6])
  }

  @Test func argsorts() throws {
    let x = reals([2, .nan, 1, 2, -.infinity])
    #expect(try evaluate(.argsort(axis: 0, descending: false), x).integers == [4, 2, 0, 3, 1])
    #expect(try evaluate(.argsort(axis: 0, descending: true), x).integers == [0, 3, 2, 4, 1])
    let columns = integers([3, 1, 2, 2], [2, 2])
    #expect(try evaluate(.argsort(axis: 0, descending: false), columns).integers == [1, 0, 0, 1])
  }

  @Test func moves() throws {
    #expect(try evaluate(.reshape([3, 2]), matrix).reals == matrix.reals)
    #expect(try evaluate(.transpose([1, 0]), matrix).reals == [1, 4, 2, 5, 3, 6])
    let cube = reals((0..<6).map { Double($0) }, [1, 2, 3])
    #expect(try evaluate(.transpose([2, 0, 1]), cube).reals == [0, 3, 1, 4, 2, 5])
    #expect(try evaluate(.broadcast([2, 2]), reals([7, 8])).reals == [7, 8, 7, 8])
    #expect(try evaluate(.broadcast([2, 2]), reals([7, 8], [2, 1])).reals == [7, 7, 8, 8])
    #expect(try evaluate(.broadcast([3]), reals([5], [])).reals == [5, 5, 5])
    let slice = Op.slice(starts: [1, 0], sizes: [1, 2], strides: [1, 2])
    #expect(try evaluate(slice, matrix).reals == [4, 6])
    #expect(try evaluate(.reverse(axes: [1]), matrix).reals == [3, 2, 1, 6, 5, 4])
    #expect(try evaluate(.reverse(axes: [0, 1]), matrix).reals == [6, 5, 4, 3, 2, 1])
  }

  @Test func padsAndConcatenates() throws {
    let pad = Op.pad(low: [0, 1], high: [1, 0])
    let padded = try evaluate(pad, reals([1, 2, 3, 4], [2, 2]), reals([9], []))
    #expect(padded.reals == [9, 1, 2, 9, 3, 4, 9, 9, 9])
    let column = reals([7, 8], [2, 1])
    let wide = try evaluate(.concatenate(axis: 1), column, matrix, column)
    #expect(wide.reals == [7, 1, 2, 3, 7, 8, 4, 5, 6, 8])
    let row = reals([0, 0, 0], [1, 3])
    #expect(try evaluate(.concatenate(axis: 0), matrix, row).reals == [1, 2, 3, 4, 5, 6, 0, 0, 0])
    let nothing = reals([], [0, 3])
    #expect(try evaluate(.concatenate(axis: 0), nothing, row).reals == [0, 0, 0])
  }

  @Test func multipliesMatrices() throws {
    let a = reals([1, 2, 3, 4, 5, 6], [2, 3])
    let aT = reals([1, 4, 2, 5, 3, 6], [3, 2])
    let b = reals([1, 0, 2, 1, 0, 3], [3, 2])
    let bT = reals([1, 2, 0, 0, 1, 3], [2, 3])
    for (left, transposeA) in [(a, false), (aT, true)] {
      for (right, transposeB) in [(b, false), (bT, true)] {
        let op = Op.matmul(transposeA: transposeA, transposeB: transposeB)
        #expect(try evaluate(op, left, right).reals == [5, 11, 14, 23])
      }
    }
    let op = Op.matmul(transposeA: false, transposeB: false)
    let batch = try evaluate(op, reals([1, 2, 3, 4], [2, 1, 2]), reals([5, 6, 7, 8], [2, 2, 1]))
    #expect(batch.reals == [17, 53])
    let bytes = try evaluate(op, integers([16], [1, 1], .uint8), integers([17], [1, 1], .uint8))
    #expect(bytes.integers == [16])
    let truths = try evaluate(
      op, integers([1, 1, 0, 0], [2, 2], .bool), integers([1, 1], [2, 1], .bool))
    #expect(truths.integers == [1, 0])
  }

  @Test func gathers() throws {
    #expect(
      try evaluate(.gather(axis: 1), matrix, integers([2, 0, 2, 1], [2, 2])).reals
        == [3, 1, 3, 2, 6, 4, 6, 5])
    #expect(try evaluate(.gather(axis: 0), matrix, integers([1], [])).reals == [4, 5, 6])
    #expect(
      try evaluate(.gatherElements(axis: 1), matrix, integers([2, 0, 1, 1], [2, 2])).reals
        == [3, 1, 5, 5])
    #expect(
      try evaluate(.gatherElements(axis: 0), matrix, integers([1, 0, 1], [1, 3])).reals
        == [4, 2, 6])
  }

  @Test func scatters() throws {
    let rows = Op.scatterAdd(axis: 0, length: 3, indexRank: 1)
    #expect(
      try evaluate(rows, reals([1, 2, 3, 4, 5, 6], [3, 2]), integers([2, 0, 2])).reals
        == [3, 4, 0, 0, 6, 8])
    let columns = Op.scatterAdd(axis: 1, length: 2, indexRank: 2)
    #expect(
      try evaluate(columns, reals([1, 2, 3, 4], [1, 2, 2]), integers([0, 1, 1, 1], [2, 2])).reals
        == [1, 9])
    let elements = Op.scatterAddElements(axis: 1, length: 4)
    #expect(
      try evaluate(elements, matrix, integers([3, 3, 0, 1, 2, 1], [2, 3])).reals
        == [3, 0, 0, 3, 0, 10, 5, 0])
  }

  @Test func refusesIndicesOutside() throws {
    let indices = integers([0, 1, 2, 3], [2, 2])
    let error = #expect(throws: ExecutionError.self) {
      try evaluate(.gather(axis: 1), matrix, indices)
    }
    #expect(
      error?.message
        == "gather along axis 1 expects indices in 0..<3; got 3 at [1, 1] of the indices."
    )
    #expect(throws: ExecutionError.self) {
      try evaluate(.gatherElements(axis: 0), matrix, integers([0, -1, 0], [1, 3]))
    }
    #expect(throws: ExecutionError.self) {
      try evaluate(.scatterAdd(axis: 0, length: 2, indexRank: 1), matrix, integers([0, 2]))
    }
    #expect(throws: ExecutionError.self) {
      try evaluate(
        .scatterAddElements(axis: 0, length: 1), reals([1], [1, 1]), integers([1], [1, 1]))
    }
  }
}
