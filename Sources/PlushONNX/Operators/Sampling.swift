import PlushEngine
import PlushTensor

// Elements of arrays [batch, channels, spatial…] at places between them.

extension ONNXOperators {
  static let sampling: [String: ONNXOperator] = [
    "GridSample": { [try sample($0)] },
    "AffineGrid": { [try affineGrid($0)] },
    "RoiAlign": { [try align($0)] },
    "DeformConv": { [try deformable($0)] },
  ]

  /// Elements at the places of a grid, [batch, places…, axes], that counts from -1 to 1, the last
  /// axis first.
  private static func sample(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 3...5)
    let grid = try context.input(1, rank: x.rank...x.rank)
    let axes = x.rank - 2
    try context.require(
      grid.shape[0] == x.shape[0] && grid.shape[axes + 1] == axes && x.count > 0,
      "a grid [\(x.shape[0]), places…, \(axes)]", "\(grid.shape) for \(x.shape)")
    let touches = context.flag("align_corners")
    let outside: ArraySampler.Outside =
      switch context.string("padding_mode") ?? "zeros" {
      case "zeros": .zeros
      case "border": .border
      case "reflection": .reflection(atCenters: touches)
      case let mode:
        throw context.fault(expected: "zeros, border or reflection outside", found: mode)
      }
    let sampler = ArraySampler(x, outside: outside)
    let mode = context.string("mode") ?? "linear"
    let columns = grid.reshape([x.shape[0], -1, axes]).cast(to: sampler.dtype).unstack(axis: 2)
    let places = sampler.sizes.indices.map { axis in
      let (place, size) = (columns[axes - 1 - axis], Double(sampler.sizes[axis]))
      let found = touches ? (place + 1) * ((size - 1) / 2) : ((place + 1) * size - 1) * 0.5
      return sampler.inside(mode == "nearest" ? found.round() : found, axis)
    }
    let found: Tensor
    switch mode {
    case "nearest": found = sampler.element(places)
    case "linear", "bilinear": found = sampler.interpolated(places, taps: linearTaps)
    case "cubic", "bicubic": found = sampler.interpolated(places, taps: cubicTaps)
    default: throw context.fault(expected: "nearest, linear or cubic", found: mode)
    }
    let shape = Array(x.shape[..<2]) + grid.shape.dropFirst().dropLast()
    return found.transpose([0, 2, 1]).reshape(shape).like(x)
  }

  /// The grid of an affine map, [batch, axes, axes + 1], for `GridSample`.
  private static func affineGrid(_ context: NodeContext) throws -> Tensor {
    let theta = try context.input(0, rank: 3...3)
    let sizes = try context.checked((try context.integers(1) ?? []).dropFirst(2).map { $0 })
    let axes = sizes.count
    try context.require(
      2...3 ~= axes && theta.shape[1...] == [axes, axes + 1], "maps [batch, \(axes), \(axes + 1)]",
      "\(theta.shape)")
    let touches = context.flag("align_corners")
    let lines = sizes.indices.reversed().map { axis in
      let places = (0..<sizes[axis]).map { place -> Double in
        let (place, size) = (Double(place), Double(sizes[axis]))
        if touches { return size > 1 ? 2 * place / (size - 1) - 1 : -1 }
        return (2 * place + 1) / size - 1
      }
      let line = sizes.indices.map { $0 == axis ? sizes[axis] : 1 }
      return Tensor(places, shape: line, dtype: theta.dtype).broadcast(to: sizes)
    }
    let points = stack(lines + [.ones(sizes, dtype: theta.dtype)], axis: -1)
      .reshape([1, -1, axes + 1])
    let grid = points.matmul(theta, transposeB: true)
    return grid.reshape([theta.shape[0]] + sizes + [axes])
  }

  /// Regions of pictures brought to one size (He et al., "Mask R-CNN", 2017).
  private static func align(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 4...4)
    let (regions, pictures) = (try context.input(1, rank: 2...2), try context.input(2))
    try context.require(
      regions.shape[1] == 4 && pictures.shape == [regions.shape[0]] && x.count > 0,
      "regions [count, 4] and a picture for each", "\(regions.shape), \(pictures.shape)")
    let alignment = try RegionAlignment(context, x)
    let ratio = context.int("sampling_ratio", 0)
    if ratio > 0 { return alignment.aligned(regions, pictures, (ratio, ratio)).like(x) }
    // Regions of as many samples in each cell are computed together.
    let corners = try context.numbers(1) ?? []
    let groups = Dictionary(grouping: 0..<regions.shape[0]) {
      alignment.samples(Array(corners[($0 * 4)..<($0 * 4 + 4)]))
    }
    guard !groups.isEmpty else { return alignment.aligned(regions, pictures, (1, 1)).like(x) }
    var parts: [Tensor] = []
    var order: [Int] = []
    for (counts, members) in groups.sorted(by: { $0.value[0] < $1.value[0] }) {
      let places = Tensor(members.map { Int32($0) })
      let (some, pictures) = (regions.gather(places), pictures.gather(places))
      parts.append(alignment.aligned(some, pictures, (counts[0], counts[1])))
      order += members
    }
    let back = order.indices.sorted { order[$0] < order[$1] }.map { Int32($0) }
    return concatenate(parts).gather(Tensor(back)).like(x)
  }

  /// A convolution whose windows have each element moved by an offset (Dai et al., "Deformable
  /// Convolutional Networks", 2017).
  private static func deformable(_ context: NodeContext) throws -> Tensor {
    let (x, w) = (try context.input(0, rank: 3...5), try context.input(1))
    let axes = x.rank - 2
    let offsets = try context.input(2, rank: x.rank...x.rank)
    let (n, channels) = (x.shape[0], x.shape[1])
    let (groups, parts) = (context.int("group", 1), context.int("offset_group", 1))
    try context.require(
      w.rank == x.rank && groups > 0 && w.shape[1] * groups == channels
        && w.shape[0] % groups == 0 && parts > 0 && channels % parts == 0 && x.count > 0,
      "filters [filters, \(channels) / groups, window…]",
      "shape \(w.shape), \(groups) groups, \(parts) groups of offsets")
    let window = Array(w.shape[2...])
    let settings = try WindowSettings(context, window: window, sizes: Array(x.shape[2...]))
    try settings.check(context, Array(x.shape[2...]))
    let places = settings.places(x.shape[2...].map { $0 })
    let (taps, count) = (window.elementCount, places.elementCount)
    try context.require(
      offsets.shape == [n, parts * taps * axes] + places,
      "offsets \([n, parts * taps * axes] + places)", "\(offsets.shape)")
    // Channels with offsets of their own are arrays of their own.
    let sampler = ArraySampler(
      x.reshape([n * parts, channels / parts] + x.shape[2...]), outside: .zeros)
    let moved = offsets.reshape([n * parts, taps, axes, count]).cast(to: sampler.dtype)
      .unstack(axis: 2)
    let corner = settings.elements(places)
    let points = (0..<axes).map { (moved[$0] + corner[$0]).reshape([n * parts, taps * count]) }
    var seen = sampler.interpolated(points, taps: linearTaps)
    if let mask = context.optional(4) {
      try context.require(
        mask.shape == [n, parts * taps] + places, "a mask \([n, parts * taps] + places)",
        "\(mask.shape)")
      seen = seen * mask.reshape([n * parts, taps * count, 1]).like(seen)
    }
    let columns = seen.reshape([n, parts, taps, count, -1]).transpose([0, 1, 4, 2, 3])
      .reshape([n, groups, -1, count])
    let filter = w.reshape([groups, w.shape[0] / groups, -1]).like(columns)
    let y = filter.matmul(columns).reshape([n, w.shape[0]] + places)
    return try context.adding(context.optional(3), to: y, channels: w.shape[0]).like(x)
  }

  /// Straight lines: two elements count.
  @Sendable private static func linearTaps(_ part: Tensor) -> [(Double, Tensor)] {
    [(0, 1 - part), (1, part)]
  }

  /// Keys's cubic convolution (1981) with a = -0.75: four elements count.
  @Sendable private static func cubicTaps(_ part: Tensor) -> [(Double, Tensor)] {
    let a = -0.75
    func near(_ x: Tensor) -> Tensor { ((a + 2) * x - (a + 3)) * x * x + 1 }
    func far(_ x: Tensor) -> Tensor { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return [(-1, far(part + 1)), (0, near(part)), (1, near(1 - part)), (2, far(2 - part))]
  }
}

/// Reads arrays [batch, channels, spatial…] at places for each of them: [batch, count] along each
/// axis give [batch, count, channels].
private struct ArraySampler {
  /// What lies outside of an array.
  enum Outside {
    case zeros
    case border
    /// The mirror image, about the centers of the outermost elements or about their outer edges.
    case reflection(atCenters: Bool)
  }

  let sizes: [Int]
  private let table: Tensor
  private let first: Tensor
  private let outside: Outside

  var dtype: DType { table.dtype }

  /// - Parameter arrays: which array each row of places is in; one after the other without.
  init(_ x: Tensor, outside: Outside, arrays: Tensor? = nil) {
    let (batch, channels) = (x.shape[0], x.shape[1])
    sizes = Array(x.shape[2...])
    let wide = x.dtype == .float64 ? x : x.cast(to: .float32)
    table = wide.reshape([batch, channels, -1]).transpose([0, 2, 1]).reshape([-1, channels])
    let numbers = arrays?.cast(to: .int32) ?? Tensor.range(0, batch)
    first = (numbers * sizes.elementCount).expandDims(axis: 1)
    self.outside = outside
  }

  /// Places brought into an axis, as the outside demands.
  func inside(_ place: Tensor, _ axis: Int) -> Tensor {
    let last = Double(sizes[axis] - 1)
    switch outside {
    case .zeros: return place
    case .border: return place.clip(min: 0, max: last)
    case .reflection(let atCenters):
      let (low, high) = atCenters ? (0, last) : (-0.5, last + 0.5)
      if high <= low { return place * 0 }
      let turned = (place - low).modulo(2 * (high - low))
      return turned.minimum(2 * (high - low) - turned) + low
    }
  }

  /// The elements at whole places.
  func element(_ places: [Tensor]) -> Tensor {
    var place = first
    var isInside: Tensor?
    for (axis, found) in places.enumerated() {
      let near = inside(found, axis).clip(min: 0, max: Double(sizes[axis] - 1))
      place = place + near.cast(to: .int32) * sizes[(axis + 1)...].reduce(1, *)
      isInside = isInside.map { $0.logicalAnd(near .== found) } ?? (near .== found)
    }
    let elements = table.gather(place)
    guard case .zeros = outside, let isInside else { return elements }
    return isInside.expandDims(axis: 2).select(elements, 0)
  }

  /// The elements around places, by their distances from the one below and weights for the part that
  /// a place lies beyond it, brought together along one axis after the other.
  func interpolated(
    _ places: [Tensor], taps: (Tensor) -> [(Double, Tensor)],
    combined: (Tensor, Tensor) -> Tensor = (+)
  ) -> Tensor {
    func along(_ axis: Int, _ whole: [Tensor], _ weight: Tensor?) -> Tensor {
      guard axis < places.count else {
        let found = element(whole)
        return weight.map { found * $0.expandDims(axis: 2) } ?? found
      }
      let below = places[axis].floor()
      let parts = taps(places[axis] - below).map { distance, share in
        along(axis + 1, whole + [below + distance], weight.map { $0 * share } ?? share)
      }
      return parts.dropFirst().reduce(parts[0], combined)
    }
    return along(0, [], nil)
  }
}

/// How regions of pictures become arrays of one size: each cell is made of samples.
private struct RegionAlignment {
  private let x: Tensor
  private let rows: Int
  private let columns: Int
  private let scale: Double
  private let isCentered: Bool
  private let takesLargest: Bool

  init(_ context: NodeContext, _ x: Tensor) throws {
    self.x = x
    rows = context.int("output_height", 1)
    columns = context.int("output_width", 1)
    scale = context.float("spatial_scale", 1)
    let standard = context.opset < 16 ? "output_half_pixel" : "half_pixel"
    isCentered = (context.string("coordinate_transformation_mode") ?? standard) == "half_pixel"
    takesLargest = context.string("mode") == "max"
    try context.require(
      1..<65536 ~= rows && 1..<65536 ~= columns, "output sizes above 0", "\(rows), \(columns)")
  }

  /// How many rows and columns of samples a cell has where the region decides.
  func samples(_ corners: [Double]) -> [Int] {
    let least: Double = isCentered ? 0 : 1
    return [(corners[3] - corners[1], rows), (corners[2] - corners[0], columns)].map {
      let count = (Swift.max($0 * scale, least) / Double($1)).rounded(.up)
      return Int(Swift.min(Swift.max(count, 0), 1024))
    }
  }

  /// Regions, [count, 4], left, top, right and bottom, as [count, channels, rows, columns].
  func aligned(_ regions: Tensor, _ pictures: Tensor, _ samples: (Int, Int)) -> Tensor {
    let (count, channels) = (regions.shape[0], x.shape[1])
    if samples.0 == 0 || samples.1 == 0 || count == 0 {
      return .zeros([count, channels, rows, columns], dtype: x.dtype)
    }
    let sampler = ArraySampler(x, outside: .border, arrays: pictures)
    let edges = (regions.cast(to: sampler.dtype) * scale - (isCentered ? 0.5 : 0)).unstack(axis: 1)
    let y = places(from: edges[1], to: edges[3], rows, samples.0).expandDims(axis: 2)
    let x = places(from: edges[0], to: edges[2], columns, samples.1).expandDims(axis: 1)
    let grid = [count, rows * samples.0, columns * samples.1]
    let points = [y, x].map { $0.broadcast(to: grid).reshape([count, -1]) }
    let isNear = zip(points, sampler.sizes).map { ($0 .>= -1).logicalAnd($0 .<= Double($1)) }
    let found = sampler.interpolated(
      points.enumerated().map { sampler.inside($0.element, $0.offset) },
      taps: { [(0, 1 - $0), (1, $0)] }, combined: takesLargest ? { $0.maximum($1) } : (+))
    let cells = isNear[0].logicalAnd(isNear[1]).expandDims(axis: 2).select(found, 0)
      .reshape([count, rows, samples.0, columns, samples.1, channels])
    let pooled = takesLargest ? cells.max(axes: [2, 4]) : cells.mean(axes: [2, 4])
    return pooled.transpose([0, 3, 1, 2])
  }

  /// The middles of so many samples in each of so many cells between edges: [count] and [count]
  /// give [count, cells · samples].
  private func places(from low: Tensor, to high: Tensor, _ cells: Int, _ samples: Int) -> Tensor {
    let length = isCentered ? high - low : (high - low).maximum(1)
    let step = length / Double(cells * samples)
    let middles = Tensor.range(0, cells * samples, dtype: low.dtype) + 0.5
    return low.expandDims(axis: 1) + middles * step.expandDims(axis: 1)
  }
}
