import PlushKernels
import Testing

/// A convolution with its arrays, and what naive loops in double precision make of them.
private struct Example {
  var convolution: PlushConvolution
  var x: [Double]
  let filter: [Double]
  let dy: [Double]

  init(_ convolution: PlushConvolution) {
    self.convolution = convolution
    let c = convolution
    // Numbers that float32 holds exactly, or its input errors would count.
    func randoms(_ count: Int) -> [Double] {
      (0..<count).map { _ in Double(Float.random(in: -1...1)) }
    }
    x = randoms(c.batch * c.depth.input * c.height.input * c.width.input * c.channels)
    filter = randoms(
      c.depth.window * c.height.window * c.width.window * c.channels / c.groups * c.filters)
    dy = randoms(c.batch * c.depth.output * c.height.output * c.width.output * c.filters)
  }

  /// y, dx and dfilter.
  func expected() -> [[Double]] {
    let c = convolution
    let (channels, filters) = (c.channels / c.groups, c.filters / c.groups)
    var y = [Double](repeating: 0, count: dy.count)
    var dx = [Double](repeating: 0, count: x.count)
    var dfilter = [Double](repeating: 0, count: filter.count)
    let windows = seenPixels(batch: c.batch, c.depth, c.height, c.width)
    for (output, window) in windows.enumerated() {
      for (tap, pixel) in window.enumerated() {
        guard let pixel else { continue }
        for i in 0..<c.channels {
          let group = i / channels
          let from = (tap * channels + i % channels) * c.filters
          for f in group * filters..<(group + 1) * filters {
            y[output * c.filters + f] += x[pixel * c.channels + i] * filter[from + f]
            dx[pixel * c.channels + i] += dy[output * c.filters + f] * filter[from + f]
            dfilter[from + f] += dy[output * c.filters + f] * x[pixel * c.channels + i]
          }
        }
      }
    }
    return [y, dx, dfilter]
  }

  func computed<T: BinaryFloatingPoint & BitwiseCopyable>(_ type: PlushType, _: T.Type) -> [[T]] {
    var (y, dx, dfilter) = (
      [T](repeating: .nan, count: dy.count), [T](repeating: .nan, count: x.count),
      [T](repeating: .nan, count: filter.count)
    )
    let (x, filter, dy) = (x.map { T($0) }, filter.map { T($0) }, dy.map { T($0) })
    withUnsafePointer(to: convolution) { c in
      plush_convolve(type, c, x, filter, &y)
      plush_convolve_input_gradient(type, c, dy, filter, &dx)
      plush_convolve_filter_gradient(type, c, x, dy, &dfilter)
    }
    return [y, dx, dfilter]
  }
}

extension Example {
  /// Bits of the maxima of 2×2 squares, taken by the convolution; all NaN are one.
  fileprivate func pooled() -> [UInt32] {
    var pooled = [Float](repeating: 7, count: pooledCount)
    var convolution = convolution
    convolution.pools = true
    plush_convolve(
      PLUSH_FLOAT32, &convolution, x.map { Float($0) }, filter.map { Float($0) }, &pooled)
    return pooled.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
  }

  /// The same by pooling its result.
  fileprivate func pooledAfterwards() -> [UInt32] {
    let c = convolution
    var (y, pooled) = (dy.map { Float($0) }, [Float](repeating: 7, count: pooledCount))
    func squares(_ axis: PlushAxis) -> PlushAxis {
      PlushAxis(
        input: axis.output, output: axis.output / 2, window: 2, stride: 2, dilation: 1, padding: 0)
    }
    var pooling = PlushPooling(
      batch: c.batch, channels: c.filters, depth: plush_no_axis, height: squares(c.height),
      width: squares(c.width), epilogue: nil, context: nil)
    withUnsafePointer(to: c) {
      plush_convolve(PLUSH_FLOAT32, $0, x.map { Float($0) }, filter.map { Float($0) }, &y)
    }
    plush_max_pool(PLUSH_FLOAT32, &pooling, y, &pooled)
    return pooled.map { $0.isNaN ? Float.nan.bitPattern : $0.bitPattern }
  }

  private var pooledCount: Int {
    let c = convolution
    return c.batch * (c.height.output / 2) * (c.width.output / 2) * c.filters
  }
}

/// The largest error as a part of the largest number.
private func error<T: BinaryFloatingPoint>(_ values: [T], _ expected: [Double]) -> Double {
  let largest = expected.reduce(1e-3) { max($0, abs($1)) }
  return zip(values, expected).reduce(0) { worst, pair in
    let error = abs(Double(pair.0) - pair.1) / largest
    return error.isNaN ? .infinity : max(worst, error)
  }
}

private func axis(_ input: Int, _ window: Int, padding: Int = 0) -> PlushAxis {
  PlushAxis(
    input: input, output: input + 2 * padding - window + 1, window: window, stride: 1, dilation: 1,
    padding: padding)
}

private func planar(
  batch: Int = 1, _ size: Int, _ channels: Int, _ filters: Int, window: Int = 3, padding: Int = 1,
  groups: Int = 1, precision: PlushPrecision = PLUSH_PRECISION_DEFAULT
) -> PlushConvolution {
  PlushConvolution(
    batch: batch, channels: channels, filters: filters, groups: groups, depth: plush_no_axis,
    height: axis(size, window, padding: padding), width: axis(size, window, padding: padding),
    precision: precision, pools: false, epilogue: nil, context: nil)
}

private func randomConvolution(rank: Int) -> PlushConvolution {
  let groups = [1, 1, 1, 2, 3].randomElement()!
  let isDepthwise = Int.random(in: 0..<4) == 0
  let channels = groups * [1, 2, 3, 8, 17].randomElement()!
  let filters = isDepthwise ? channels * .random(in: 1...2) : groups * .random(in: 1...20)
  let most = [1: 40, 2: 13, 3: 6][rank]!
  func axis(_ i: Int) -> PlushAxis {
    i <= 3 - rank
      ? plush_no_axis
      : randomAxis(
        upTo: most, window: .random(in: 1...4), stride: .random(in: 1...3),
        dilation: .random(in: 1...2))
  }
  return PlushConvolution(
    batch: .random(in: 1...2), channels: channels, filters: filters,
    groups: isDepthwise ? channels : groups, depth: axis(1), height: axis(2), width: axis(3),
    precision: PLUSH_PRECISION_DEFAULT, pools: false, epilogue: nil, context: nil)
}

/// Shapes that are computed in each of the ways there are.
private func shapes() -> [PlushConvolution] {
  [
    planar(batch: 3, 23, 16, 24), planar(batch: 2, 40, 20, 40, padding: 0), planar(9, 70, 130),
    planar(8, 256, 256), planar(50, 33, 8, padding: 2), planar(14, 3, 32, window: 5),
    planar(batch: 2, 20, 24, 40, window: 1, padding: 0), planar(30, 1, 16),
    planar(batch: 2, 15, 20, 20, groups: 20), planar(12, 40, 1, window: 1, padding: 0),
  ]
}

@Suite(.serialized) struct ConvolutionTests {
  @Test(arguments: 1...3) func randomShapes(rank: Int) {
    for _ in 0..<40 {
      let example = Example(randomConvolution(rank: rank))
      let expected = example.expected()
      forEachISA { isa in
        for (values, expected) in zip(example.computed(PLUSH_FLOAT32, Float.self), expected) {
          #expect(error(values, expected) < 2e-6, "\(isa) \(example.convolution)")
        }
        for (values, expected) in zip(example.computed(PLUSH_FLOAT64, Double.self), expected) {
          #expect(error(values, expected) < 1e-13, "\(isa) \(example.convolution)")
        }
      }
    }
  }

  /// The bounds that the documentation states.
  @Test(arguments: [(PLUSH_PRECISION_DEFAULT, 2e-5), (PLUSH_PRECISION_HIGH, 3e-6)])
  func threeByThree(precision: PlushPrecision, bound: Double) {
    for i in 0..<12 {
      var convolution = randomConvolution(rank: 2)
      convolution.batch = .random(in: 1...3)
      convolution.groups = 1
      convolution.channels = .random(in: 8...(i == 0 ? 150 : 40))
      convolution.filters = .random(in: 8...(i == 1 ? 150 : 40))
      convolution.height = randomAxis(upTo: 33, window: 3, stride: 1, dilation: 1)
      convolution.width = randomAxis(upTo: 33, window: 3, stride: 1, dilation: 1)
      convolution.precision = precision
      let example = Example(convolution)
      let expected = example.expected()
      forEachISA { isa in
        for (values, expected) in zip(example.computed(PLUSH_FLOAT32, Float.self), expected) {
          #expect(error(values, expected) < bound, "\(isa) \(convolution)")
        }
      }
    }
  }

  @Test func sameBitsForAnyNumberOfThreads() {
    for convolution in shapes() {
      let example = Example(convolution)
      let expected = example.expected()
      forEachISA { isa in
        let same = isSameOnAnyThreads { example.computed(PLUSH_FLOAT32, Float.self) }
        #expect(same, "\(isa) \(convolution)")
        for (values, expected) in zip(example.computed(PLUSH_FLOAT32, Float.self), expected) {
          #expect(error(values, expected) < 2e-5, "\(isa) \(convolution)")
        }
      }
    }
  }

  @Test(arguments: [PLUSH_PRECISION_DEFAULT, PLUSH_PRECISION_HIGH])
  func poolsAsPoolingDoes(precision: PlushPrecision) {
    var sizes = [(2, 2, 8, 8), (26, 26, 32, 32), (12, 12, 32, 64), (9, 7, 20, 70)]
    for _ in 0..<8 {
      sizes.append((.random(in: 2...20), .random(in: 2...20), .random(in: 8...40), 24))
    }
    for (height, width, channels, filters) in sizes + [(10, 12, 256, 256)] {
      var convolution = planar(batch: 2, 0, channels, filters, precision: precision)
      let padding = Int.random(in: 0...1)
      convolution.height = axis(height + 2 - 2 * padding, 3, padding: padding)
      convolution.width = axis(width + 2 - 2 * padding, 3, padding: padding)
      let example = Example(convolution)
      forEachISA { isa in
        let same = isSameOnAnyThreads { example.pooled() == example.pooledAfterwards() }
        #expect(same && example.pooled() == example.pooledAfterwards(), "\(isa) \(convolution)")
      }
    }
  }

  @Test func notANumberWinsWhenPooled() {
    var example = Example(planar(8, 16, 16))
    example.x[40] = .nan
    forEachISA { _ in
      let values = example.pooled()
      #expect(values == example.pooledAfterwards())
      #expect(
        values.contains(Float.nan.bitPattern) && !values.allSatisfy { $0 == Float.nan.bitPattern })
    }
  }

  @Test func poolsOnlyWhereItCan() {
    func canPool(_ type: PlushType, _ convolution: PlushConvolution) -> Bool {
      withUnsafePointer(to: convolution) { plush_convolution_can_pool(type, $0) }
    }
    #expect(canPool(PLUSH_FLOAT32, planar(20, 16, 16)))
    #expect(!canPool(PLUSH_FLOAT64, planar(20, 16, 16)))
    #expect(!canPool(PLUSH_FLOAT32, planar(20, 16, 16, window: 5)))
    #expect(!canPool(PLUSH_FLOAT32, planar(1, 16, 16)))
    #expect(!canPool(PLUSH_FLOAT32, planar(batch: 0, 20, 16, 16)))
  }

  /// The input is cut at all sides.
  @Test func negativePadding() {
    for channels in [2, 16] {
      var convolution = planar(12, channels, 16, padding: -1)
      convolution.batch = 2
      let example = Example(convolution)
      for (values, expected) in zip(
        example.computed(PLUSH_FLOAT32, Float.self), example.expected())
      {
        #expect(error(values, expected) < 2e-5)
      }
    }
  }

  @Test func epilogueCoversEveryElementOnce() {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    plush_set_thread_count(1)
    var strided = planar(15, 6, 10, window: 3)
    for axis in [\PlushConvolution.height, \.width] {
      strided[keyPath: axis].stride = 2
      strided[keyPath: axis].output = 8
    }
    for shape in shapes() + [strided] {
      let example = Example(shape)
      let (x, filter, dy) = (
        example.x.map { Float($0) }, example.filter.map { Float($0) }, example.dy.map { Float($0) }
      )
      var (y, dx) = (dy, x)
      let results = WindowCoverage(pixels: y.count / shape.filters, columns: shape.filters)
      let gradients = WindowCoverage(pixels: x.count / shape.channels, columns: shape.channels)
      var convolution = shape
      convolution.epilogue = WindowCoverage.epilogue
      convolution.context = Unmanaged.passUnretained(results).toOpaque()
      plush_convolve(PLUSH_FLOAT32, &convolution, x, filter, &y)
      convolution.context = Unmanaged.passUnretained(gradients).toOpaque()
      plush_convolve_input_gradient(PLUSH_FLOAT32, &convolution, dy, filter, &dx)
      #expect(results.counts.allSatisfy { $0 == 1 }, "\(shape)")
      #expect(gradients.counts.allSatisfy { $0 == 1 }, "\(shape)")
      guard plush_convolution_can_pool(PLUSH_FLOAT32, &convolution) else { continue }
      let squares = (shape.height.output / 2) * (shape.width.output / 2)
      let maxima = WindowCoverage(pixels: shape.batch * squares, columns: shape.filters)
      convolution.pools = true
      convolution.context = Unmanaged.passUnretained(maxima).toOpaque()
      plush_convolve(PLUSH_FLOAT32, &convolution, x, filter, &y)
      #expect(maxima.counts.allSatisfy { $0 == 1 }, "\(shape)")
    }
  }

  @Test func nothingToDo() {
    for shape in shapes() {
      var convolution = shape
      convolution.batch = 0
      let example = Example(convolution)
      let results = example.computed(PLUSH_FLOAT32, Float.self)
      #expect(results[0].isEmpty && results[1].isEmpty)
      #expect(results[2].allSatisfy { $0 == 0 })
    }
  }
}
