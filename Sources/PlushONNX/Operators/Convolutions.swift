import PlushEngine
import PlushTensor

// Convolutions of [batch, channels, spatial…].

extension ONNXOperators {
  static let convolutions: [String: ONNXOperator] = [
    "Conv": { context in
      let x = try context.input(0, rank: 3...5)
      return [
        try context.convolution(x, try context.input(1), bias: context.optional(2)).like(x)
      ]
    },
    "ConvTranspose": { [try transposed($0)] },
    "ConvInteger": { context in
      let (x, w) = (try context.input(0, rank: 3...5), try context.input(1))
      let left = x.cast(to: .float64) - (try context.zeroPoint(2, of: x, axis: 1))
      let right = w.cast(to: .float64) - (try context.zeroPoint(3, of: w, axis: 0))
      return [try context.convolution(left, right, bias: nil).cast(to: .int32)]
    },
    "CausalConvWithState": { try causal($0) },
    "Col2Im": { [try fold($0)] },
  ]

  private static func transposed(_ context: NodeContext) throws -> Tensor {
    let (x, w) = (try context.input(0, rank: 3...5), try context.input(1))
    let sizes = Array(x.shape[2...])
    let groups = context.int("group", 1)
    try context.require(
      w.rank == x.rank && groups > 0 && w.shape[0] == x.shape[1] && x.shape[1] % groups == 0,
      "filters [\(x.shape[1]), filters / groups, window…]", "shape \(w.shape), \(groups) groups")
    var settings = try WindowSettings(context, window: Array(w.shape[2...]), sizes: sizes)
    let extra = try context.sizes("output_padding", count: sizes.count, from: 0, standard: 0)
    let mode = context.string("auto_pad") ?? "NOTSET"
    var result: [Int] = []
    for axis in sizes.indices {
      let full =
        settings.strides[axis] * (sizes[axis] - 1) + settings.reach(axis) + extra[axis]
      let isSame = mode.hasPrefix("SAME")
      let wanted =
        context.ints("output_shape").flatMap { $0.count == sizes.count ? $0[axis] : nil }
        ?? (isSame ? sizes[axis] * settings.strides[axis] : nil)
      if let wanted {
        let total = Swift.max(0, full - wanted)
        settings.low[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        settings.high[axis] = total - settings.low[axis]
      }
      result.append(wanted ?? full - settings.low[axis] - settings.high[axis])
    }
    try context.require(result.allSatisfy { $0 > 0 }, "a result", "sizes \(result)")
    let shape = try context.checked([x.shape[0], w.shape[1] * groups] + result)
    let filter = w.transpose(Array(2..<w.rank) + [1, 0])
    let y = x.convolutionTranspose(
      filter.like(x), strides: SpatialSizes(settings.strides), padding: settings.padding,
      outputSizes: result, dilations: SpatialSizes(settings.dilations), groups: groups,
      channelsFirst: true)
    return try context.adding(context.optional(2), to: y, channels: shape[1]).like(x)
  }

  /// Windows, [batch, channels · window, places], added up where they overlap.
  private static func fold(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 3...3)
    let sizes = try context.checked(try context.integers(1) ?? [])
    let settings = try WindowSettings(context, window: context.integers(2), sizes: sizes)
    try settings.check(context, sizes)
    let places = settings.places(sizes)
    let taps = settings.window.elementCount
    try context.require(
      x.shape[1] % taps == 0 && x.shape[2] == places.elementCount,
      "windows of \(taps) elements at \(places.elementCount) places", "\(x.shape)")
    let padded = sizes.indices.map { sizes[$0] + settings.low[$0] + settings.high[$0] }
    _ = try context.checked([x.shape[0], x.shape[1] / taps] + padded)
    var targets = Tensor.zeros([], dtype: .int32)
    for (axis, place) in settings.elements(places).enumerated() {
      targets = targets + (place + settings.low[axis]) * padded.rowMajorStrides[axis]
    }
    let sums = x.reshape([-1, taps * places.elementCount])
      .scatterAdd(targets.flatten(), axis: 1, length: padded.elementCount)
    let whole = sums.reshape([x.shape[0], x.shape[1] / taps] + padded)
    return whole.slice(starts: [0, 0] + settings.low, sizes: [-1, -1] + sizes).like(x)
  }

  /// A convolution that sees the steps before only, of which it hands the last on.
  private static func causal(_ context: NodeContext) throws -> [Tensor] {
    let (x, w) = (try context.input(0, rank: 3...3), try context.input(1, rank: 3...3))
    let steps = w.shape[2] - 1
    let past = context.optional(3) ?? Tensor.zeros([x.shape[0], x.shape[1], steps], dtype: x.dtype)
    try context.require(
      w.shape[1] == 1 && w.shape[0] == x.shape[1] && past.shape == [x.shape[0], x.shape[1], steps],
      "a filter for each of \(x.shape[1]) channels and \(steps) steps before",
      "\(w.shape), \(past.shape)")
    let all = concatenate([past.like(x), x], axis: 2)
    var y = all.convolution(
      w.transpose([2, 1, 0]).like(x), groups: x.shape[1], channelsFirst: true)
    y = try context.adding(context.optional(2), to: y, channels: x.shape[1])
    let activation = context.string("activation") ?? "none"
    if activation == "silu" || activation == "swish" { y = y.silu() }
    let last = all[[.all, .all, .stride(from: all.shape[2] - steps)]]
    return [y.like(x), last]
  }
}

extension NodeContext {
  /// The convolution with filters [filters, channels / groups, window…].
  func convolution(_ x: Tensor, _ w: Tensor, bias: Tensor?) throws -> Tensor {
    let sizes = Array(x.shape[2...])
    let groups = int("group", 1)
    try require(
      w.rank == x.rank && groups > 0 && w.shape[1] * groups == x.shape[1]
        && w.shape[0] % groups == 0,
      "filters [filters, \(x.shape[1]) / groups, window…]", "shape \(w.shape), \(groups) groups")
    let settings = try WindowSettings(self, window: Array(w.shape[2...]), sizes: sizes)
    try settings.check(self, sizes)
    let filter = w.transpose(Array(2..<w.rank) + [1, 0])
    let y = x.convolution(
      filter.like(x), strides: SpatialSizes(settings.strides), padding: settings.padding,
      dilations: SpatialSizes(settings.dilations), groups: groups, channelsFirst: true)
    return try adding(bias, to: y, channels: w.shape[0])
  }

  /// The sum with a number for each channel.
  func adding(_ bias: Tensor?, to y: Tensor, channels: Int) throws -> Tensor {
    guard let bias else { return y }
    return y + (try perChannel(bias, of: y, channels)).like(y)
  }

  /// A number for each channel in a form that broadcasts to [batch, channels, spatial…].
  func perChannel(_ values: Tensor, of x: Tensor, _ channels: Int) throws -> Tensor {
    try require(values.count == channels, "\(channels) numbers", "shape \(values.shape)")
    return values.reshape([channels] + [Int](repeating: 1, count: Swift.max(0, x.rank - 2)))
  }
}
