import PlushKernels
import Testing

/// [outer, length, inner, count]
private let shapes = [
  [1, 10, 1, 5], [1, 100, 16, 40], [3, 7, 5, 11], [2, 1000, 1, 3000], [1, 5000, 64, 700],
  [1, 3, 3, 0],
]

private func indices(_ count: Int, below length: Int) -> [Int32] {
  var random = Generator(count)
  return (0..<count).map { _ in Int32.random(in: 0..<Int32(length), using: &random) }
}

private func values(_ count: Int, _ type: PlushType) -> [Double] {
  (0..<count).map { Double(($0 * 31) % (type == PLUSH_BOOL ? 2 : 4)) }
}

private func added(_ a: Double, _ b: Double, _ type: PlushType) -> Double {
  switch type {
  case PLUSH_BOOL: max(a, b)
  case PLUSH_UINT8: Double(UInt8(truncatingIfNeeded: Int(a + b)))
  default: a + b
  }
}

@Suite struct IndexingTests {
  @Test(arguments: shapes) func rowsAreGatheredAndScattered(shape: [Int]) {
    let (outer, length, inner, count) = (shape[0], shape[1], shape[2], shape[3])
    let chosen = indices(count, below: length)
    for type in allTypes {
      let x = Memory(type, values(outer * length * inner, type))
      let y = Memory(type, count: outer * count * inner)
      let result = plush_gather(type, x.base, chosen, y.base, outer, length, inner, count)
      #expect(result == -1 && y.isIntact)
      let isRight = (0..<y.count).allSatisfy { p in
        let (o, i, j) = (p / inner / count, p / inner % count, p % inner)
        return y[p] == x[(o * length + Int(chosen[i])) * inner + j]
      }
      #expect(isRight, "\(type) \(shape)")

      let sums = Memory(type, [Double](repeating: 1, count: x.count))
      #expect(
        plush_scatter_add(type, y.base, chosen, sums.base, outer, length, inner, count) == -1)
      var expected = [Double](repeating: 0, count: x.count)
      for p in 0..<y.count {
        let (o, i, j) = (p / inner / count, p / inner % count, p % inner)
        let to = (o * length + Int(chosen[i])) * inner + j
        expected[to] = added(expected[to], y[p], type)
      }
      #expect(sums.values == expected && sums.isIntact, "\(type) \(shape)")
    }
  }

  @Test(arguments: shapes) func elementsAreGatheredAndScattered(shape: [Int]) {
    let (outer, length, inner, count) = (shape[0], shape[1], shape[2], shape[3])
    let chosen = indices(outer * count * inner, below: length)
    for type in allTypes {
      let x = Memory(type, values(outer * length * inner, type))
      let y = Memory(type, count: outer * count * inner)
      #expect(
        plush_gather_elements(type, x.base, chosen, y.base, outer, length, inner, count) == -1)
      func target(_ p: Int) -> Int {
        (p / inner / max(count, 1) * length + Int(chosen[p])) * inner + p % inner
      }
      #expect((0..<y.count).allSatisfy { y[$0] == x[target($0)] } && y.isIntact)

      let sums = Memory(type, [Double](repeating: 1, count: x.count))
      let result = plush_scatter_add_elements(
        type, y.base, chosen, sums.base, outer, length, inner, count)
      var expected = [Double](repeating: 0, count: x.count)
      for p in 0..<y.count { expected[target(p)] = added(expected[target(p)], y[p], type) }
      #expect(result == -1 && sums.values == expected && sums.isIntact, "\(type) \(shape)")
    }
  }

  @Test func indicesOutsideAreReported() {
    let x = Memory(PLUSH_FLOAT32, values(40, PLUSH_FLOAT32))
    let y = Memory(PLUSH_FLOAT32, count: 4000)
    for bad: Int32 in [-1, 10, .min, .max] {
      var chosen = [Int32](repeating: 3, count: 2000)
      chosen[1500] = bad
      chosen[1700] = bad
      #expect(plush_gather(PLUSH_FLOAT32, x.base, chosen, y.base, 1, 10, 1, 2000) == 1500)
      #expect(plush_scatter_add(PLUSH_FLOAT32, y.base, chosen, x.base, 1, 10, 1, 2000) == 1500)
      #expect(
        plush_gather_elements(PLUSH_FLOAT32, x.base, chosen, y.base, 1, 10, 2, 1000) == 1500)
      #expect(
        plush_scatter_add_elements(PLUSH_FLOAT32, y.base, chosen, x.base, 1, 10, 2, 1000)
          == 1500)
    }
  }

  @Test func sumsDoNotDependOnThreads() {
    let (length, inner, count) = (4000, 70, 9000)
    let chosen = indices(count, below: length)
    var random = Generator(5)
    let input = (0..<count * inner).map { _ in Double.random(in: -1...1, using: &random) }
    let x = Memory(PLUSH_FLOAT32, input)
    let results = onThreads([1, 2, 3, 8]) {
      let y = Memory(PLUSH_FLOAT32, count: length * inner)
      _ = plush_scatter_add(PLUSH_FLOAT32, x.base, chosen, y.base, 1, length, inner, count)
      return y.values
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }
}
