import PlushKernels
import Testing

private let shapes = [
  [1, 1, 1], [1, 7, 1], [3, 1, 1], [5, 100, 1], [2, 3, 4], [1, 1000, 10], [3, 70, 33],
  [1, 70_000, 1], [2, 40_000, 1], [1, 300, 1500], [4, 2000, 7], [1, 20_000, 17], [900, 10, 1],
  [1, 5, 20_000],
]

/// Small integers, so that sums are exact; products stay small because most factors are 1.
private func values(_ count: Int, _ type: PlushType, factors: Bool = false) -> [Double] {
  var random = Generator(count)
  return (0..<count).map { _ in
    if factors { return Int.random(in: 0..<200, using: &random) == 0 ? 2 : 1 }
    let isUnsigned = type == PLUSH_UINT8 || type == PLUSH_BOOL
    let limit = type == PLUSH_BOOL ? 1 : 3
    return Double(Int.random(in: (isUnsigned ? 0 : -limit)...limit, using: &random))
  }
}

/// The axis as lines of positions.
private func lines(_ shape: [Int]) -> [[Int]] {
  (0..<shape[0] * shape[2]).map { line in
    (0..<shape[1]).map { (line / shape[2] * shape[1] + $0) * shape[2] + line % shape[2] }
  }
}

private func combine(_ reduction: PlushReduction, _ type: PlushType, _ a: Double, _ b: Double)
  -> Double
{
  if a.isNaN || b.isNaN { return .nan }
  switch reduction {
  case PLUSH_SUM:
    return type == PLUSH_BOOL ? max(a, b) : a + b
  case PLUSH_PRODUCT: return a * b
  case PLUSH_MAX: return max(a, b)
  default: return min(a, b)
  }
}

private func wrapped(_ value: Double, _ type: PlushType) -> Double {
  switch type {
  case PLUSH_INT32: Double(Int32(truncatingIfNeeded: Int64(value)))
  case PLUSH_UINT8: Double(UInt8(truncatingIfNeeded: Int64(value)))
  default: Memory.rounded(value, to: type)
  }
}

private let reductions = [PLUSH_SUM, PLUSH_PRODUCT, PLUSH_MAX, PLUSH_MIN]

@Suite struct ReduceTests {
  @Test(arguments: shapes) func reductionsAreRight(shape: [Int]) {
    let axis = lines(shape)
    forEachISA { isa in
      for type in allTypes {
        for reduction in reductions {
          let isWide = type == PLUSH_FLOAT64 || type == PLUSH_INT64
          if reduction == PLUSH_PRODUCT && !isWide && shape[1] > 1000 { continue }
          let x = Memory(
            type, values(shape.reduce(1, *), type, factors: reduction == PLUSH_PRODUCT))
          if type == PLUSH_BOOL { x[0] = 0 }
          let y = Memory(type, count: axis.count)
          plush_reduce(reduction, type, x.base, y.base, shape[0], shape[1], shape[2])
          let input = x.values
          for (i, line) in axis.enumerated() {
            let first = input[line[0]]
            let exact = line.dropFirst().reduce(first) {
              combine(reduction, type, $0, input[$1])
            }
            if exact > 1e15 { continue }
            if y[i] != wrapped(exact, type) {
              Issue.record("\(isa) \(type) \(reduction) \(shape): \(y[i]), not \(exact)")
              return
            }
          }
          #expect(y.isIntact)
        }
      }
    }
  }

  @Test func emptyAxesGiveTheIdentity() {
    let identities: [(PlushType, [Double])] = [
      (PLUSH_FLOAT32, [0, 1, -.infinity, .infinity]),
      (PLUSH_FLOAT16, [0, 1, -.infinity, .infinity]),
      (PLUSH_INT32, [0, 1, -0x1p31, 0x1p31 - 1]),
      (PLUSH_UINT8, [0, 1, 0, 255]), (PLUSH_BOOL, [0, 1, 0, 1]),
    ]
    for (type, expected) in identities {
      let x = Memory(type, [])
      for (i, reduction) in reductions.enumerated() {
        let y = Memory(type, count: 3)
        plush_reduce(reduction, type, x.base, y.base, 3, 0, 1)
        #expect(y.values == [Double](repeating: expected[i], count: 3))
      }
    }
  }

  @Test func sumsAreAccurateAndTheSameOnAnyThreads() {
    for shape in [[1, 1_000_003, 1], [1, 9001, 100], [300, 3001, 1], [3, 100, 1031]] {
      let count = shape.reduce(1, *)
      var random = Generator(3)
      let input = (0..<count).map { _ in Double(Float.random(in: 0...1, using: &random)) }
      let x = Memory(PLUSH_FLOAT32, input)
      let axis = lines(shape)
      forEachISA { isa in
        let results = onThreads([1, 2, 3, 8]) {
          let y = Memory(PLUSH_FLOAT32, count: axis.count)
          plush_reduce(PLUSH_SUM, PLUSH_FLOAT32, x.base, y.base, shape[0], shape[1], shape[2])
          return y.values
        }
        #expect(results.allSatisfy { $0 == results[0] }, "\(isa)")
        for (i, line) in axis.enumerated() {
          let exact = line.reduce(0) { $0 + input[$1] }
          #expect(abs(results[0][i] - exact) <= 1e-6 * exact, "\(isa) \(shape)")
        }
      }
    }
  }

  @Test func notANumberWins() {
    forEachISA { _ in
      for shape in [[2, 40, 1], [1, 40, 3], [1, 40_000, 1], [1, 3000, 40]] {
        for type in [PLUSH_FLOAT32, PLUSH_FLOAT64, PLUSH_BFLOAT16] {
          let x = Memory(type, count: shape.reduce(1, *))
          let axis = lines(shape)
          for line in axis { x[line[line.count / 2]] = .nan }
          for line in axis { x[line[line.count / 2 + 3]] = .nan }
          for reduction in reductions {
            let y = Memory(type, count: axis.count)
            plush_reduce(reduction, type, x.base, y.base, shape[0], shape[1], shape[2])
            #expect(y.values.allSatisfy { $0.isNaN })
          }
          for smallest in [false, true] {
            let y = Memory(PLUSH_INT32, count: axis.count)
            let index = y.base.assumingMemoryBound(to: Int32.self)
            plush_arg_reduce(smallest, type, x.base, index, shape[0], shape[1], shape[2])
            #expect(y.values.allSatisfy { $0 == Double(shape[1] / 2) })
          }
        }
      }
    }
  }

  @Test(arguments: shapes) func extremesAreFoundFirst(shape: [Int]) {
    let axis = lines(shape)
    forEachISA { isa in
      for type in allTypes {
        let x = Memory(type, values(shape.reduce(1, *), type))
        let input = x.values
        for smallest in [false, true] {
          let y = Memory(PLUSH_INT32, count: axis.count)
          let index = y.base.assumingMemoryBound(to: Int32.self)
          plush_arg_reduce(smallest, type, x.base, index, shape[0], shape[1], shape[2])
          for (i, line) in axis.enumerated() {
            var best = 0
            for (k, position) in line.enumerated() {
              let value = input[position]
              let old = input[line[best]]
              if smallest ? value < old : value > old { best = k }
            }
            if Int(y[i]) != best {
              Issue.record("\(isa) \(type) \(shape) \(smallest): \(y[i]), not \(best)")
              return
            }
          }
        }
      }
    }
  }

  @Test(arguments: shapes.filter { $0.reduce(1, *) < 50_000 }) func scansRun(shape: [Int]) {
    let axis = lines(shape)
    forEachISA { isa in
      for type in allTypes {
        for reduction in reductions {
          let isProduct = reduction == PLUSH_PRODUCT
          let input = values(shape.reduce(1, *), type, factors: isProduct)
          if type == PLUSH_FLOAT16 || type == PLUSH_BFLOAT16 || isProduct && shape[1] > 1000 {
            continue
          }
          let x = Memory(type, input)
          for mode in 0..<4 {
            let exclusive = mode & 1 == 1
            let reverse = mode & 2 == 2
            let y = Memory(type, count: input.count)
            plush_scan(
              reduction, type, x.base, y.base, shape[0], shape[1], shape[2], exclusive, reverse)
            for line in axis {
              var total: Double?
              for position in reverse ? line.reversed() : line {
                let before = total
                total = total.map { combine(reduction, type, $0, x[position]) } ?? x[position]
                let expected = exclusive ? before : total
                guard let expected, abs(expected) < 1e9 else { continue }
                if y[position] != wrapped(expected, type) {
                  Issue.record("\(isa) \(type) \(reduction) \(shape) \(mode)")
                  return
                }
              }
            }
            #expect(y.isIntact)
          }
        }
      }
    }
  }

  @Test(arguments: [
    [1, 5, 1], [3, 63, 1], [2, 64, 3], [1, 5000, 1], [1, 300, 20], [1, 1, 4],
  ])
  func sortingIsStable(shape: [Int]) {
    let axis = lines(shape)
    for type in allTypes {
      let x = Memory(type, values(shape.reduce(1, *), type))
      let isFloating = plush_class_of(type).rawValue < 2
      if isFloating && x.count > 20 {
        x[4] = .nan
        x[7] = -.infinity
        x[9] = .infinity
        x[11] = -0.0
        x[12] = 0
      }
      let input = x.values
      for descending in [false, true] {
        let y = Memory(PLUSH_INT32, count: input.count)
        let index = y.base.assumingMemoryBound(to: Int32.self)
        plush_argsort(type, x.base, index, shape[0], shape[1], shape[2], descending)
        for line in axis {
          let expected = line.indices.sorted { a, b in
            let (p, q) = (input[line[a]], input[line[b]])
            if p.isNaN || q.isNaN { return p.isNaN == q.isNaN ? a < b : q.isNaN }
            return p == q ? a < b : descending ? p > q : p < q
          }
          #expect(line.map { Int(y[$0]) } == expected, "\(type) \(shape) \(descending)")
        }
      }
    }
  }
}
