import PlushEngine
import PlushTensor

// One number for each place of a window over [batch, channels, spatial…].

extension ONNXOperators {
  static let pooling: [String: ONNXOperator] = [
    "MaxPool": { try maxPool($0) },
    "AveragePool": { context in
      let x = try context.input(0, rank: 3...5)
      return [try average(context, x, countsPadding: context.flag("count_include_pad"))]
    },
    "LpPool": { context in
      let x = try context.input(0, rank: 3...5)
      let p = context.float("p").map { $0 == 0 ? Double(context.int("p", 2)) : $0 } ?? 2
      let means = try average(context, x.abs().pow(p), countsPadding: true)
      let count = (context.ints("kernel_shape") ?? []).reduce(1, *)
      return [(means * count).pow(1 / p)]
    },
    "GlobalAveragePool": global { $0.mean(axes: $1, keepDims: true) },
    "GlobalMaxPool": global { $0.max(axes: $1, keepDims: true) },
    "GlobalLpPool": { context in
      let x = try context.input(0, rank: 3...16)
      let p = Double(context.int("p", 2))
      return [x.abs().pow(p).sum(axes: Array(2..<x.rank), keepDims: true).pow(1 / p)]
    },
    "MaxUnpool": { context in
      let (x, indices) = (try context.input(0, rank: 3...5), try context.input(1))
      let sizes = Array(x.shape[2...])
      let settings = try WindowSettings(context, window: nil, sizes: sizes)
      let inferred = sizes.indices.map {
        (sizes[$0] - 1) * settings.strides[$0] + settings.reach($0) - settings.low[$0]
          - settings.high[$0]
      }
      let natural = [x.shape[0], x.shape[1]] + inferred
      let shape = try context.checked(try context.integers(2) ?? natural)
      try context.require(
        indices.shape == x.shape && shape.count == x.rank, "an index for each element",
        "\(indices.shape)")
      // The indices count in the natural shape, of which the result may be a corner.
      let flat = Tensor.zeros([natural.elementCount], dtype: x.dtype)
        .scatterUpdate(indices.flatten().expandDims(axis: 1), x.flatten()).reshape(natural)
      if shape == natural { return [flat] }
      try context.require(
        zip(shape, natural).allSatisfy { $0 >= $1 }, "sizes from \(natural)", "\(shape)")
      return [flat.pad(zip(shape, natural).map { (0, $0 - $1) })]
    },
  ]

  private static func global(
    _ body: @escaping @Sendable (Tensor, [Int]) -> Tensor
  ) -> ONNXOperator {
    { context in
      let x = try context.input(0, rank: 3...16)
      return [body(x, Array(2..<x.rank)).like(x)]
    }
  }

  private static func maxPool(_ context: NodeContext) throws -> [Tensor] {
    let x = try context.input(0, rank: 3...5)
    let sizes = Array(x.shape[2...])
    var settings = try WindowSettings(context, window: nil, sizes: sizes)
    if context.flag("ceil_mode") { settings.roundUp(sizes) }
    try settings.check(context, sizes)
    let source = x.dtype.isFloating ? x : x.cast(to: .float32)
    let values = source.maxPool(
      size: SpatialSizes(settings.window), strides: SpatialSizes(settings.strides),
      padding: settings.padding, dilations: SpatialSizes(settings.dilations), channelsFirst: true
    ).like(x)
    guard context.wants(1) else { return [values, values] }
    return [values, indices(source, settings, isColumnMajor: context.flag("storage_order"))]
  }

  /// Where in the whole array the largest of each place is.
  private static func indices(
    _ x: Tensor, _ settings: WindowSettings, isColumnMajor: Bool
  ) -> Tensor {
    let sizes = Array(x.shape[2...])
    var positions = Tensor.range(0, x.count).reshape(x.shape)
    if isColumnMajor {
      positions = Tensor.range(0, x.count)
        .reshape(Array(x.shape[..<2]) + sizes.reversed())
        .transpose([0, 1] + (2..<x.rank).reversed())
    }
    let values = settings.windows(x, value: -.infinity)
    let places = settings.windows(positions, value: -1)
    let first = values.argMax(axis: 0).expandDims(axis: 0)
    return places.gatherElements(first, axis: 0).squeeze(axis: 0).cast(to: .int64)
  }

  private static func average(
    _ context: NodeContext, _ x: Tensor, countsPadding: Bool
  ) throws -> Tensor {
    let sizes = Array(x.shape[2...])
    var settings = try WindowSettings(context, window: nil, sizes: sizes)
    let given = (low: settings.low, high: settings.high)
    if context.flag("ceil_mode") { settings.roundUp(sizes) }
    try settings.check(context, sizes)
    var source = x
    if countsPadding {
      // Padding becomes part of the input; what the last place reaches beyond it does not count.
      source = x.pad([(0, 0), (0, 0)] + zip(given.low, given.high))
      settings.high = zip(settings.high, given.high).map { $0 - $1 }
      settings.low = sizes.map { _ in 0 }
    }
    return source.averagePool(
      size: SpatialSizes(settings.window), strides: SpatialSizes(settings.strides),
      padding: settings.padding, dilations: SpatialSizes(settings.dilations), channelsFirst: true
    ).like(x)
  }
}

extension WindowSettings {
  /// What each element of the window sees: [window elements, batch, channels, places…].
  fileprivate func windows(_ x: Tensor, value: Double) -> Tensor {
    let padded = x.pad([(0, 0), (0, 0)] + zip(low, high), value: value)
    let places = places(Array(x.shape[2...]))
    let parts = (0..<window.elementCount).map { element in
      let offsets = zip(window, window.rowMajorStrides).map { element / $1 % $0 }
      return padded.slice(
        starts: [0, 0] + zip(offsets, dilations).map { $0 * $1 },
        sizes: Array(x.shape[..<2]) + places, strides: [1, 1] + strides)
    }
    return stack(parts)
  }
}
