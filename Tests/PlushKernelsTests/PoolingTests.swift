import PlushKernels
import Testing

/// Pooling with its arrays, and what naive loops make of them.
private struct Example {
  var pooling: PlushPooling
  let x: [Double]
  let dy: [Double]

  /// Whole numbers, so that maxima are often not single.
  init(_ pooling: PlushPooling) {
    self.pooling = pooling
    let p = pooling
    let pixels = p.batch * p.depth.input * p.height.input * p.width.input
    let outputs = p.batch * p.depth.output * p.height.output * p.width.output
    x = (0..<pixels * p.channels).map { _ in Double(Int.random(in: -3...3)) }
    dy = (0..<outputs * p.channels).map { _ in Double(Int.random(in: -8...8)) }
  }

  /// Maxima and their gradient, averages and theirs.
  func expected() -> [[Double]] {
    let p = pooling
    var (maxima, averages) = (dy, dy)
    var maximaGradient = [Double](repeating: 0, count: x.count)
    var averagesGradient = maximaGradient
    let windows = seenPixels(batch: p.batch, p.depth, p.height, p.width)
    for (output, window) in windows.enumerated() {
      for c in 0..<p.channels {
        let places = window.compactMap { $0.map { $0 * p.channels + c } }
        let at = output * p.channels + c
        maxima[at] = places.map { x[$0] }.max() ?? -.infinity
        averages[at] = places.isEmpty ? 0 : places.reduce(0) { $0 + x[$1] } / Double(places.count)
        for place in places { averagesGradient[place] += dy[at] / Double(places.count) }
        if let first = places.first(where: { x[$0] == maxima[at] }) {
          maximaGradient[first] += dy[at]
        }
      }
    }
    return [maxima, maximaGradient, averages, averagesGradient]
  }

  func computed<T: BinaryFloatingPoint & BitwiseCopyable>(_ type: PlushType, _: T.Type) -> [[T]] {
    let (x, dy) = (x.map { T($0) }, dy.map { T($0) })
    let (unset, unsetGradient) = (dy.map { _ in T.nan }, x.map { _ in T.nan })
    var (maxima, averages) = (unset, unset)
    var (maximaGradient, averagesGradient) = (unsetGradient, unsetGradient)
    withUnsafePointer(to: pooling) { p in
      plush_max_pool(type, p, x, &maxima)
      plush_max_pool_gradient(type, p, x, dy, &maximaGradient)
      plush_average_pool(type, p, x, &averages)
      plush_average_pool_gradient(type, p, dy, &averagesGradient)
    }
    return [maxima, maximaGradient, averages, averagesGradient]
  }
}

private func randomPooling(rank: Int) -> PlushPooling {
  let most = [1: 40, 2: 17, 3: 7][rank]!
  func axis(_ i: Int) -> PlushAxis {
    let isTypical = Bool.random()
    return i <= 3 - rank
      ? plush_no_axis
      : randomAxis(
        upTo: most, window: isTypical ? 2 : .random(in: 1...4),
        stride: isTypical ? 2 : .random(in: 1...3), dilation: isTypical ? 1 : .random(in: 1...2))
  }
  return PlushPooling(
    batch: .random(in: 1...3), channels: [1, 3, 8, 16, 33, 64].randomElement()!, depth: axis(1),
    height: axis(2), width: axis(3), epilogue: nil, context: nil)
}

@Suite(.serialized) struct PoolingTests {
  @Test(arguments: 1...3) func randomShapes(rank: Int) {
    for _ in 0..<40 {
      let example = Example(randomPooling(rank: rank))
      let expected = example.expected()
      forEachISA { isa in
        let floats = example.computed(PLUSH_FLOAT32, Float.self)
        let doubles = example.computed(PLUSH_FLOAT64, Double.self)
        for (i, expected) in expected.enumerated() {
          #expect(
            zip(floats[i], expected).allSatisfy { Double($0) == $1 || abs(Double($0) - $1) < 1e-5 },
            "\(isa) \(i) \(example.pooling)")
          #expect(
            zip(doubles[i], expected).allSatisfy { $0 == $1 || abs($0 - $1) < 1e-13 },
            "\(isa) \(i) \(example.pooling)")
        }
        #expect(isSameOnAnyThreads { example.computed(PLUSH_FLOAT32, Float.self) })
      }
    }
  }

  @Test func notANumberWins() {
    let pooling = PlushPooling(
      batch: 1, channels: 1, depth: plush_no_axis, height: plush_no_axis,
      width: PlushAxis(input: 4, output: 2, window: 2, stride: 2, dilation: 1, padding: 0),
      epilogue: nil, context: nil)
    let x: [Float] = [.nan, 1, 2, .nan]
    forEachISA { _ in
      var y: [Float] = [0, 0]
      var dx: [Float] = [9, 9, 9, 9]
      withUnsafePointer(to: pooling) { p in
        plush_max_pool(PLUSH_FLOAT32, p, x, &y)
        plush_max_pool_gradient(PLUSH_FLOAT32, p, x, [1, 2] as [Float], &dx)
      }
      #expect(y.allSatisfy { $0.isNaN })
      #expect(dx == [1, 0, 0, 2])
    }
  }

  @Test func epilogueCoversEveryElementOnce() {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    plush_set_thread_count(1)
    for rank in [1, 2, 2, 2, 3] {
      let example = Example(randomPooling(rank: rank))
      var pooling = example.pooling
      pooling.epilogue = WindowCoverage.epilogue
      var (y, dx) = (example.dy, example.x)
      func covered(_ count: Int, _ run: (UnsafePointer<PlushPooling>) -> Void) -> Bool {
        let coverage = WindowCoverage(
          pixels: count / pooling.channels, columns: pooling.channels)
        pooling.context = Unmanaged.passUnretained(coverage).toOpaque()
        run(&pooling)
        return coverage.counts.allSatisfy { $0 == 1 }
      }
      #expect(covered(y.count) { plush_max_pool(PLUSH_FLOAT64, $0, example.x, &y) })
      #expect(covered(y.count) { plush_average_pool(PLUSH_FLOAT64, $0, example.x, &y) })
      #expect(
        covered(dx.count) {
          plush_max_pool_gradient(PLUSH_FLOAT64, $0, example.x, example.dy, &dx)
        })
      #expect(covered(dx.count) { plush_average_pool_gradient(PLUSH_FLOAT64, $0, example.dy, &dx) })
    }
  }
}
