import PlushEngine
import PlushTensor

// Arrays of other sizes. Each axis is resized on its own: nearest elements by gathering, the others
// by a product with a matrix of weights.

extension ONNXOperators {
  static let resizing: [String: ONNXOperator] = [
    "Resize": { context in
      let x = try context.input(0, rank: 1...16)
      // Version 10 had no region.
      let scales = context.opset < 11 ? 1 : 2
      return [
        try ResizeSettings(context, x, scales: context.numbers(scales), sizes: context.integers(3))
          .resize(x)
      ]
    },
    "Upsample": { context in
      let x = try context.input(0, rank: 1...16)
      let scales = try context.floats("scales") ?? context.numbers(1)
      var settings = try ResizeSettings(context, x, scales: scales, sizes: nil)
      settings.coordinates = "asymmetric"
      settings.nearest = "floor"
      return [try settings.resize(x)]
    },
  ]
}

/// How an array is resized.
private struct ResizeSettings {
  let context: NodeContext
  var axes: [Int]
  /// Result by original, for each axis.
  var scales: [Double]
  var sizes: [Int]
  /// The part of each axis that the result shows, from 0 to 1.
  var region: [(Double, Double)]
  var coordinates: String
  var nearest: String
  let mode: String

  init(_ context: NodeContext, _ x: Tensor, scales: [Double]?, sizes: [Int]?) throws {
    self.context = context
    axes = try context.axes(context.ints("axes") ?? Array(x.shape.indices), rank: x.rank)
    mode = context.string("mode") ?? "nearest"
    coordinates =
      context.string("coordinate_transformation_mode")
      ?? (context.opset < 11 ? "asymmetric" : "half_pixel")
    nearest =
      context.string("nearest_mode") ?? (context.opset < 11 ? "floor" : "round_prefer_floor")
    let original = axes.map { x.shape[$0] }
    if let scales, !scales.isEmpty {
      try context.require(
        scales.count == axes.count && scales.allSatisfy { $0 > 0 && $0 < 1e9 },
        "\(axes.count) scales above 0", "\(scales)")
      self.scales = scales
      self.sizes = zip(original, scales).map { Int((Double($0) * $1).rounded(.down)) }
    } else {
      let sizes = sizes ?? []
      try context.require(
        sizes.count == axes.count && sizes.allSatisfy { $0 > 0 && $0 < 1 << 24 },
        "\(axes.count) sizes above 0", "\(sizes)")
      self.scales = zip(sizes, original).map { Double($0) / Double(Swift.max(1, $1)) }
      self.sizes = sizes
    }
    region = axes.map { _ in (0, 1) }
    let roi =
      context.opset < 11 || coordinates != "tf_crop_and_resize" ? nil : try context.numbers(1)
    if let roi, roi.count == axes.count * 2 {
      region = axes.indices.map { (roi[$0], roi[$0 + axes.count]) }
    }
    keepAspectRatio(original)
    var shape = x.shape
    for (axis, size) in zip(axes, self.sizes) { shape[axis] = size }
    try context.require(
      self.sizes.allSatisfy { $0 < 1 << 24 }, "sizes below \(1 << 24)", "\(self.sizes)")
    _ = try context.checked(shape)
  }

  /// One scale for all axes, the least or the largest.
  private mutating func keepAspectRatio(_ original: [Int]) {
    let policy = context.string("keep_aspect_ratio_policy") ?? "stretch"
    guard policy != "stretch" else { return }
    let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
    scales = scales.map { _ in scale }
    sizes = original.map { Int((scale * Double($0)).rounded(.toNearestOrAwayFromZero)) }
  }

  func resize(_ x: Tensor) throws -> Tensor {
    try context.require(x.count > 0, "elements", "shape \(x.shape)")
    try context.require(
      ["nearest", "linear", "cubic", "bilinear"].contains(mode), "nearest, linear or cubic", mode)
    let isWhole = mode == "nearest" || x.dtype.isFloating
    var result = isWhole ? x : x.cast(to: .float32)
    var isOutside: Tensor?
    for place in axes.indices where !isUnchanged(place, x) {
      let axis = axes[place]
      let size = x.shape[axis]
      let positions = (0..<sizes[place]).map { position($0, place, size) }
      if mode == "nearest" {
        result = result.gather(Tensor(positions.map { nearestElement($0, size) }), axis: axis)
      } else {
        result = result.mixed(axis, weights(positions, size, scales[place]))
      }
      if coordinates == "tf_crop_and_resize" {
        let outside = positions.map { $0 < 0 || $0 > Double(size - 1) }
        let line = x.shape.indices.map { $0 == axis ? -1 : 1 }
        let mask = Tensor(outside, shape: [outside.count]).reshape(line)
        isOutside = isOutside.map { $0.logicalOr(mask) } ?? mask
      }
    }
    if let isOutside {
      result = isOutside.select(context.float("extrapolation_value", 0), result)
    }
    return result.like(x)
  }

  private func isUnchanged(_ place: Int, _ x: Tensor) -> Bool {
    scales[place] == 1 && sizes[place] == x.shape[axes[place]] && region[place] == (0, 1)
  }

  /// Where an element of the result lies on the original axis.
  private func position(_ element: Int, _ place: Int, _ size: Int) -> Double {
    let (x, scale, count) = (Double(element), scales[place], Double(size))
    let result = sizes[place]
    switch coordinates {
    case "asymmetric": return x / scale
    case "align_corners":
      let length = scale * count
      return length <= 1 ? 0 : x * (count - 1) / (length - 1)
    case "pytorch_half_pixel": return result > 1 ? (x + 0.5) / scale - 0.5 : 0
    case "half_pixel_symmetric":
      // The result's true length may have been cut.
      let adjustment = Double(result) / (scale * count)
      return count / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
    case "tf_crop_and_resize":
      let (start, end) = region[place]
      if result == 1 { return 0.5 * (start + end) * (count - 1) }
      return start * (count - 1) + x * (end - start) * (count - 1) / Double(result - 1)
    default: return (x + 0.5) / scale - 0.5
    }
  }

  private func nearestElement(_ position: Double, _ size: Int) -> Int32 {
    let rounded: Double =
      switch nearest {
      case "floor": position.rounded(.down)
      case "ceil": position.rounded(.up)
      case "round_prefer_ceil": (position + 0.5).rounded(.down)
      default: (position - 0.5).rounded(.up)
      }
    return Int32(Swift.min(Swift.max(rounded, 0), Double(size - 1)))
  }

  /// How much each element of the original counts for each of the result: [result, original].
  private func weights(_ positions: [Double], _ size: Int, _ scale: Double) -> [[Double]] {
    let spread = context.flag("antialias") && scale < 1 ? 1 / scale : 1
    let isCubic = mode == "cubic"
    let reach = (isCubic ? 2 : 1) * spread
    return positions.map { position in
      let first = Int((position - reach).rounded(.down)) + 1
      let last = Int((position + reach).rounded(.up)) - 1
      var row = [Double](repeating: 0, count: size)
      var taps = (first...Swift.max(first, last)).map {
        ($0, weight((Double($0) - position) / spread))
      }
      if context.flag("exclude_outside") { taps = taps.filter { 0..<size ~= $0.0 } }
      let sum = taps.reduce(0) { $0 + $1.1 }
      for (element, weight) in taps where sum != 0 {
        row[Swift.min(Swift.max(element, 0), size - 1)] += weight / sum
      }
      return row
    }
  }

  private func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    guard mode == "cubic" else { return Swift.max(0, 1 - x) }
    let a = context.float("cubic_coeff_a", -0.75)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
  }
}

extension Tensor {
  /// The sums of elements along an axis with these weights.
  fileprivate func mixed(_ axis: Int, _ weights: [[Double]]) -> Tensor {
    let matrix = Tensor(
      weights.flatMap { $0 }, shape: [weights.count, shape[axis]], dtype: dtype)
    let outer = shape[..<axis].reduce(1, *)
    let product = matrix.matmul(reshape([outer, shape[axis], -1]))
    return product.reshape(shape[..<axis] + [weights.count] + shape[(axis + 1)...])
  }
}
